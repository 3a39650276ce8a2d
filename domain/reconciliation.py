"""What a broker shows against what runs, adopted and external positions explain; units, signed."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Final

from domain.account import BrokerAccount
from domain.account_terms import Drift, DriftKind, Held
from domain.book import BookOrder, BookTrade, NetPosition, OrderStatus
from domain.ledger import expected_net, find
from domain.run import Run
from domain.settling import expired
from domain.slice_state import SliceState
from domain.slices import TAG_LENGTH, SliceStatus

#: Contract and product.
Place = tuple[str, str]
#: What `tag_of` makes; nobody else's tags look like it but those of another installation.
OUR_TAG: Final = re.compile(rf"[A-Z2-7]{{{TAG_LENGTH}}}")


@dataclass(frozen=True, kw_only=True)
class Reading:
    """What a broker showed at one moment: no fill fell between its looks."""

    book: tuple[BookOrder, ...]
    net: Mapping[Place, NetPosition]
    trades: tuple[BookTrade, ...] = ()

    def found(self, place: Place) -> int:
        """The broker's net, in units."""
        position = self.net.get(place)
        return position.quantity if position else 0


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """What is the trader's own, and every difference there is now, known before or not."""

    external: tuple[Held, ...]
    drifts: tuple[Drift, ...]

    def news(self, account: BrokerAccount) -> tuple[Drift, ...]:
        """Differences that the account has not heard of in these quantities."""
        return tuple(drift for drift in self.drifts if not account.knows(drift))

    def says_more_than(self, account: BrokerAccount) -> bool:
        """Whether the account does not have all of this recorded already."""
        known = {*account.drifts, *account.explained}
        over = known - {drift.where for drift in self.drifts}
        other = {(e.key, e.product): e for e in self.external} != account.external
        return bool(self.news(account) or over or other)


def filled_of(book: Iterable[BookOrder]) -> dict[str, int]:
    """Cumulative fills by order: two looks with the same ones had no fill between them."""
    return {row.broker_order_id: row.filled for row in book}


def explained(
    account: BrokerAccount, runs: Iterable[Run], book: Iterable[BookOrder]
) -> dict[Place, int]:
    """What the broker's net should be, by open runs and what else the account knows of."""
    expected = expected_net((run for run in runs if not run.stage.ended), book)
    for held in (*account.adopted.values(), *account.external.values()):
        place = (held.key, held.product)
        expected[place] = expected.get(place, 0) + held.quantity
    return expected


def compare(
    account: BrokerAccount, runs: Sequence[Run], reading: Reading, now: datetime
) -> Comparison:
    """Compare everything; `runs` are the open ones and those that ended today.

    A contract is ours where an open run has a leg in it, where it was adopted, or where an order
    filled after its run had ended; what differs anywhere else is the trader's own.
    """
    expected = explained(account, runs, reading.book)
    never = set(_never_external(account, expected, runs, reading))
    for place in never:
        expected[place] = reading.found(place)
    unsettled = set(_unsettled(runs, now))
    ours = {*_places(runs), *account.adopted, *_late(runs, reading.book)}
    kept = [
        drift
        for drift in standing(account)
        if drift.kind is DriftKind.NET and drift.where[1:3] in unsettled
    ]
    drifts = [
        *kept,
        *_net_drifts(expected, reading, ours - unsettled),
        *_trade_drifts(runs, reading),
        *strange_orders(runs, reading.book, ours),
    ]
    external = tuple(
        held
        for held in _external(account, expected, reading, ours | unsettled)
        if (held.key, held.product) not in never
    )
    return Comparison(external=external, drifts=tuple(dict.fromkeys(drifts)))


def net_differences(
    account: BrokerAccount, runs: Sequence[Run], reading: Reading
) -> tuple[Drift, ...]:
    """Every difference of the net, whosever contract it is in: after a restore nothing is known."""
    expected = explained(account, runs, reading.book)
    return tuple(_net_drifts(expected, reading, {*expected, *reading.net}))


def strange_orders(
    runs: Sequence[Run], book: Sequence[BookOrder], ours: Iterable[Place] | None = None
) -> Iterator[Drift]:
    """Orders that no run knows: live ones in contracts of ours, and any that carries our tag.

    Every live one where `ours` is None. `found` is what it may still trade, or what it did.
    """
    places = None if ours is None else set(ours)
    mine = {row.broker_order_id for row in ours_of(runs, book)}
    for row in book:
        if row.broker_order_id in mine:
            continue
        live = row.status is OrderStatus.OPEN
        tagged = any(OUR_TAG.fullmatch(tag) for tag in row.tags)
        in_ours = places is None or (row.key, row.product) in places
        if (live and in_ours) or (places is not None and tagged and (live or row.filled)):
            units = row.quantity - row.filled if live else row.filled
            yield Drift(
                kind=DriftKind.ORDER,
                key=row.key,
                product=row.product,
                order=row.broker_order_id,
                expected=0,
                found=row.side.sign * units,
            )


def ours_of(runs: Iterable[Run], book: Sequence[BookOrder]) -> Iterator[BookOrder]:
    """The rows of the book that are slices of these runs."""
    for run in runs:
        for state in run.slices.values():
            if (row := find(state, book)) is not None:
                yield row


def standing(account: BrokerAccount) -> tuple[Drift, ...]:
    """Drifts that stand, explained or not."""
    return (*account.drifts.values(), *account.explained.values())


def traded_by_hand(
    runs: Iterable[Run], reading: Reading, place: Place, units: int
) -> Decimal | None:
    """The mean price in ₹ of today's trades there that no run made, in the direction of `units`."""
    mine = {row.broker_order_id for row in ours_of(runs, reading.book)}
    trades = [
        trade
        for trade in reading.trades
        if (trade.key, trade.product) == place
        and trade.side.sign * units > 0
        and trade.broker_order_id not in mine
    ]
    quantity = sum(trade.quantity for trade in trades)
    paid = sum((trade.quantity * trade.price for trade in trades), Decimal(0))
    return paid / quantity if quantity else None


def _net_drifts(
    expected: Mapping[Place, int], reading: Reading, places: Iterable[Place]
) -> Iterator[Drift]:
    for place in sorted(places):
        should, found = expected.get(place, 0), reading.found(place)
        if should != found:
            yield Drift(key=place[0], product=place[1], expected=should, found=found)


def _trade_drifts(runs: Iterable[Run], reading: Reading) -> Iterator[Drift]:
    traded: dict[str, int] = {}
    for trade in reading.trades:
        order = trade.broker_order_id
        traded[order] = traded.get(order, 0) + trade.quantity
    for row in ours_of(runs, reading.book):
        units = traded.get(row.broker_order_id, 0)
        if units != row.filled:
            yield Drift(
                kind=DriftKind.TRADES,
                key=row.key,
                product=row.product,
                order=row.broker_order_id,
                expected=row.filled,
                found=units,
            )


def _external(
    account: BrokerAccount, expected: Mapping[Place, int], reading: Reading, ours: set[Place]
) -> tuple[Held, ...]:
    """What was external stays so in contracts of ours; elsewhere it is whatever is there."""
    held = {place: each for place, each in account.external.items() if place in ours}
    for place in sorted({*reading.net, *expected} - ours):
        before = account.external.get(place)
        units = reading.found(place) - expected.get(place, 0) + (before.quantity if before else 0)
        if before is not None and before.quantity == units:
            held[place] = before
        elif units and (position := reading.net.get(place)) is not None:
            price = position.average_price
            held[place] = Held(key=place[0], product=place[1], quantity=units, average_price=price)
    return tuple(held[place] for place in sorted(held))


def _never_external(
    account: BrokerAccount, expected: Mapping[Place, int], runs: Sequence[Run], reading: Reading
) -> Iterator[Place]:
    """Where a run was not known yet when its units were taken for the trader's own.

    Runs and what was adopted explain all that is there, and nobody has traded there by hand today.
    """
    for place, own in account.external.items():
        whole = expected.get(place, 0) - own.quantity == reading.found(place)
        by_hand = (
            traded_by_hand(runs, reading, place, units) is not None
            for units in (own.quantity, -own.quantity)
        )
        if whole and place in set(_places(runs)) and not any(by_hand):
            yield place


def _places(runs: Iterable[Run]) -> Iterator[Place]:
    for run in runs:
        if not run.stage.ended:
            for leg in run.legs:
                yield leg.contract.key, run.terms.product.value


def _late(runs: Iterable[Run], book: Sequence[BookOrder]) -> Iterator[Place]:
    """Contracts in which an order filled more than its run knew when it ended."""
    for run in runs:
        for state in run.slices.values() if run.stage.ended else ():
            row = find(state, book)
            if row is not None and row.filled > state.filled:
                yield row.key, row.product


def _unsettled(runs: Iterable[Run], now: datetime) -> Iterator[Place]:
    """Where a run is about to learn more by itself: orders being searched for, and expiry."""
    for run in runs:
        product = run.terms.product.value
        if run.stage.ended:
            continue
        for leg in run.legs:
            if expired(leg.contract.expiry, now):
                yield leg.contract.key, product
        for state in run.slices.values():
            if _searched_for(run, state, now):
                yield state.contract.key, product


def _searched_for(run: Run, state: SliceState, now: datetime) -> bool:
    if state.status is SliceStatus.RELEASED:
        return True
    window = timedelta(seconds=run.terms.unknown_window_s)
    since = state.unknown_since
    return state.status is SliceStatus.UNKNOWN and since is not None and now < since + window
