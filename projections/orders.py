"""orders: what a run sent in and out, leg by leg and slice by slice."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Unpack

from domain.model import DomainEvent
from domain.run import Run
from projections.fills import Belongs
from projections.order_legs import RANK, OrderLeg, changed, counted, informed, slice_of
from projections.view import Index, Page, Paging, ReadModel, Row, View, instant


@dataclass(frozen=True, kw_only=True)
class OrderRow(Row):
    """The entry or the exit of a run."""

    run_id: str
    user_id: str
    account_id: str
    basket_id: str
    strategy_id: str
    broker: str
    product: str
    broker_order_id: str | None = None
    txn_type: str
    status: str = "OPEN"
    legs: tuple[OrderLeg, ...] = ()
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True, kw_only=True)
class RunOrders:
    """A run's orders, and where each tag is in them."""

    belongs: Belongs
    planned: tuple[OrderLeg, ...] = ()
    entering: bool = False
    places: dict[str, tuple[str, int]]
    orders: dict[str, OrderRow]


def orders(state: RunOrders | None, event: DomainEvent) -> RunOrders | None:
    """The run's orders after the event."""
    if isinstance(event, Run.Opened):
        return RunOrders(belongs=Belongs.to(event), places={}, orders={})
    if state is None:
        return None
    match event:
        case Run.Planned():
            return replace(state, planned=_planned(event), entering=True)
        case Run.PhaseReleased():
            return _released(state, event)
        case Run.Entered() | Run.ExitRequested() | Run.Closed():
            return _entry_over(state, event)
    change = changed(event)
    return state if change is None else _sliced(state, event, change)


def _planned(event: Run.Planned) -> tuple[OrderLeg, ...]:
    return tuple(
        OrderLeg(
            leg=number,
            symbol=leg.contract.tradingsymbol,
            exchange=leg.contract.exchange,
            action=leg.side,
            qty=leg.quantity,
        )
        for number, leg in enumerate(event.legs)
    )


def _released(state: RunOrders, event: Run.PhaseReleased) -> RunOrders:
    order_id = f"{event.originator_id}-{event.phase.order}"
    order = state.orders.get(order_id) or _new(state, event, order_id)
    legs = {leg.leg: leg for leg in order.legs}
    for each in event.slices:
        leg = legs.get(each.leg) or replace(
            state.planned[each.leg], action=each.side, slices=(), status="PENDING"
        )
        legs[each.leg] = replace(leg, slices=(*leg.slices, slice_of(each, event.timestamp)))
    told = [counted(leg, state.entering, order.txn_type) for leg in legs.values()]
    places = {each.tag: (order_id, each.leg) for each in event.slices}
    return replace(
        state,
        places={**state.places, **places},
        orders={**state.orders, order_id: _order(order, told, event.timestamp)},
    )


def _new(state: RunOrders, event: Run.PhaseReleased, order_id: str) -> OrderRow:
    entry = event.phase.is_entry
    return OrderRow(
        id=order_id,
        run_id=event.originator_id,
        user_id=state.belongs.user_id,
        account_id=state.belongs.account_id,
        basket_id=state.belongs.basket_id,
        strategy_id=state.belongs.strategy_id,
        broker=state.belongs.broker,
        product=state.belongs.product,
        txn_type="ENTRY" if entry else "EXIT",
        legs=state.planned if entry else (),
        created_at=event.timestamp,
        updated_at=event.timestamp,
    )


def _sliced(
    state: RunOrders, event: DomainEvent, change: tuple[str, Mapping[str, object]]
) -> RunOrders:
    tag, news = change
    order_id, number = state.places[tag]
    order = state.orders[order_id]
    legs = [
        counted(informed(leg, tag, news), state.entering, order.txn_type)
        if leg.leg == number
        else leg
        for leg in order.legs
    ]
    told = _order(order, legs, event.timestamp)
    return replace(state, orders={**state.orders, order_id: told})


def _entry_over(state: RunOrders, event: DomainEvent) -> RunOrders:
    after = replace(state, entering=False)
    entries = [o for o in state.orders.values() if o.txn_type == "ENTRY"]
    if not state.entering or not entries:
        return after
    told = {
        order.id: _order(
            order, [counted(leg, False, "ENTRY") for leg in order.legs], event.timestamp
        )
        for order in entries
    }
    return replace(after, orders={**state.orders, **told})


def _order(order: OrderRow, legs: Iterable[OrderLeg], at: datetime) -> OrderRow:
    told = tuple(sorted(legs, key=lambda leg: leg.leg))
    worst = min((leg.status for leg in told), key=RANK.index)
    if worst == "PENDING":
        worst = "PARTIAL" if any(leg.filled_qty for leg in told) else "OPEN"
    sent = sorted((each for leg in told for each in leg.slices), key=lambda each: each.released_at)
    known = (each.broker_order_id for each in sent if each.broker_order_id is not None)
    return replace(order, legs=told, status=worst, broker_order_id=next(known, None), updated_at=at)


def run_of(order_id: str) -> str:
    """The run an order is of."""
    return order_id.rsplit("-", 2)[0]


ORDERS: ReadModel[RunOrders, OrderRow] = ReadModel(
    name="orders",
    id_name="order_id",
    reads=("RUN-",),
    project=orders,
    row=OrderRow,
    state=RunOrders,
    rows=lambda state: state.orders,
    stream_of=run_of,
    indexes=(
        Index("owner", lambda row: (row.user_id, instant(row.created_at))),
        Index("basket", lambda row: (row.basket_id, instant(row.created_at))),
        Index("strategy", lambda row: (row.strategy_id, instant(row.created_at))),
        Index("account", lambda row: (row.account_id, instant(row.created_at))),
    ),
)


def orders_of(view: View[OrderRow], user_id: str, **paging: Unpack[Paging]) -> Page[OrderRow]:
    """A user's orders, by when they were released."""
    return view.page("owner", user_id, **paging)


def orders_by(view: View[OrderRow], strategy_id: str, **paging: Unpack[Paging]) -> Page[OrderRow]:
    """A strategy's orders, by when they were released."""
    return view.page("strategy", strategy_id, **paging)


def orders_in(view: View[OrderRow], basket_id: str, **paging: Unpack[Paging]) -> Page[OrderRow]:
    """A basket's orders, by when they were released."""
    return view.page("basket", basket_id, **paging)


def orders_on(view: View[OrderRow], account_id: str, **paging: Unpack[Paging]) -> Page[OrderRow]:
    """An account's orders, by when they were released."""
    return view.page("account", account_id, **paging)


def orders_of_run(view: View[OrderRow], run_id: str) -> list[OrderRow]:
    """A run's entry and its exits."""
    return list(view.page(None, run_id, limit=100).rows)
