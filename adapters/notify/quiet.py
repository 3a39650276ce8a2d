"""What must not be said: secrets in messages, and what libraries log while they hold one."""

from __future__ import annotations

import logging
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

HIDDEN: Final = "…"
#: User and password in an address, and values that are named as secrets.
PATTERNS: Final = (
    (re.compile(r"(?i)\b([a-z][a-z0-9+.-]*://)[^\s/@]*@"), rf"\1{HIDDEN}@"),
    (
        re.compile(
            r"(?i)\b((?:access|request|refresh|enc)?_?token|api_?(?:key|secret)|secret|password|"
            r"passwd|pwd|checksum|signature|authorization|auth)(['\"]?\s*[=:]\s*['\"]?)"
            r"((?:token|bearer|basic)\s+)?[^\s'\"&,;)]+"
        ),
        rf"\1\2{HIDDEN}",
    ),
)
#: Loggers of libraries that are told whole addresses; a filter counts for one logger only, and not
#: for those below it, hence every name.
TALKATIVE: Final = (
    "apprise",
    "asyncio",
    "charset_normalizer",
    "oauthlib",
    "oauthlib.oauth1.rfc5849",
    "paho",
    "requests",
    "requests_oauthlib",
    "requests_oauthlib.oauth1_auth",
    "slixmpp",
    "urllib3",
    "urllib3.connection",
    "urllib3.connectionpool",
    "urllib3.poolmanager",
    "urllib3.util.retry",
)

_own = threading.local()


def scrubbed(text: str) -> str:
    """The text without passwords in addresses and without values that are named as secrets."""
    for pattern, instead in PATTERNS:
        text = pattern.sub(instead, text)
    return text


class Withheld(logging.Filter):
    """Drops what a library logs in a thread that is about something secret."""

    def filter(self, record: logging.LogRecord) -> bool:
        return not getattr(_own, "secret", False) and record.name != "apprise"


_withheld: Final = Withheld()


@contextmanager
def secretly() -> Iterator[None]:
    """While inside, libraries log nothing of what this thread does."""
    for name in TALKATIVE:
        logging.getLogger(name).addFilter(_withheld)  # adding it again changes nothing
    before = getattr(_own, "secret", False)
    _own.secret = True
    try:
        yield
    finally:
        _own.secret = before
