"""The only place that calls the broker to trade: for a stored intent, by its owner, in time."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import partial
from typing import Final

from commands.ports import Broker, Clock, Lane
from domain.book import NotSent, OrderType, Rejected, SessionExpired, Ticket, Unknown
from domain.run import Run
from domain.slices import Slice
from domain.steps import Cancel, Release, Reprice, Step

#: Whoever waits for a place in the lane looks this often whether it is still wanted.
GLANCE_S: Final = 1.0
#: Named moments at which a test may end the process; nothing happens there otherwise.
Boundary = Callable[[str], None]


def nowhere(_: str) -> None:
    """The boundary of a platform that nobody tries to kill."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What became of one call, to be recorded on the run."""

    tag: str
    kind: str
    text: str

    def record(self, run: Run) -> None:
        match self.kind:
            case "accepted":
                run.accepted(self.tag, self.text)
            case "rejected":
                run.rejected(self.tag, self.text)
            case "unsent":
                run.unsent(self.tag, self.text)
            case "refused":
                run.change_refused(self.tag, self.text)
            case _:
                run.unknown(self.tag, self.text)


def answered(run: Run, answers: Iterable[Answer]) -> None:
    """Record what the broker answered."""
    for answer in answers:
        answer.record(run)


@dataclass(frozen=True, kw_only=True)
class Dealer:
    """One account's way to its broker: calls in its lane, and none after the owner's deadline."""

    broker: Broker
    lane: Lane
    clock: Clock
    boundary: Boundary = field(default=nowhere)

    def carry_out(
        self,
        run: Run,
        steps: Iterable[Step],
        deadline: float,
        overtaken: Callable[[Run], bool] = lambda _: False,
    ) -> list[Answer]:
        """Do what was just recorded; answers of placed orders come back to be recorded.

        New risk that still waits for its place in the lane is not taken once the run is overtaken
        by a wish: who wants it to leave need not wait for the rest of its orders.
        """
        answers: list[Answer] = []
        for step in steps:
            match step:
                case Release():
                    answers += [self.place(run, one, deadline, overtaken) for one in step.slices]
                case Reprice(tag, price):
                    move = partial(self.broker.modify, price=price)
                    entry = run.slices[tag].intent.phase.is_entry
                    answers += self.change(run, tag, move, deadline, entry=entry)
                case Cancel(tag):  # it takes risk away, so it goes with the exits
                    answers += self.change(run, tag, self.broker.cancel, deadline, entry=False)
        return answers

    def place(
        self, run: Run, intent: Slice, deadline: float, overtaken: Callable[[Run], bool]
    ) -> Answer:
        leg = run.legs[intent.leg]
        ticket = Ticket(
            tag=intent.tag,
            contract=leg.contract,
            side=intent.side,
            quantity=intent.quantity,
            product=run.terms.product,
            order_type=OrderType(intent.order_type),
            price=intent.price,
        )
        entry = intent.phase.is_entry

        def wished_away() -> bool:
            return entry and overtaken(run)

        try:
            in_time = self.in_time(entry, deadline, wished_away)
            if wished_away():
                return Answer(intent.tag, "unsent", "something else was wished meanwhile")
            if not in_time:
                return Answer(intent.tag, "unsent", "its worker's lease was running out")
            order_id = self.broker.place(ticket)
        except Rejected as error:
            return Answer(intent.tag, "rejected", str(error))
        except (NotSent, SessionExpired) as error:
            return Answer(intent.tag, "unsent", str(error))
        except Unknown as error:
            return Answer(intent.tag, "unknown", str(error))
        self.boundary("after-call")
        return Answer(intent.tag, "accepted", order_id)

    def change(
        self, run: Run, tag: str, ask: Callable[[str], None], deadline: float, *, entry: bool
    ) -> list[Answer]:
        """Ask for a new price or a cancellation: the book will tell, a refusal is only noted."""
        state = run.slices[tag]
        if state.broker_order_id is None:
            return []
        try:
            if not self.in_time(entry, deadline):
                return [Answer(tag, "refused", "its worker's lease was running out")]
            ask(state.broker_order_id)
        except (Rejected, NotSent, SessionExpired, Unknown) as error:
            return [Answer(tag, "refused", str(error) or type(error).__name__)]
        self.boundary("after-call")
        return []

    def in_time(
        self, entry: bool, deadline: float, wished_away: Callable[[], bool] = lambda: False
    ) -> bool:
        """Wait for a place in the lane; False when the wait, or a stall, went past the deadline,
        or nobody wants it any more."""
        while wait := self.lane.place(entry=entry):
            if wished_away() or self.clock.monotonic() >= deadline:
                return False
            self.clock.sleep(min(wait, GLANCE_S))
        self.boundary("before-call")
        return self.clock.monotonic() < deadline
