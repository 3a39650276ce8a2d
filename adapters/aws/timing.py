"""How late a run's first order is, and how long orders wait for their places in the lane."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from threading import local
from typing import Final

from adapters.aws.measured import Measured, Name
from adapters.aws.metrics import due_to_broker
from commands.follow import Follower
from commands.sending import Answer, Dealer
from domain.run import Run
from domain.slices import Slice

#: An order waited for its place if it had to wait for longer than this.
AT_ONCE: Final = timedelta(milliseconds=1)


@dataclass(kw_only=True)
class Timing:
    """What one call measured; safe to be told by any thread."""

    measured: list[Measured] = field(default_factory=list)
    _under_way: local = field(default_factory=local)

    @contextmanager
    def of(self, follower: Follower) -> Iterator[None]:
        """Measure what this follower sends while inside."""
        usual = follower.dealer
        follower.dealer = lambda account_id: self._timed(usual(account_id))
        try:
            yield
        finally:
            follower.dealer = usual

    def _timed(self, dealer: Dealer) -> Dealer:
        return TimedDealer(
            broker=dealer.broker,
            lane=dealer.lane,
            clock=dealer.clock,
            boundary=dealer.boundary,
            timing=self,
        )

    def placing(self, run: Run) -> None:
        """This thread is about to place an order of the run."""
        self._under_way.run = run

    def called(self, dealer: Dealer, waited: timedelta) -> None:
        """Its broker is called from here on."""
        run: Run | None = self._under_way.__dict__.pop("run", None)
        if run is None:
            return
        about = {"run_id": run.id}
        if waited > AT_ONCE:
            ms = waited.total_seconds() * 1000
            self.measured.append(Measured(Name.LANE_WAIT, ms, run.terms.broker, about))
        first = not any(state.broker_order_id for state in run.slices.values())
        if first and not any(one.name is Name.DUE_TO_BROKER and one.about == about
                             for one in self.measured):  # fmt: skip
            self.measured.append(due_to_broker(run, dealer.clock.now()))


@dataclass(frozen=True, kw_only=True)
class TimedDealer(Dealer):
    """Sends as any dealer does."""

    timing: Timing

    def place(
        self, run: Run, intent: Slice, deadline: float, overtaken: Callable[[Run], bool]
    ) -> Answer:
        self.timing.placing(run)
        return super().place(run, intent, deadline, overtaken)

    def in_time(
        self, entry: bool, deadline: float, wished_away: Callable[[], bool] = lambda: False
    ) -> bool:
        began = self.clock.now()
        in_time = super().in_time(entry, deadline, wished_away)
        if in_time:
            self.timing.called(self, self.clock.now() - began)
        return in_time
