"""Keys and tokens out of whatever is about to be logged: Kite has them in its WebSocket's URL."""

from __future__ import annotations

import logging
import re
from typing import Final

SECRETS: Final = re.compile(
    r"""((?:api_key|access_token|request_token|api_secret|enctoken)["']?\s*[=:]\s*["']?)"""
    r"""[^&\s"',;)]+""",
    re.IGNORECASE,
)
LONGEST: Final = 500


def scrubbed(text: str) -> str:
    """The text without the values of keys and tokens."""
    return SECRETS.sub(r"\1…", text)


def told(error: BaseException) -> str:
    """An error for a log or an alarm: its kind, and a text without secrets."""
    return f"{type(error).__name__}: {scrubbed(str(error))[:LONGEST]}"


class Scrubbing(logging.Filter):
    """Takes secrets out of every record of a logger that others write to."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Let everything pass, scrubbed; a traceback becomes text, so that nobody formats it."""
        record.msg, record.args = scrubbed(record.getMessage()), ()
        if record.exc_info and record.exc_info[1] is not None:
            record.exc_text = told(record.exc_info[1])
            record.exc_info = None
        return True


def scrubbed_logger(name: str) -> logging.Logger:
    """A logger for a library that would log its URLs."""
    log = logging.getLogger(name)
    if not any(isinstance(each, Scrubbing) for each in log.filters):
        log.addFilter(Scrubbing())
    return log
