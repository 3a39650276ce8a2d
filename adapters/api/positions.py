"""What is held: positions with their sources, left by hand; and what each day made."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field
from starlette.responses import Response

from adapters.api.callers import Caller, Posting, Reading
from adapters.api.context import ApiContext
from adapters.api.documents import Rupees, Shown
from adapters.api.openapi import problems
from adapters.api.reading import Document, answer, own_row, view_of
from commands.desk import TRADERS
from commands.errors import Conflict, Refused
from commands.run import ExitRun
from domain.calendar import ist_date
from domain.chain import Chain
from domain.contract import Contract, OptionType, Product, Side
from domain.risk import mark
from domain.run import Run
from projections.broker_accounts import BROKER_ACCOUNTS
from projections.daily_pnl import DAILY_PNL, DayTotal, daily
from projections.document import document, plain
from projections.positions import (
    POSITIONS,
    Contribution,
    Kind,
    Position,
    positions_of,
    positions_on,
    summed,
)
from projections.strategies import STRATEGIES

router = APIRouter()

#: Days of profit and loss that one request may ask for.
MOST_DAYS = 366


class PositionContract(Shown):
    """What the contract is, as the exchange lists it today."""

    underlying: str
    expiry: date
    strike: Rupees
    option_type: OptionType
    lot: int


class PartShown(Shown):
    """What one source adds: a run, an adopted position, or the trader's own.

    `unrealised` is at the price the whole position is valued at, so parts add up to it.
    """

    kind: Kind
    basket_id: str | None
    strategy_id: str | None
    run_id: str | None
    bought: int
    bought_value: Rupees
    sold: int
    sold_value: Rupees
    day: date
    quantity: int
    average_price: Rupees
    realised: Rupees
    unrealised: Rupees | None


class PositionShown(Shown):
    """One contract on one account; `unrealised` is null where no fresh price is known.

    `contract` is null for one that is not listed any more.
    """

    account_id: str
    key: str
    product: str
    contract: PositionContract | None
    quantity: int
    average_price: Rupees
    realised: Rupees
    last_price: Rupees | None
    unrealised: Rupees | None
    parts: list[PartShown]


class PositionsShown(Shown):
    items: list[PositionShown]


class PositionsAsked(BaseModel, frozen=True, extra="forbid"):
    account_id: str | None = None
    closed_on: date | None = None
    """With those that were closed on that day (IST)."""


class PositionExit(BaseModel, frozen=True, extra="forbid"):
    """A contract, `NFO:SYMBOL`, on one account."""

    account_id: str = Field(max_length=100)
    key: str = Field(min_length=1, max_length=60)
    product: Product | None = None
    detail: str = Field(default="", max_length=500)


class LeavingShown(Shown):
    """The runs that leave it."""

    runs: list[str]


class DayShown(Shown):
    day: date
    gross: Rupees
    charges: Rupees
    net: Rupees
    runs: int
    unmarked: int


class DaysShown(Shown):
    items: list[DayShown]


class DaysAsked(BaseModel, frozen=True, extra="forbid"):
    """Days with since ≤ day < until (IST); the last thirty unless told."""

    since: date | None = None
    until: date | None = None
    account_id: str | None = None
    strategy_id: str | None = None


@router.get("/positions", response_model=PositionsShown, responses=problems(404))
def positions(caller: Reading, asked: Annotated[PositionsAsked, Query()]) -> Response:
    """What is held on the caller's accounts, by contract, with what makes it up."""
    view = view_of(caller.context, POSITIONS)
    if asked.account_id is None:
        found = positions_of(view, caller.user_id, asked.closed_on)
    else:
        own_row(caller, BROKER_ACCOUNTS, asked.account_id)
        found = positions_on(view, asked.account_id, asked.closed_on)
    chain = caller.context.bus.world.chain(ist_date(caller.context.clock.now()))
    return answer({"items": [_marked(caller.context, each, chain) for each in found]})


def _marked(context: ApiContext, position: Position, chain: Chain) -> Document:
    now = context.clock.now()
    quote = context.market.quotes([position.key]).get(position.key)
    side = Side.BUY if position.quantity > 0 else Side.SELL
    price = mark(quote, side, now) if position.quantity else None
    contract = chain.get(position.key)
    return {
        "account_id": position.account_id,
        "key": position.key,
        "product": position.product,
        "contract": _contract(contract) if contract else None,
        "quantity": position.quantity,
        "average_price": plain(position.average_price),
        "realised": plain(position.realised),
        "last_price": plain(quote.last) if quote else None,
        "unrealised": plain(_gained(position, price)),
        "parts": [_part(part, price) for part in position.parts],
    }


def _gained(position: Position, price: Decimal | None) -> Decimal | None:
    return None if price is None else position.quantity * (price - position.average_price)


def _contract(contract: Contract) -> Document:
    return {name: plain(getattr(contract, name)) for name in PositionContract.model_fields}


def _part(part: Contribution, price: Decimal | None) -> Document:
    whole, alone = document(POSITIONS, part), summed([part])
    return {
        **{name: each for name, each in whole.items() if name in PartShown.model_fields},
        "quantity": alone.quantity,
        "average_price": plain(alone.average_price),
        "realised": plain(alone.realised),
        "unrealised": plain(_gained(alone, price)),
    }


@router.post("/positions/exit", response_model=LeavingShown, responses=problems(404, 409, 502))
def leave(body: PositionExit, caller: Posting) -> Response:
    """Leave a position: the runs that hold it leave whole; a run is opened for what none holds."""
    caller.needs(TRADERS, "ExitPosition", body.account_id)
    own_row(caller, BROKER_ACCOUNTS, body.account_id)
    asked = _runs(caller, body)
    for run_id in asked:
        caller.ask(ExitRun(run_id=run_id, detail=body.detail))
        caller.context.engine.notice(run_id)
    if not asked:
        asked = list(caller.context.engine.leave_positions(body.account_id, [body.key]))
        caller.context.stored()
    if not asked:
        raise Conflict("nothing-held", f"nothing of {body.key} is held on {body.account_id}")
    return answer({"runs": asked})


def _runs(caller: Caller, body: PositionExit) -> list[str]:
    """The runs that hold it; and those that this very request has asked to leave before."""
    context, key = caller.context, caller.idempotency_key
    today = ist_date(context.clock.now())
    found = set()
    for position in positions_on(view_of(context, POSITIONS), body.account_id, today):
        if position.key != body.key or body.product not in (None, position.product):
            continue
        for part in position.parts:
            if part.run_id is None:
                continue
            again = key and key in context.bus.trading.load(part.run_id, Run).answered
            if part.quantity or again:
                found.add(part.run_id)
    return sorted(found)


@router.get("/pnl/daily", response_model=DaysShown, responses=problems(404))
def days(caller: Reading, asked: Annotated[DaysAsked, Query()]) -> Response:
    """What each day made in ₹, of everything, of an account or of a strategy."""
    until = asked.until or ist_date(caller.context.clock.now()) + timedelta(days=1)
    since = asked.since or until - timedelta(days=30)
    if not 0 < (until - since).days <= MOST_DAYS:
        raise Refused("bad-span", f"ask for 1 to {MOST_DAYS} days", "since")
    view = view_of(caller.context, DAILY_PNL)
    found = daily(view, *_whose(caller, asked), since, until)
    return answer({"items": [_day(each) for each in found]})


def _whose(caller: Caller, asked: DaysAsked) -> tuple[str, str]:
    if asked.strategy_id is not None:
        return "strategy", own_row(caller, STRATEGIES, asked.strategy_id).id
    if asked.account_id is not None:
        return "account", own_row(caller, BROKER_ACCOUNTS, asked.account_id).id
    return "owner", caller.user_id


def _day(total: DayTotal) -> Document:
    shown: Document = plain(total)
    return {**shown, "net": plain(total.net)}
