"""What may never be, told by the simulator's ledger against the plans and streams of the runs."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from typing import Final

from adapters.brokers.paper.entries import Filled, Placed
from adapters.simulators.kite.identity import by_hand, kite_order_id
from domain.calendar import ist_date
from domain.contract import Contract, Side
from domain.ledger import flat
from domain.run import Run
from domain.slices import Phase, SliceStatus
from tests.chaos.fate import Sent
from tests.kill.judging import Case, uncovered

#: After so long a trade by hand has to be heeded by whoever sends an exit.
KNOWN_AFTER: Final = timedelta(seconds=15)


@dataclass(frozen=True, kw_only=True)
class Move:
    """Units of a leg that changed: by a fill of the run's own, or by what it was told to count."""

    at: datetime
    key: str
    units: int
    fill: Filled | None
    what: str


@dataclass(frozen=True, kw_only=True)
class Court:
    """One day before its judge: `true` tells the true time of a stored one."""

    case: Case
    sent: tuple[Sent, ...]
    jumped: bool
    resolved: frozenset[tuple[str, str]] = frozenset()
    """Accounts and contracts in which the trader said whose the units are."""

    def violations(self) -> Iterator[str]:
        """Everything that may not be, whatever went wrong that day."""
        yield from (f"{tag} of {account} was placed twice" for account, tag in self.case.twice)
        yield from self.unknown_orders()
        for run in self.case.runs.values():
            yield from self.of_run(run)
        yield from self.unlike_quantities()
        yield from self.unexplained()
        yield from self.heedless_exits()
        if not self.jumped:
            yield from self.stale_orders()

    @cached_property
    def own(self) -> tuple[Placed, ...]:
        """Orders that came from no hand."""
        return tuple(order for order in self.case.placed if not by_hand(order.ticket.tag))

    def unknown_orders(self) -> Iterator[str]:
        """Orders at the broker that no run knows, or knows differently."""
        for order in self.own:
            run = self.case.run_of_tag.get(order.ticket.tag)
            if run is None:
                yield f"order {order.order_id} with tag {order.ticket.tag} is no run's"
                continue
            state, ticket = run.slices[order.ticket.tag], order.ticket
            intended = (state.contract.key, state.intent.side, state.intent.quantity)
            if (ticket.contract.key, ticket.side, ticket.quantity) != intended:
                yield f"order {order.order_id} is not what {run.id} intended as {ticket.tag}"
            if run.terms.account_id != order.account:
                yield f"order {order.order_id} is on another account than {run.id}"
            # The number of an order that only the next day's positions told of went with its day.
            known = state.broker_order_id in (kite_order_id(order.order_id), "")
            if not known and state.declared is None and not self.gone_with_its_day(run, order):
                yield f"{run.id} does not know {ticket.tag} ({state.status}) as {order.order_id}"

    def gone_with_its_day(self, run: Run, order: Placed) -> bool:
        """An order that never filled, and of which only a later day's positions could tell."""
        told = [
            event.timestamp
            for event in self.case.events[run.id]
            if isinstance(event, Run.SliceAbsent) and event.tag == order.ticket.tag
        ]
        filled = any(fill.order_id == order.order_id for fill in self.case.fills)
        return bool(told) and not filled and ist_date(min(told)) > ist_date(order.at)

    # ── what was held ─────────────────────────────────────────────────────────────────────

    @cached_property
    def moves(self) -> dict[str, list[Move]]:
        """By run, in the order of time."""
        found: dict[str, list[Move]] = defaultdict(list)
        for fill in self.case.fills:
            tag = self.case.order_of_id[fill.order_id].ticket.tag
            run = self.case.run_of_tag.get(tag)
            if run is not None:
                units = fill.side.sign * fill.quantity
                found[run.id].append(
                    Move(at=fill.at, key=fill.key, units=units, fill=fill, what=tag)
                )
        for run_id, run in self.case.runs.items():
            found[run_id] += self.counted(run)
            found[run_id].sort(key=lambda move: (move.at, move.fill is not None))
        return found

    def counted(self, run: Run) -> Iterator[Move]:
        """What the trader, or the exchange at expiry, made the run count besides its own fills."""
        for event in self.case.events[run.id]:
            if isinstance(event, Run.Adjusted | Run.Settled):
                sign = 1 if isinstance(event, Run.Adjusted) else -1
                yield Move(
                    at=event.timestamp,
                    key=run.legs[event.leg].contract.key,
                    units=sign * event.quantity,
                    fill=None,
                    what=type(event).__name__,
                )

    def of_run(self, run: Run) -> Iterator[str]:
        """After every fill: never more uncovered than planned, and never beyond the plan's legs."""
        contracts: dict[str, Contract] = {leg.contract.key: leg.contract for leg in run.legs}
        net: Counter[str] = Counter()
        bare = 0
        for move in self.moves[run.id]:
            before, was_bare = net[move.key], bare
            net[move.key] += move.units
            bare = uncovered(net, contracts)
            if move.fill is None:
                continue
            where = f"after {move.what} at {move.at} ({move.key} {before:+d} → {net[move.key]:+d})"
            if bare > run.allowed_uncovered and bare > was_bare:
                yield f"{run.id} had {bare} units uncovered {where}"
            yield from self.beyond(run, move, before, net[move.key], where)

    def beyond(self, run: Run, move: Move, before: int, after: int, where: str) -> Iterator[str]:
        """A fill that exceeds the leg, or goes past flat."""
        legs = [leg for leg in run.legs if leg.contract.key == move.key]
        most = max((leg.side.sign * leg.quantity for leg in legs), default=0)
        least = min((leg.side.sign * leg.quantity for leg in legs), default=0)
        low, high = min(0, least, before), max(0, most, before)
        if low <= after <= high:
            return
        if not self.flagged(run, move, after):
            yield f"{run.id} traded beyond its own {where}"

    def extra_longs(self) -> int:
        """Purchases that a run repeated, and then sold again."""
        found = 0
        for run in self.case.runs.values():
            net: Counter[str] = Counter()
            for move in self.moves[run.id]:
                before = net[move.key]
                net[move.key] += move.units
                leg = next((leg for leg in run.legs if leg.contract.key == move.key), None)
                short = leg is not None and leg.side is Side.SELL
                found += short and before <= 0 < net[move.key]
        return found

    def flagged(self, run: Run, move: Move, after: int) -> bool:
        """An extra long, of a purchase that was repeated after it had been searched for in vain."""
        if after <= 0 or run.slices[move.what].intent.phase is not Phase.EXIT_BUY:
            return False
        window = timedelta(seconds=run.terms.unknown_window_s)
        lost: dict[str, datetime] = {}
        for event in self.case.events[run.id]:
            match event:
                case Run.SliceUnknown(tag=tag) if run.slices[tag].contract.key == move.key:
                    lost[tag] = event.timestamp + window
                case Run.SliceAbsent(tag=tag) if event.actor == run.owner:
                    lost[tag] = event.timestamp  # the trader's word
                case Run.PhaseReleased(phase=Phase.EXIT_BUY, slices=slices):
                    keys = {run.slices[each.tag].contract.key for each in slices}
                    if move.key in keys and any(at <= event.timestamp for at in lost.values()):
                        return True
        return False

    def heedless_exits(self) -> Iterator[str]:
        """Exits sent over more than the broker's net left, after the trader had traded by hand."""
        for order in self.own:
            run = self.case.run_of_tag.get(order.ticket.tag)
            key = order.ticket.contract.key
            if run is None or self.beyond_telling(run, order):
                continue
            if run.slices[order.ticket.tag].intent.phase.is_entry:
                continue
            gone = self.traded_by_hand(order)
            held = abs(self.held(run, key, order.at))
            if gone > 0 and order.ticket.quantity > max(0, held - gone):
                yield (
                    f"{order.ticket.tag} of {order.ticket.quantity} {key} was sent though {gone} of"
                    f" {held} had been traded by hand"
                )

    def beyond_telling(self, run: Run, order: Placed) -> bool:
        """Whether the trader said whose the units are, or they were there before the run."""
        key = order.ticket.contract.key
        planned = [e for e in self.case.events[run.id] if isinstance(e, Run.Planned)]
        flattened = any(
            leg.contract.key == key
            for other in self.case.runs.values()
            for leg in other.legs
            if other.id.startswith("RUN-FLATTEN")
        )
        by_then = [f for f in self.by_hand(order) if f.at < planned[0].timestamp]
        return flattened or bool(by_then) or (order.account, key) in self.resolved

    def by_hand(self, order: Placed) -> list[Filled]:
        """What the trader traded in the contract, account and product of this order."""
        of_order = self.case.order_of_id
        return [
            fill
            for fill in self.case.fills
            if fill.key == order.ticket.contract.key
            and fill.account == order.account
            and fill.product == order.ticket.product
            and by_hand(of_order[fill.order_id].ticket.tag)
        ]

    def traded_by_hand(self, order: Placed) -> int:
        """Units that the trader traded in the order's direction, which its sender had to know of.

        What happened just before it may be known or not: the least that was true since counts.
        """
        sign, known, least = order.ticket.side.sign, 0, None
        for fill in self.by_hand(order):
            if fill.at > order.at:
                break
            if fill.at >= order.at - KNOWN_AFTER:
                least = known if least is None else min(least, known)
            known += sign * fill.side.sign * fill.quantity
        return known if least is None else min(least, known)

    def held(self, run: Run, key: str, at: datetime) -> int:
        return sum(m.units for m in self.moves[run.id] if m.key == key and m.at <= at)

    # ── how it ended ──────────────────────────────────────────────────────────────────────

    def unlike_quantities(self) -> Iterator[str]:
        """Slices whose fills differ from the broker's, and what is held though the run ended."""
        filled: Counter[str] = Counter()
        for fill in self.case.fills:
            filled[self.case.order_of_id[fill.order_id].ticket.tag] += fill.quantity
        for tag, run in self.case.run_of_tag.items():
            state = run.slices[tag]
            asked = state.status is SliceStatus.UNKNOWN and explained(run)
            if state.filled != filled[tag] and not asked:
                yield f"{run.id} has {state.filled} units of {tag}, the broker {filled[tag]}"
            if run.stage.ended and state.live:
                yield f"{run.id} ended with {tag} {state.status}"
        for run in self.case.runs.values():
            if run.stage.ended and not flat(run):
                yield f"{run.id} ended and is not flat"

    def unexplained(self) -> Iterator[str]:
        """Runs that never ended and have not told their trader what to decide."""
        for run in self.case.runs.values():
            if not run.stage.ended and not explained(run):
                alerts = ", ".join(sorted(run.alerts)) or "no alerts"
                yield f"{run.id} is {run.stage} for ever: {alerts}"

    def stale_orders(self) -> Iterator[str]:
        """Orders that left after another worker had taken over their run."""
        for each in self.sent:
            run = self.case.run_of_tag.get(each.tag)
            if run is None or each.on_the_wire:
                continue
            epoch = run.slices[each.tag].epoch
            claims = [e for e in self.case.events[run.id] if isinstance(e, Run.Claimed)]
            later = [e for e in claims if e.epoch > epoch and e.worker != each.worker]
            if later and later[0].timestamp < each.at:
                yield f"{each.tag} left {each.worker} at {each.at}, after {later[0].worker} came"


def explained(run: Run) -> bool:
    """Whether the trader was told of what only a trader can settle."""
    lost = [s for s in run.slices.values() if s.status is SliceStatus.UNKNOWN]
    asked = any("UNKNOWN_ORDER" in state.alerts for state in lost)
    return asked or bool({"DRIFT", "HALTED"} & set(run.alerts))
