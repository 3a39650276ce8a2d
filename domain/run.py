"""One run of a strategy on an account: the whole state of the process that trades it."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, ClassVar, Final, Self

from eventsourcing.domain import triggers

from domain.book import BookOrder
from domain.model import Created, DomainEvent, Refused, origin
from domain.resource import Resource
from domain.run_terms import Reference, Stage, Terms
from domain.slice_state import SliceState, said_by
from domain.slices import Leg, Phase, Slice, SliceStatus

#: How often an alarm that goes on is raised again.
ALERT_AGAIN: Final = timedelta(minutes=1)


class Run(Resource):
    """The only place where intent to trade is written; orders and positions are its views."""

    TOPIC = "run"

    class Opened(Created, frozen=True):
        TOPIC: ClassVar[str] = "run.opened"
        install: str
        slot: str
        terms: Terms
        definition: dict[str, Any]  # the strategy as it was, for whoever asks years later
        due_at: datetime
        exit_at: datetime | None

    class Skipped(DomainEvent, frozen=True):
        TOPIC: ClassVar[str] = "run.skipped"
        reason: str
        detail: str

    class Claimed(DomainEvent, frozen=True):
        TOPIC: ClassVar[str] = "run.claimed"
        epoch: int
        worker: str
        until: datetime

    class Planned(DomainEvent, frozen=True):
        TOPIC: ClassVar[str] = "run.planned"
        legs: tuple[Leg, ...]
        reference: Reference
        allowed_uncovered: int
        exit_at: datetime | None

    class PhaseReleased(DomainEvent, frozen=True):
        TOPIC: ClassVar[str] = "run.phase_released"
        phase: Phase
        epoch: int
        slices: tuple[Slice, ...]

    class SliceAccepted(DomainEvent, frozen=True):
        TOPIC: ClassVar[str] = "run.slice_accepted"
        tag: str
        broker_order_id: str

    class SliceRejected(DomainEvent, frozen=True):
        TOPIC: ClassVar[str] = "run.slice_rejected"
        tag: str
        message: str

    class SliceUnsent(DomainEvent, frozen=True):
        TOPIC: ClassVar[str] = "run.slice_unsent"
        tag: str
        message: str

    class SliceUnknown(DomainEvent, frozen=True):
        TOPIC: ClassVar[str] = "run.slice_unknown"
        tag: str
        message: str

    class SliceAbsent(DomainEvent, frozen=True):
        TOPIC: ClassVar[str] = "run.slice_absent"
        tag: str
        evidence: str

    class SliceSeen(DomainEvent, frozen=True):
        TOPIC: ClassVar[str] = "run.slice_seen"
        tag: str
        broker_order_id: str
        status: SliceStatus
        filled: int
        average_price: Decimal
        message: str | None = None

    class SliceDeclaredFilled(DomainEvent, frozen=True):
        TOPIC: ClassVar[str] = "run.slice_declared_filled"
        tag: str
        filled: int
        average_price: Decimal
        why: str

    class Repriced(DomainEvent, frozen=True):
        TOPIC: ClassVar[str] = "run.repriced"
        tag: str
        price: Decimal

    class PriceWished(DomainEvent, frozen=True):
        TOPIC: ClassVar[str] = "run.price_wished"
        tag: str
        price: Decimal

    class CancelAsked(DomainEvent, frozen=True):
        TOPIC: ClassVar[str] = "run.cancel_asked"
        tag: str

    class ChangeRefused(DomainEvent, frozen=True):
        TOPIC: ClassVar[str] = "run.change_refused"
        tag: str
        message: str

    class Entered(DomainEvent, frozen=True):
        TOPIC: ClassVar[str] = "run.entered"
        net_premium: Decimal

    class ExitRequested(DomainEvent, frozen=True):
        TOPIC: ClassVar[str] = "run.exit_requested"
        reason: str
        detail: str
        mtm: Decimal | None = None

    class Alerted(DomainEvent, frozen=True):
        TOPIC: ClassVar[str] = "run.alerted"
        kind: str
        detail: str
        tag: str | None = None  # the order it is about

    class AlertCleared(DomainEvent, frozen=True):
        TOPIC: ClassVar[str] = "run.alert_cleared"
        kind: str

    class Settled(DomainEvent, frozen=True):
        TOPIC: ClassVar[str] = "run.settled"
        leg: int
        quantity: int
        price: Decimal
        estimated: bool

    class Adjusted(DomainEvent, frozen=True):
        TOPIC: ClassVar[str] = "run.adjusted"
        leg: int
        quantity: int
        price: Decimal
        reason: str

    class Marked(DomainEvent, frozen=True):
        TOPIC: ClassVar[str] = "run.marked"
        day: str
        mtm: Decimal

    class Closed(DomainEvent, frozen=True):
        TOPIC: ClassVar[str] = "run.closed"
        outcome: str
        realised: Decimal
        charges: Decimal

    # ── life ──────────────────────────────────────────────────────────────────────────────

    @triggers(Opened)
    def __init__(
        self,
        install: str,
        slot: str,
        terms: Terms,
        definition: dict[str, Any],
        due_at: datetime,
        exit_at: datetime | None,
    ) -> None:
        self.install = install
        self.slot = slot
        self.terms = terms
        self.definition = definition
        self.due_at = due_at
        self.exit_at = exit_at
        self.stage = Stage.PENDING
        self.epoch = 0
        self.worker = ""
        self.lease_until: datetime | None = None
        self.legs: tuple[Leg, ...] = ()
        self.reference: Reference | None = None
        self.allowed_uncovered = 0
        self.slices: dict[str, SliceState] = {}
        self.net_premium: Decimal | None = None
        self.exit_reason: str | None = None
        self.exit_requested_at: datetime | None = None
        self.skip_reason: str | None = None
        self.alerts: dict[str, datetime] = {}
        self.adjusted: dict[int, int] = {}
        self.settled: tuple[tuple[int, int, Decimal], ...] = ()
        self.adjustment_cash = Decimal(0)
        self.marks: dict[str, Decimal] = {}
        self.outcome: str | None = None
        self.realised: Decimal | None = None
        self.charges: Decimal | None = None

    @classmethod
    def open(cls, run_id: str, **opening: Any) -> Self:
        """Open the run under its own id, so that a duplicate slot collides."""
        return cls._create(cls.Opened, id=run_id, **opening)

    @property
    def owner(self) -> str:
        """Whose stream this is."""
        return self.terms.user_id

    @property
    def correlation(self) -> str:
        """What caused the run, and so everything in it."""
        return f"{self.terms.strategy_id}/{self.slot}"

    def skip(self, reason: str, detail: str) -> None:
        if self.stage is Stage.PENDING:
            self._skipped(reason, detail)

    @triggers(Skipped)
    def _skipped(self, reason: str, detail: str) -> None:
        self.stage = Stage.SKIPPED
        self.skip_reason = reason

    @triggers(Claimed)
    def claim(self, epoch: int, worker: str, until: datetime) -> None:
        self.epoch = epoch
        self.worker = worker
        self.lease_until = until

    @triggers(Planned)
    def plan(
        self,
        legs: tuple[Leg, ...],
        reference: Reference,
        allowed_uncovered: int,
        exit_at: datetime | None,
    ) -> None:
        self.stage = Stage.ENTERING
        self.legs = legs
        self.reference = reference
        self.allowed_uncovered = allowed_uncovered
        self.exit_at = exit_at

    @triggers(Entered)
    def enter(self, net_premium: Decimal) -> None:
        self.stage = Stage.OPEN
        self.net_premium = net_premium

    def request_exit(self, reason: str, detail: str, mtm: Decimal | None = None) -> None:
        """Latch the first reason to leave; a run that ended or is leaving keeps its own."""
        if self.exit_reason is None and not self.stage.ended:
            self.trigger_event(Run.ExitRequested, reason=reason, detail=detail, mtm=mtm)

    @triggers(ExitRequested)
    def _exit_requested(self, reason: str, timestamp: datetime) -> None:
        self.exit_reason = reason
        self.exit_requested_at = timestamp
        if self.stage is not Stage.PENDING:
            self.stage = Stage.EXITING

    @triggers(Closed)
    def close(self, outcome: str, realised: Decimal, charges: Decimal) -> None:
        self.stage = Stage.CLOSED
        self.outcome = outcome
        self.realised = realised
        self.charges = charges

    # ── orders ────────────────────────────────────────────────────────────────────────────

    def release(self, phase: Phase, slices: tuple[Slice, ...]) -> None:
        """Store the intent to send these slices, before the first byte of any of them."""
        self.trigger_event(Run.PhaseReleased, phase=phase, epoch=self.epoch, slices=slices)

    @triggers(PhaseReleased)
    def _released(self, epoch: int, slices: tuple[Slice, ...], timestamp: datetime) -> None:
        for each in slices:
            contract = self.legs[each.leg].contract
            self.slices[each.tag] = SliceState.released(each, contract, epoch, timestamp)

    def accepted(self, tag: str, broker_order_id: str) -> None:
        if self.slices[tag].broker_order_id is None:
            self._accepted(tag, broker_order_id)

    @triggers(SliceAccepted)
    def _accepted(self, tag: str, broker_order_id: str) -> None:
        self.slices[tag].was_accepted(broker_order_id)

    def rejected(self, tag: str, message: str) -> None:
        if self.slices[tag].live:
            self.trigger_event(Run.SliceRejected, tag=tag, message=message)

    @triggers(SliceRejected)
    def _rejected(self, tag: str, message: str, timestamp: datetime) -> None:
        self.slices[tag].was_resolved(SliceStatus.REJECTED, message, timestamp)

    def unsent(self, tag: str, message: str) -> None:
        if self.slices[tag].status in (SliceStatus.RELEASED, SliceStatus.UNKNOWN):
            self.trigger_event(Run.SliceUnsent, tag=tag, message=message)

    @triggers(SliceUnsent)
    def _unsent(self, tag: str, message: str, timestamp: datetime) -> None:
        self.slices[tag].was_resolved(SliceStatus.UNSENT, message, timestamp)

    def unknown(self, tag: str, message: str) -> None:
        if self.slices[tag].status is SliceStatus.RELEASED:
            self.lose_sight(tag, message)

    def lose_sight(self, tag: str, message: str) -> None:
        """What became of a live order can no longer be looked up."""
        if self.slices[tag].status in (SliceStatus.RELEASED, SliceStatus.OPEN):
            self.trigger_event(Run.SliceUnknown, tag=tag, message=message)

    @triggers(SliceUnknown)
    def _unknown(self, tag: str, message: str, timestamp: datetime) -> None:
        self.slices[tag].was_lost_sight_of(message, timestamp)

    def absent(self, tag: str, evidence: str) -> None:
        if self.slices[tag].live:
            self.trigger_event(Run.SliceAbsent, tag=tag, evidence=evidence)

    @triggers(SliceAbsent)
    def _absent(self, tag: str, evidence: str, timestamp: datetime) -> None:
        self.slices[tag].was_resolved(SliceStatus.ABSENT, evidence, timestamp)

    def see(self, tag: str, row: BookOrder) -> None:
        """Record what the broker's book says of a slice, when it says more than is known."""
        if not self.slices[tag].told_more_by(row):
            return
        self.trigger_event(Run.SliceSeen, tag=tag, **said_by(row))

    @triggers(SliceSeen)
    def _seen(
        self,
        tag: str,
        broker_order_id: str,
        status: SliceStatus,
        filled: int,
        average_price: Decimal,
        message: str | None,
        timestamp: datetime,
    ) -> None:
        seen = (broker_order_id, status, filled, average_price, message, timestamp)
        self.slices[tag].was_seen(*seen)

    def order(self, tag: str) -> SliceState:
        if tag not in self.slices:
            raise Refused("no-such-order", f"this run has no order {tag}", "tag")
        return self.slices[tag]

    def wish_price(self, tag: str, price: Decimal) -> None:
        """The trader wants a live order at this limit, in ₹; whoever owns the run moves it."""
        state = self.order(tag)
        state.check_price(price)
        if state.wished != price:
            self._price_wished(tag, price)

    @triggers(PriceWished)
    def _price_wished(self, tag: str, price: Decimal) -> None:
        self.slices[tag].wished = price
        self.edition += 1

    def reprice(self, tag: str, price: Decimal) -> None:
        self.trigger_event(Run.Repriced, tag=tag, price=price)

    @triggers(Repriced)
    def _repriced(self, tag: str, price: Decimal, timestamp: datetime) -> None:
        self.slices[tag].was_repriced(price, timestamp)

    def ask_cancel(self, tag: str) -> None:
        self.trigger_event(Run.CancelAsked, tag=tag)

    @triggers(CancelAsked)
    def _cancel_asked(self, tag: str, timestamp: datetime) -> None:
        self.slices[tag].cancel_asked_at = timestamp

    @triggers(ChangeRefused)
    def change_refused(self, tag: str, message: str) -> None:
        """Note that a modification or cancellation was not accepted; the book decides."""
        self.slices[tag].message = message

    # ── the rest of a run's life ──────────────────────────────────────────────────────────

    def alert(self, kind: str, detail: str, tag: str | None = None) -> None:
        """Say what is wrong: of an order once, else again each minute while somebody says so."""
        if tag is not None:
            if kind not in self.slices[tag].alerts:
                self.trigger_event(Run.Alerted, kind=kind, detail=detail, tag=tag)
            return
        said = self.alerts.get(kind)
        if said is None or origin().at >= said + ALERT_AGAIN:
            self.trigger_event(Run.Alerted, kind=kind, detail=detail)

    @triggers(Alerted)
    def _alerted(self, kind: str, tag: str | None, timestamp: datetime) -> None:
        self.alerts[kind] = timestamp
        if tag is not None:
            self.slices[tag].alerts |= {kind}

    @triggers(SliceDeclaredFilled)
    def _declared_filled(
        self, tag: str, filled: int, average_price: Decimal, why: str, timestamp: datetime
    ) -> None:
        self.slices[tag].was_declared_filled(filled, average_price, why, timestamp)

    def clear_alert(self, kind: str) -> None:
        if kind in self.alerts:
            self._alert_cleared(kind)

    @triggers(AlertCleared)
    def _alert_cleared(self, kind: str) -> None:
        del self.alerts[kind]

    @triggers(Settled)
    def settle(self, leg: int, quantity: int, price: Decimal, estimated: bool) -> None:
        """End `quantity` units (signed: long positive) at expiry at `price` ₹ each."""
        self.settled = (*self.settled, (leg, quantity, price))
        self._adjust(leg, -quantity, price)

    @triggers(Adjusted)
    def adjust(self, leg: int, quantity: int, price: Decimal, reason: str) -> None:
        """Count `quantity` units (signed) traded by hand at `price` ₹ as this run's own."""
        self._adjust(leg, quantity, price)

    def _adjust(self, leg: int, quantity: int, price: Decimal) -> None:
        self.adjusted[leg] = self.adjusted.get(leg, 0) + quantity
        self.adjustment_cash -= quantity * price

    def mark(self, day: str, mtm: Decimal) -> None:
        if day not in self.marks:
            self._marked(day, mtm)

    @triggers(Marked)
    def _marked(self, day: str, mtm: Decimal) -> None:
        self.marks[day] = mtm
