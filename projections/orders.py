"""orders: what a run sent in and out, leg by leg and slice by slice."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Unpack

from domain.model import DomainEvent
from domain.run import Run
from projections.evolve import evolve
from projections.fills import Belongs
from projections.order_legs import (
    SLICES,
    OrderLeg,
    OrderSlice,
    changed,
    counted,
    slice_of,
    told,
    worst,
)
from projections.runs import edition_after
from projections.view import Index, Page, Paging, ReadModel, Row, State, View, instant


class OrderRow(Row, frozen=True, kw_only=True):
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
    edition: int = 1
    """The run's, as `runs.edition_after` tells it."""
    created_at: datetime
    updated_at: datetime


class Times(State, frozen=True, kw_only=True):
    """When an order was first released and last changed, and at which version that was."""

    created_at: datetime
    updated_at: datetime
    version: int


class RunOrders(State, frozen=True, kw_only=True):
    """A run's legs and slices; its orders are made of them when they are to be shown."""

    belongs: Belongs
    planned: tuple[OrderLeg, ...] = ()
    entering: bool = False
    edition: int = 1
    orders: dict[str, Times]
    slices: dict[str, OrderSlice]
    places: dict[str, tuple[str, int]]
    """Which order and leg each tag belongs to."""


def orders(state: RunOrders | None, event: DomainEvent) -> RunOrders | None:
    """The run's legs and slices after the event."""
    if state is None:
        return _opened(event) if isinstance(event, Run.Opened) else None
    if change := changed(event):
        return _sliced(state, event, change)
    match event:
        case Run.PhaseReleased():
            return _released(state, event)
        case Run.PriceWished():
            return _wished(state, event)
        case Run.Planned():
            return evolve(state, planned=_planned(event), entering=True)
        case Run.Entered() | Run.ExitRequested() | Run.Closed():
            return _entry_over(state, event)
    return state


def _opened(event: Run.Opened) -> RunOrders:
    return RunOrders(belongs=Belongs.to(event), orders={}, slices={}, places={})


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
    slices = {each.tag: slice_of(each, event.timestamp) for each in event.slices}
    places = {each.tag: (order_id, each.leg) for each in event.slices}
    return evolve(
        state,
        slices={**state.slices, **slices},
        places={**state.places, **places},
        orders=_touched(state, order_id, event),
    )


def _sliced(
    state: RunOrders, event: DomainEvent, change: tuple[str, Mapping[str, Any]]
) -> RunOrders:
    tag, news = change
    after = told(state.slices[tag], news)
    orders = _touched(state, state.places[tag][0], event)
    return evolve(state, slices={**state.slices, tag: after}, orders=orders)


def _wished(state: RunOrders, event: Run.PriceWished) -> RunOrders:
    # Every order of the run shows its edition, so every row is a newer one; only one was touched.
    version = event.originator_version
    newer = {order_id: evolve(each, version=version) for order_id, each in state.orders.items()}
    state = evolve(state, edition=edition_after(state.edition, event), orders=newer)
    return evolve(state, orders=_touched(state, state.places[event.tag][0], event))


def _entry_over(state: RunOrders, event: DomainEvent) -> RunOrders:
    entry = next((order_id for order_id in state.orders if txn_type(order_id) == "ENTRY"), None)
    if not state.entering or entry is None:
        return evolve(state, entering=False)
    return evolve(state, entering=False, orders=_touched(state, entry, event))


def _touched(state: RunOrders, order_id: str, event: DomainEvent) -> dict[str, Times]:
    at, version = event.timestamp, event.originator_version
    known = state.orders.get(order_id)
    if known is None:
        return {**state.orders, order_id: Times(created_at=at, updated_at=at, version=version)}
    return {**state.orders, order_id: evolve(known, updated_at=at, version=version)}


def shown(state: RunOrders) -> dict[str, OrderRow]:
    """The orders as rows."""
    return {order_id: _order(state, order_id, times) for order_id, times in state.orders.items()}


def _order(state: RunOrders, order_id: str, times: Times) -> OrderRow:
    legs = _legs(state, order_id)
    sent = (each for leg in legs for each in leg.slices if each.broker_order_id is not None)
    first = min(sent, key=lambda each: each.released_at, default=None)
    return OrderRow(
        id=order_id,
        run_id=run_of(order_id),
        user_id=state.belongs.user_id,
        account_id=state.belongs.account_id,
        basket_id=state.belongs.basket_id,
        strategy_id=state.belongs.strategy_id,
        broker=state.belongs.broker,
        product=state.belongs.product,
        broker_order_id=first.broker_order_id if first else None,
        txn_type=txn_type(order_id),
        status=worst(legs),
        legs=legs,
        edition=state.edition,
        created_at=times.created_at,
        updated_at=times.updated_at,
    )


def _legs(state: RunOrders, order_id: str) -> tuple[OrderLeg, ...]:
    own: dict[int, list[OrderSlice]] = {}
    for tag, (of_order, leg) in state.places.items():
        if of_order == order_id:
            own.setdefault(leg, []).append(state.slices[tag])
    if txn_type(order_id) == "ENTRY":
        return tuple(
            counted(leg, own.get(leg.leg, ()), leg.qty, state.entering) for leg in state.planned
        )
    return tuple(
        counted(evolve(leg, action=leg.action.opposite), own[leg.leg], None, False)
        for leg in state.planned
        if leg.leg in own
    )


def txn_type(order_id: str) -> str:
    """ENTRY or EXIT."""
    return order_id.rsplit("-", 2)[1]


def run_of(order_id: str) -> str:
    """The run an order is of."""
    return order_id.rsplit("-", 2)[0]


ORDERS: ReadModel[RunOrders, OrderRow] = ReadModel(
    name="orders",
    edition=3,
    id_name="order_id",
    reads=("RUN-",),
    project=orders,
    heeds=frozenset(
        (
            *(Run.Opened, Run.Planned, Run.PhaseReleased, Run.Entered, Run.ExitRequested),
            *(Run.Closed, Run.PriceWished, *SLICES),
        )
    ),
    row=OrderRow,
    state=RunOrders,
    rows=shown,
    versions=lambda state: {order_id: times.version for order_id, times in state.orders.items()},
    stream_of=run_of,
    sorts={"created": lambda row: instant(row.created_at)},
    indexes=(
        Index("owner", lambda row: row.user_id, "created"),
        Index("basket", lambda row: row.basket_id, "created"),
        Index("strategy", lambda row: row.strategy_id, "created"),
        Index("account", lambda row: row.account_id, "created"),
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
