"""The way to one target: what waits for it, how fast it may be told, and whether it listens."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from adapters.notify.message import Manner, Message, single, summary
from projections.inbox import Notice

#: Seconds until a target that failed is tried again, by the number of failures; then the last.
BACKOFF: Final = (2.0, 8.0, 30.0, 120.0, 600.0)
#: Failures after which a target counts as broken, tries after which a notice is given up, notices
#: that may wait, and seconds after which a target that does not answer counts as hanging.
BROKEN, TRIES, WAITING, HANGING_S = 3, 8, 500, 20.0


@dataclass(frozen=True, kw_only=True)
class Rate:
    """How fast one target may be told: so many at once, and then so many a minute."""

    burst: int = 5
    per_minute: float = 6.0


@dataclass(kw_only=True)
class Waiting:
    """A notice on its way; one that is late is summed up with the others."""

    notice: Notice
    late: bool = False
    tries: int = 0


@dataclass(kw_only=True)
class Line:
    """Kept by the notifier under its lock; times are seconds of a clock that never turns back."""

    url: str = field(repr=False)
    manner: Manner
    rate: Rate = Rate()
    waiting: list[Waiting] = field(default_factory=list)
    under_way: list[Waiting] = field(default_factory=list)
    since: float | None = None
    failures: int = 0
    not_before: float = 0.0
    left_out: int = 0
    _tokens: float | None = None
    _counted_at: float = 0.0

    def add(self, waiting: Waiting) -> Notice | None:
        """Let it wait; answers what found no room any more."""
        self.waiting.append(waiting)
        if len(self.waiting) <= WAITING:
            return None
        least = min(self.waiting, key=lambda w: (w.notice.gravity.weight, w.notice.at))
        self.waiting.remove(least)
        self.left_out += 1
        return least.notice

    def ready(self, now: float) -> bool:
        """Whether something may go out now."""
        idle = self.since is None and bool(self.waiting)
        return idle and now >= self.not_before and self._refilled(now) >= 1

    def take(self, now: float) -> Message:
        """The next message, which counts as under way; only where one is ready."""
        tokens = self._refilled(now)
        self._tokens = tokens - 1
        self.since = now
        together = self.failures > 0 or tokens < 2 or any(w.late for w in self.waiting)
        if together or len(self.waiting) == 1:
            self.under_way, self.waiting = self.waiting, []
        else:
            gravest = min(
                self.waiting, key=lambda w: (-w.notice.gravity.weight, w.notice.at, w.notice.id)
            )
            self.waiting.remove(gravest)
            self.under_way = [gravest]
        notices = [each.notice for each in self.under_way]
        if len(notices) == 1 and not self.left_out:
            return single(notices[0], self.manner)
        return summary(notices, self.manner, self.left_out)

    def settle(self, taken: bool, now: float) -> Sequence[Notice]:
        """The target took it, or did not; answers what is done with, told or given up."""
        sent, self.under_way, self.since = self.under_way, [], None
        if taken:
            self.failures, self.left_out = 0, 0
            return [each.notice for each in sent]
        self.failures += 1
        self.not_before = now + BACKOFF[min(self.failures, len(BACKOFF)) - 1]
        for each in sent:
            each.tries += 1
        self.waiting[:0] = [each for each in sent if each.tries < TRIES]
        given_up = [each.notice for each in sent if each.tries >= TRIES]
        self.left_out += len(given_up)
        return given_up

    def hanging(self, now: float) -> bool:
        """Whether it was told something, and has not answered for long."""
        return self.since is not None and now - self.since > HANGING_S

    def broken(self, now: float) -> bool:
        return self.failures >= BROKEN or self.hanging(now)

    def _refilled(self, now: float) -> float:
        if self._tokens is None:
            self._tokens = float(self.rate.burst)
        else:
            gained = (now - self._counted_at) * self.rate.per_minute / 60
            self._tokens = min(float(self.rate.burst), self._tokens + gained)
        self._counted_at = now
        return self._tokens
