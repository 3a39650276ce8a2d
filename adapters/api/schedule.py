"""When a strategy enters next, and on which days it does not, with the reason."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from typing import Annotated

from fastapi import APIRouter, Query
from starlette.responses import Response

from adapters.api.callers import Caller, Reading, SameKey
from adapters.api.context import ApiContext
from adapters.api.documents import Shown
from adapters.api.reading import Document, answer, own_row
from adapters.api.strategies import DefinitionSent
from domain.basket import Basket, BasketStatus, target_faults
from domain.calendar import ist_date
from domain.chain import Chain
from domain.definition import Definition
from domain.fault import Fault
from domain.schedule import DueDay, upcoming
from domain.strategy import Strategy, StrategyStatus
from domain.strikes import ExpiryRule, nearest_expiry
from domain.user import User
from domain.validation import faults_of
from projections.document import plain
from projections.strategies import STRATEGIES

router = APIRouter()

Days = Annotated[int, Query(ge=1, le=60, description="How many days of its schedule.")]


class ReasonShown(Shown):
    code: str
    message: str


class DueShown(Shown):
    """A day of the schedule: when it enters (UTC), or why it does not."""

    day: date
    due_at: datetime
    reason: ReasonShown | None


class UpcomingShown(Shown):
    """The next days; `blockers` keep all of them from happening."""

    blockers: list[ReasonShown]
    faults: list[Fault]
    next_due: datetime | None
    days: list[DueShown]


@router.get("/strategies/{strategy_id}/schedule", response_model=UpcomingShown)
def of_strategy(strategy_id: str, caller: Reading, days: Days = 10) -> Response:
    """When it enters next; and if it will not, everything that keeps it from doing so."""
    own_row(caller, STRATEGIES, strategy_id)
    strategy = caller.context.bus.trading.load(strategy_id, Strategy)
    blockers = _blockers(caller, strategy)
    return answer(_preview(caller.context, strategy.definition, blockers, days))


@router.post("/preview/schedule", response_model=UpcomingShown, dependencies=[SameKey])
def of_definition(body: DefinitionSent, caller: Reading, days: Days = 10) -> Response:
    """When a strategy defined like this would enter."""
    return answer(_preview(caller.context, body, [], days))


def _blockers(caller: Caller, strategy: Strategy) -> list[ReasonShown]:
    trading = caller.context.bus.trading
    basket = trading.load(strategy.basket_id, Basket)
    found = []
    if strategy.status is not StrategyStatus.ACTIVE:
        message = f"the strategy is {strategy.status}: activate it"
        found.append(ReasonShown(code="strategy-inactive", message=message))
    if basket.status is not BasketStatus.ACTIVE:
        message = f"the basket is {basket.status}: activate it"
        found.append(ReasonShown(code="basket-inactive", message=message))
    linked = trading.load(caller.user_id, User, verify=False).accounts
    for fault in target_faults(basket.targets, linked):
        found.append(ReasonShown(code=fault.code, message=fault.message))
    if not any(target.multiplier for target in basket.accounts(linked)):
        message = "no target account has a multiplier above 0"
        found.append(ReasonShown(code="no-target", message=message))
    return found


def _preview(
    context: ApiContext, definition: Definition, blockers: list[ReasonShown], days: int
) -> Document:
    now = context.clock.now()
    chain = context.bus.world.chain(ist_date(now))
    expiries = expiries_of(chain, definition)
    due = upcoming(definition.schedule, expiries, now, days, context.calendar)
    first = next((each.due_at for each in due if each.reason is None), None)
    return {
        "blockers": [each.model_dump() for each in blockers],
        "faults": plain(faults_of(definition, chain, ist_date(now), context.calendar)),
        "next_due": None if blockers else plain(first),
        "days": [_day(each) for each in due],
    }


def expiries_of(chain: Chain, definition: Definition) -> Callable[[date], date | None]:
    """The nearest expiry of its legs on a day, as far as they are listed today."""
    legs: list[tuple[str, ExpiryRule | date]] = []
    for leg in definition.legs:
        contract = chain.by_symbol(leg.symbol or "")
        if leg.selector is not None:
            legs.append((leg.selector.underlying, leg.selector.expiry))
        elif contract is not None:
            legs.append((contract.underlying, contract.expiry))
    return nearest_expiry(chain, legs)


def _day(due: DueDay) -> Document:
    reason = due.reason and {"code": due.reason.code, "message": due.reason.text}
    return {"day": plain(due.day), "due_at": plain(due.due_at), "reason": reason}
