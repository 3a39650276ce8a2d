"""An account's pre-trade limits, and the kill switch."""

from __future__ import annotations

from fastapi import APIRouter
from pydantic import BaseModel, Field
from starlette.responses import Response

from adapters.api.accounts import account_shown
from adapters.api.callers import Editing, Posting, Reading
from adapters.api.documents import AccountShown, LimitsShown
from adapters.api.openapi import TAGGED, problems
from adapters.api.reading import answer, own_row, tagged
from commands.account import ResumeTrading, SetLimits, StopTrading
from domain.account_terms import FlattenScope, Limits
from projections.broker_accounts import BROKER_ACCOUNTS
from projections.document import plain

router = APIRouter(prefix="/accounts/{account_id}")


class Stopping(BaseModel, frozen=True, extra="forbid"):
    """Why; `own` flattens what runs hold, `all` everything in the account."""

    reason: str = Field(min_length=1, max_length=500)
    scope: FlattenScope = FlattenScope.OWN


class Resuming(BaseModel, frozen=True, extra="forbid"):
    reason: str = Field(min_length=1, max_length=500)


@router.get("/limits", response_model=LimitsShown, responses=TAGGED)
def limits(account_id: str, caller: Reading) -> Response:
    """What the account may do at most; null is off."""
    row = own_row(caller, BROKER_ACCOUNTS, account_id)
    return answer(plain(row.limits), 200, tagged(row.edition))


@router.put("/limits", response_model=AccountShown, responses=problems(412))
def set_limits(account_id: str, body: Limits, caller: Editing) -> Response:
    """Replace all limits; they hold for what is entered from here on."""
    caller.ask(SetLimits(account_id=account_id, limits=body))
    return account_shown(caller, account_id)


@router.post("/block", response_model=AccountShown, responses=problems(409))
def block(account_id: str, body: Stopping, caller: Posting) -> Response:
    """The kill switch: nothing new is sent, what is open is cancelled and flattened."""
    caller.ask(StopTrading(account_id=account_id, reason=body.reason, scope=body.scope))
    caller.context.engine.kill(account_id)
    return account_shown(caller, account_id)


@router.post("/release", response_model=AccountShown, responses=problems(409))
def release(account_id: str, body: Resuming, caller: Posting) -> Response:
    """Let the account trade again."""
    caller.ask(ResumeTrading(account_id=account_id, reason=body.reason))
    return account_shown(caller, account_id)
