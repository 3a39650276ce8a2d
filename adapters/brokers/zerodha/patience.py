"""How long the stream waits: for a sign of life, and between attempts."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random


@dataclass(frozen=True, slots=True, kw_only=True)
class Patience:
    """Real seconds, for the network does not hurry with a practice day.

    Kite's heartbeat comes every couple of seconds: `silence_s` without a byte is a dead line.
    """

    silence_s: float = 8.0
    first_pause_s: float = 0.5
    longest_pause_s: float = 30.0
    opening_s: float = 7.0
    closing_s: float = 1.0
    look_for_login_s: float = 30.0


class Pauses:
    """Pauses between attempts: each up to twice as long as the last, and never quite the same."""

    def __init__(self, patience: Patience, chance: Random) -> None:
        self._patience = patience
        self._chance = chance
        self._attempts = 0

    def next(self) -> float:
        """Real seconds."""
        doubled = self._patience.first_pause_s * 2 ** min(self._attempts, 16)
        most = min(doubled, self._patience.longest_pause_s)
        self._attempts += 1
        return self._chance.uniform(most / 2, most)

    def forget(self) -> None:
        """The line is good again."""
        self._attempts = 0
