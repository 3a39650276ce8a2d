"""A run, its broker and its market, each doing what the test says and nothing else."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from commands.recording import record_all
from domain.book import BookOrder, OrderStatus
from domain.contract import Side
from domain.following import next_steps
from domain.ledger import expected_net
from domain.model import DomainEvent, Refused, acting
from domain.payoff import Position, uncovered_short
from domain.quote import Quote
from domain.run import Run
from domain.run_terms import Reference
from domain.slices import Leg, Slice
from domain.steps import Ask, Cancel, Facts, Need, Plan, Release, Reprice, Settlement, Step, Wait
from tests.domain.adversary import DUE, EXIT, at, condor, opened

CALL, HEDGE_CALL, PUT, HEDGE_PUT = range(4)
"""The legs of the condor: short call, its hedge, short put, its hedge."""


def plan_of(legs: tuple[Leg, ...], exit_at: datetime | None = EXIT) -> Plan:
    return Plan(
        legs=legs,
        reference=Reference(price=Decimal(24500), source="SPOT"),
        allowed_uncovered=uncovered_short(
            Position.of(leg.contract, leg.side, leg.quantity) for leg in legs
        ),
        exit_at=exit_at,
    )


@dataclass
class Placed:
    """An order as the broker has it."""

    intent: Slice
    key: str
    order_id: str
    price: Decimal
    status: OrderStatus = OrderStatus.OPEN
    filled: int = 0
    average: Decimal = Decimal(0)
    shown: bool = True
    message: str | None = None
    day: str = ""

    def row(self) -> BookOrder:
        return BookOrder(
            broker_order_id=self.order_id,
            tags=(self.intent.tag,),
            key=self.key,
            side=self.intent.side,
            product="MIS",
            quantity=self.intent.quantity,
            filled=self.filled,
            average_price=self.average,
            status=self.status,
            price=self.price,
            message=self.message,
        )


Outcome = Callable[["Floor", Slice], None]


@dataclass
class Floor:
    """Where the run trades; `outcomes` is what becomes of the next orders, `accept` after that."""

    run: Run = field(default_factory=opened)
    plan: Plan | Refused = field(default_factory=lambda: plan_of(condor()))
    now: datetime = DUE
    worker: str = "W1"
    block: str | None = None
    trouble: str | None = None
    cancels_work: bool = True
    moves_work: bool = True
    settles: bool = True
    book_complete: bool = True
    by_hand: dict[str, int] = field(default_factory=dict)
    prices: dict[int, tuple[str, str]] = field(default_factory=dict)
    stale: bool = False
    next_tick_s: int = 30
    torn: bool = False
    """Fills fall between the look at the book and the look at the positions."""
    outcomes: list[Outcome] = field(default_factory=list)
    orders: list[Placed] = field(default_factory=list)
    events: list[DomainEvent] = field(default_factory=list)
    died: bool = False

    # ── the platform ──────────────────────────────────────────────────────────────────────

    def follow(self) -> datetime | None:
        """All that can be done now; answers when to look again."""
        facts = Facts(worker=self.worker)
        self.died = False
        for _ in range(100):
            steps = next_steps(self.run, self.now, facts)
            if not steps:
                return None
            if isinstance(steps[0], Ask):
                facts = self.gather(steps[0].needs, facts)
                continue
            self.record(lambda steps=steps: record_all(self.run, steps, self.worker))  # type: ignore[misc]  # bound now
            self.carry_out(steps)
            if self.died or isinstance(steps[-1], Wait):
                return steps[-1].until if isinstance(steps[-1], Wait) else self.now
            facts = replace(facts, asked=frozenset(), drift=None, plan=None)
        raise AssertionError("going in circles")

    def record(self, decide: Callable[[], Any]) -> None:
        """Let events arise at this moment, and keep them."""
        with acting(at(self.now)):
            decide()
        self.events += [e for e in self.run.collect_events() if isinstance(e, DomainEvent)]

    def gather(self, needs: frozenset[Need], facts: Facts) -> Facts:
        if self.trouble and needs & {Need.BOOK, Need.DRIFT}:
            return replace(facts, asked=facts.asked | needs, trouble=self.trouble)
        book = tuple(o.row() for o in self.orders if o.shown)
        worth = Settlement(price=Decimal(50), estimated=True)
        legs = self.legs
        return replace(
            facts,
            asked=facts.asked | needs,
            book=book,
            quotes=self.quotes(),
            block=self.block,
            plan=self.plan,
            drift=None if self.torn else self.drift(book),
            settlement={leg.contract.key: worth for leg in legs} if self.settles else {},
            next_tick=self.now + timedelta(seconds=self.next_tick_s),
        )

    @property
    def legs(self) -> tuple[Leg, ...]:
        return self.run.legs or (self.plan.legs if isinstance(self.plan, Plan) else ())

    def quotes(self) -> dict[str, Quote]:
        seen = self.now - timedelta(seconds=60 if self.stale else 0)
        found = {}
        for number, leg in enumerate(self.legs):
            bid, ask = (Decimal(p) for p in self.prices.get(number, ("99", "100")))
            found[leg.contract.key] = Quote(at=seen, last=(bid + ask) / 2, bid=bid, ask=ask)
        return found

    def drift(self, book: tuple[BookOrder, ...]) -> dict[str, int]:
        expected = expected_net([self.run], book)
        return {key: units - expected.get((key, "MIS"), 0) for key, units in self.net().items()}

    def carry_out(self, steps: tuple[Step, ...]) -> None:
        for step in steps:
            match step:
                case Release():
                    for intent in step.slices:
                        if not self.died:
                            (self.outcomes.pop(0) if self.outcomes else accept)(self, intent)
                case Cancel(tag) if self.cancels_work:
                    order = self.order(tag)
                    if order.status is OrderStatus.OPEN:
                        order.status = OrderStatus.CANCELLED
                case Reprice(tag, price):
                    if self.moves_work:
                        self.order(tag).price = price
                    else:
                        self.record(lambda tag=tag: self.run.change_refused(tag, "being processed"))  # type: ignore[misc]  # bound now

    def place(self, intent: Slice, **more: Any) -> Placed:
        assert intent.tag not in {o.intent.tag for o in self.orders}, "sent twice"
        key = self.legs[intent.leg].contract.key
        number = f"O{len(self.orders) + 1}"
        placed = Placed(intent=intent, key=key, order_id=number, price=intent.price, **more)
        self.orders.append(placed)
        return placed

    # ── the world ─────────────────────────────────────────────────────────────────────────

    def after(self, seconds: float) -> Floor:
        """Let time pass, and follow."""
        self.now += timedelta(seconds=seconds)
        self.follow()
        return self

    def until(self, moment: datetime) -> Floor:
        self.now = moment
        self.follow()
        return self

    def order(self, tag: str) -> Placed:
        return next(o for o in self.orders if o.intent.tag == tag)

    def live(self, leg: int | None = None) -> list[Placed]:
        """Orders open at the broker."""
        return [
            o for o in self.orders if o.status is OrderStatus.OPEN and leg in (None, o.intent.leg)
        ]

    def fill(self, leg: int | None = None, units: int | None = None, price: str = "100") -> Floor:
        """Executions of what is open, all of it unless said otherwise; then the run is followed."""
        for order in self.live(leg):
            self.execute(order, units, price)
        return self.after(0.25)

    def execute(self, order: Placed, units: int | None = None, price: str | None = None) -> None:
        more = order.intent.quantity - order.filled if units is None else units
        at_price = Decimal(price) if price else order.price
        paid = order.average * order.filled + at_price * more
        order.filled += more
        order.average = paid / order.filled
        if order.filled == order.intent.quantity:
            order.status = OrderStatus.COMPLETE

    def end(self, order: Placed, status: OrderStatus, message: str | None = None) -> Floor:
        order.status, order.message = status, message
        return self.after(0.25)

    def net(self) -> dict[str, int]:
        """The broker's net: our orders, and what somebody traded by hand."""
        net = {leg.contract.key: self.by_hand.get(leg.contract.key, 0) for leg in self.legs}
        for order in self.orders:
            net[order.key] += order.intent.side.sign * order.filled
        return net

    def entered(self) -> Floor:
        """Everything filled at ₹100: hedges, then shorts."""
        self.follow()
        return self.fill().fill()

    def leave(self, reason: str = "TRADER") -> Floor:
        self.record(lambda: self.run.request_exit(reason, "wants out"))
        self.follow()
        return self

    # ── what was seen ─────────────────────────────────────────────────────────────────────

    def facts(self, kind: str | None = None) -> list[Any]:
        """The events so far, or those of one kind."""
        return [e for e in self.events if kind is None or type(e).__name__ == kind]

    def sent(self, side: Side | None = None, leg: int | None = None) -> list[Slice]:
        """What was released, in order."""
        return [
            s
            for e in self.facts("PhaseReleased")
            for s in e.slices
            if side in (None, s.side) and leg in (None, s.leg)
        ]


# ── what may become of an order ───────────────────────────────────────────────────────────


def accept(floor: Floor, intent: Slice) -> None:
    order = floor.place(intent)
    floor.record(lambda: floor.run.accepted(intent.tag, order.order_id))


def reject(message: str) -> Outcome:
    def outcome(floor: Floor, intent: Slice) -> None:
        floor.record(lambda: floor.run.rejected(intent.tag, message))

    return outcome


def not_sent(floor: Floor, intent: Slice) -> None:
    floor.record(lambda: floor.run.unsent(intent.tag, "too many requests"))


def lose_answer(*, arrives: bool, shown: bool = True) -> Outcome:
    """The call times out; the order is there or not, and seen in the book or not yet."""

    def outcome(floor: Floor, intent: Slice) -> None:
        if arrives:
            floor.place(intent, shown=shown)
        floor.record(lambda: floor.run.unknown(intent.tag, "timed out"))

    return outcome


def die(*, arrives: bool) -> Outcome:
    """The worker is killed before or after the broker heard of it."""

    def outcome(floor: Floor, intent: Slice) -> None:
        if arrives:
            floor.place(intent)
        floor.died = True

    return outcome
