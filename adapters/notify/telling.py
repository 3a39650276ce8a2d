"""What the API and the command line do with targets: show them, choose them, try them out."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from threading import Lock, Thread
from typing import Final

from adapters.notify.message import Message
from adapters.notify.target import tell
from adapters.notify.targets import Targets
from domain.gravity import Gravity

#: Seconds for all targets together, and between two trials of a user.
PATIENCE_S: Final = 12.0
PAUSE_S: Final = 10.0
HELLO: Final = Message(
    title="INFO: test",
    body="This is a test message of the trading platform: you will be told here.",
    gravity=Gravity.INFO,
)


class Trial(StrEnum):
    """What became of a test message."""

    SENT = "SENT"
    REFUSED = "REFUSED"
    NO_ANSWER = "NO_ANSWER"


class TooSoon(Exception):
    """The user tried out their targets a moment ago."""


def nobody(_: str) -> frozenset[str]:
    """No target is known to fail."""
    return frozenset()


@dataclass(frozen=True, kw_only=True)
class Telling:
    """Targets, and which of them do not listen."""

    targets: Targets
    failing: Callable[[str], frozenset[str]] = nobody
    _tried: dict[str, float] = field(default_factory=dict)
    _lock: Lock = field(default_factory=Lock)

    def try_out(self, user_id: str) -> Mapping[str, Trial]:
        """Send a test message to every target of the user; raises TooSoon."""
        with self._lock:
            now = time.monotonic()
            if now - self._tried.get(user_id, -PAUSE_S) < PAUSE_S:
                raise TooSoon
            self._tried[user_id] = now
        self.targets.changed(user_id)
        return tried(self.targets.urls(user_id))


def tried(urls: Mapping[str, str], patience: float = PATIENCE_S) -> Mapping[str, Trial]:
    """Send a test message to all of these at once."""
    outcomes = dict.fromkeys(urls, Trial.NO_ANSWER)

    def send(name: str, url: str) -> None:
        outcomes[name] = Trial.SENT if tell(url, HELLO) else Trial.REFUSED

    # Daemons: one that hangs must not keep anybody from ending.
    threads = [Thread(target=send, args=each, daemon=True) for each in urls.items()]
    for thread in threads:
        thread.start()
    until = time.monotonic() + patience
    for thread in threads:
        thread.join(max(0.0, until - time.monotonic()))
    return dict(outcomes)
