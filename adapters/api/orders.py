"""Orders: the entries and exits of runs, with their legs, slices and fills."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel, BeforeValidator, Field
from starlette.responses import Response

from adapters.api.callers import Caller, Editing, Posting, Reading, without
from adapters.api.documents import OrderShown
from adapters.api.documents import Paged as PagedShown
from adapters.api.openapi import problems
from adapters.api.reading import Listing, Paged, listed, own_row, shown, state_of, view_of
from commands.desk import TRADERS
from commands.errors import Conflict, NotFound, Refused
from commands.run import CancelOrder, DeclareAbsent, DeclareFilled, MoveOrder
from domain.slices import SliceStatus
from projections.baskets import BASKETS
from projections.broker_accounts import BROKER_ACCOUNTS
from projections.orders import (
    ORDERS,
    OrderRow,
    orders_by,
    orders_in,
    orders_of,
    orders_on,
    run_of,
)
from projections.strategies import STRATEGIES

router = APIRouter()

READ_ONLY = tuple(name for name in OrderShown.model_fields)


class PriceSent(BaseModel, frozen=True, extra="forbid"):
    """A new limit price in ₹; `tag` says which slice, where several are live."""

    price: Decimal = Field(gt=0, le=10_000_000)
    tag: str | None = Field(default=None, max_length=40)


Sent = Annotated[PriceSent, BeforeValidator(without(*READ_ONLY))]


class Absence(BaseModel, frozen=True, extra="forbid"):
    """The trader has looked at the broker, and says what was seen."""

    tag: str = Field(max_length=40)
    why: str = Field(min_length=1, max_length=500)


class Filling(Absence, frozen=True, extra="forbid"):
    """The trader has looked at the broker: so many units filled, at this price in ₹, no more."""

    quantity: int = Field(gt=0, le=10_000_000)
    average_price: Decimal = Field(gt=0, le=10_000_000)


class OrdersAsked(Listing, frozen=True, extra="forbid"):
    account_id: str | None = None


@router.get("/orders", response_model=PagedShown[OrderShown], responses=problems(404))
def orders(caller: Reading, asked: Annotated[OrdersAsked, Query()]) -> Response:
    """The caller's orders, of one account if it is named, by when they were released."""
    view = view_of(caller.context, ORDERS)
    if asked.account_id is None:
        return listed(orders_of(view, caller.user_id, **asked.paging), ORDERS)
    own_row(caller, BROKER_ACCOUNTS, asked.account_id)
    return listed(orders_on(view, asked.account_id, **asked.paging), ORDERS)


@router.get("/strategies/{strategy_id}/orders", response_model=PagedShown[OrderShown])
def of_strategy(strategy_id: str, caller: Reading, paging: Paged) -> Response:
    """A strategy's orders, by when they were released."""
    own_row(caller, STRATEGIES, strategy_id)
    view = view_of(caller.context, ORDERS)
    return listed(orders_by(view, strategy_id, **paging.paging), ORDERS)


@router.get("/baskets/{basket_id}/orders", response_model=PagedShown[OrderShown])
def of_basket(basket_id: str, caller: Reading, paging: Paged) -> Response:
    """A basket's orders, by when they were released."""
    own_row(caller, BASKETS, basket_id)
    return listed(orders_in(view_of(caller.context, ORDERS), basket_id, **paging.paging), ORDERS)


@router.get("/orders/{order_id}", response_model=OrderShown)
def order(order_id: str, caller: Reading) -> Response:
    """One order with its legs and slices, as it now is."""
    return _shown(caller, order_id)


@router.put("/orders/{order_id}", response_model=OrderShown, responses=problems(409, 412))
def move(order_id: str, body: Sent, caller: Editing) -> Response:
    """Move a live order to this limit price; whoever follows the run moves it at the broker."""
    caller.needs(TRADERS, "MoveOrder", order_id)
    row = own_order(caller, order_id)
    tag = body.tag or _live(row)
    caller.ask(MoveOrder(run_id=row.run_id, tag=tag, price=body.price))
    caller.context.engine.notice(row.run_id)
    return _shown(caller, order_id)


@router.post("/orders/{order_id}/cancel", response_model=OrderShown, responses=problems(409))
def cancel(order_id: str, caller: Posting) -> Response:
    """Cancel what of an entry is live; what has filled is then undone."""
    caller.needs(TRADERS, "CancelOrder", order_id)
    row = own_order(caller, order_id)
    name = order_id.removeprefix(f"{row.run_id}-")
    caller.ask(CancelOrder(run_id=row.run_id, order=name))
    caller.context.engine.notice(row.run_id)
    return _shown(caller, order_id)


@router.post("/orders/{order_id}/absent", response_model=OrderShown, responses=problems(409))
def declare_absent(order_id: str, body: Absence, caller: Posting) -> Response:
    """Settle an unknown outcome: the trader looked, and the broker never had it."""
    caller.needs(TRADERS, "DeclareAbsent", order_id)
    row = own_order(caller, order_id)
    caller.ask(DeclareAbsent(run_id=row.run_id, tag=body.tag, why=body.why))
    caller.context.engine.notice(row.run_id)
    return _shown(caller, order_id)


@router.post("/orders/{order_id}/filled", response_model=OrderShown, responses=problems(409))
def declare_filled(order_id: str, body: Filling, caller: Posting) -> Response:
    """Settle an unknown outcome: the trader looked, and so much of it has filled."""
    caller.needs(TRADERS, "DeclareFilled", order_id)
    row = own_order(caller, order_id)
    caller.ask(DeclareFilled(run_id=row.run_id, **dict(body)))
    caller.context.engine.notice(row.run_id)
    return _shown(caller, order_id)


def _shown(caller: Caller, order_id: str) -> Response:
    row = own_order(caller, order_id)
    return shown(ORDERS, row, row.edition)


def own_order(caller: Caller, order_id: str) -> OrderRow:
    """The caller's order, read strongly; raises NotFound."""
    run_id = run_of(order_id)
    state = state_of(caller.context, ORDERS, run_id) if run_id.startswith("RUN-") else None
    if state is None or state.belongs.user_id != caller.user_id or ORDERS.rows is None:
        raise NotFound("Order", order_id)
    found = ORDERS.rows(state).get(order_id)
    if found is None:
        raise NotFound("Order", order_id)
    return found


def _live(row: OrderRow) -> str:
    """The one slice that can be meant; refused where none is live, or several."""
    live = [s.tag for leg in row.legs for s in leg.slices if s.status is SliceStatus.OPEN]
    if not live:
        raise Conflict("order-ended", "nothing of this order is open at the broker")
    if len(live) > 1:
        raise Refused("which-slice", f"say which one: {', '.join(live)}", "tag")
    return live[0]
