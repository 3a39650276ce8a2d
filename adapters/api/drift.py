"""Differences between a broker and us: looked for, adopted, ignored, flattened, explained."""

from __future__ import annotations

import secrets
from decimal import Decimal

from fastapi import APIRouter
from pydantic import BaseModel, Field
from starlette.responses import Response

from adapters.api.accounts import account_shown
from adapters.api.callers import Caller, Posting, Reading
from adapters.api.documents import AccountShown, DriftShown, Shown
from adapters.api.openapi import problems
from adapters.api.reading import answer, own_row
from commands.desk import TRADERS
from commands.drift import AdoptPosition, AttributePosition, IgnorePosition, ResolveDrift
from commands.errors import Refused
from commands.reconciling import Outcome, Reconciling
from domain.account import BrokerAccount
from domain.account_terms import DriftKind
from domain.attribution import Seen
from domain.contract import Product
from projections.broker_accounts import BROKER_ACCOUNTS
from projections.document import plain

router = APIRouter(prefix="/accounts/{account_id}")


class Part(BaseModel, frozen=True, extra="forbid"):
    """A contract, `NFO:SYMBOL`, and how many signed units of it; all that is there unless said."""

    key: str = Field(min_length=1, max_length=60)
    product: str = Field(min_length=1, max_length=20)
    quantity: int | None = Field(default=None, ge=-10_000_000, le=10_000_000)
    reason: str = Field(default="", max_length=500)


class Adoption(Part, frozen=True, extra="forbid"):
    """`price` in ₹ is what it was traded at; `run_id` the run that it closes, if several might."""

    price: Decimal | None = Field(default=None, gt=0, le=10_000_000)
    run_id: str | None = Field(default=None, max_length=200)


class Leaving(BaseModel, frozen=True, extra="forbid"):
    """A contract, `NFO:SYMBOL`, whose difference is to be traded away."""

    key: str = Field(min_length=1, max_length=60)
    product: Product


class Explanation(BaseModel, frozen=True, extra="forbid"):
    """How a difference between the broker and us came about; `order` where it is about one."""

    key: str = Field(max_length=60)
    product: str = Field(max_length=20)
    how: str = Field(min_length=1, max_length=500)
    kind: DriftKind = DriftKind.NET
    order: str | None = Field(default=None, max_length=40)


class DriftsShown(Shown):
    items: list[DriftShown]


class ReconciledShown(Shown):
    """What a comparison came to; `trouble` says why the broker could not be read."""

    outcome: Outcome
    trouble: str | None
    items: list[DriftShown]


class FlatteningShown(Shown):
    """The run that leaves it."""

    run_id: str


@router.get("/drift", response_model=DriftsShown)
def drift(account_id: str, caller: Reading) -> Response:
    """Where the broker and we differ, since when, and what was explained."""
    row = own_row(caller, BROKER_ACCOUNTS, account_id)
    return answer({"items": plain(row.drifts)})


@router.post("/reconcile", response_model=ReconciledShown)
def reconcile(account_id: str, caller: Posting) -> Response:
    """Compare book, trades and net with what we know, now."""
    caller.needs(TRADERS, "Reconcile", account_id)
    own_row(caller, BROKER_ACCOUNTS, account_id)
    found = reconciling(caller).settle(account_id, caller.request.at)
    caller.context.stored()
    row = own_row(caller, BROKER_ACCOUNTS, account_id)
    return answer({"outcome": found.outcome, "trouble": found.trouble, "items": plain(row.drifts)})


@router.post("/adopt-position", response_model=AccountShown, responses=problems(409, 502))
def adopt(account_id: str, body: Adoption, caller: Posting) -> Response:
    """Count it in: into the run that it closes, else into what the account holds."""
    seen = look(caller, account_id, body, AdoptPosition)
    caller.ask(AdoptPosition(account_id=account_id, seen=seen, **dict(body)))
    for run_id in seen.holdings:
        caller.context.engine.notice(run_id)
    return account_shown(caller, account_id)


@router.post("/ignore-position", response_model=AccountShown, responses=problems(409, 502))
def ignore(account_id: str, body: Part, caller: Posting) -> Response:
    """Leave it to the trader: it is external, and never touched."""
    seen = look(caller, account_id, body, IgnorePosition)
    caller.ask(IgnorePosition(account_id=account_id, seen=seen, **dict(body)))
    return account_shown(caller, account_id)


@router.post("/flatten-position", response_model=FlatteningShown, responses=problems(409, 502))
def flatten(account_id: str, body: Leaving, caller: Posting) -> Response:
    """Open a run that trades the difference away, and nothing else of the contract."""
    caller.needs(TRADERS, "FlattenPosition", account_id)
    own_row(caller, BROKER_ACCOUNTS, account_id)
    name = caller.idempotency_key or secrets.token_hex(8)
    context = caller.context
    try:
        run_id = context.engine.leave_drift(account_id, body.key, body.product, name)
    except Refused as refusal:
        context.bus.remember(refusal, "FlattenPosition", account_id, caller.request)
        raise
    finally:
        context.stored()
    return answer({"run_id": run_id})


@router.post("/resolve-drift", response_model=AccountShown, responses=problems(409))
def resolve(account_id: str, body: Explanation, caller: Posting) -> Response:
    """Say how a difference came about; it is let be for as long as it stays the same."""
    caller.ask(ResolveDrift(account_id=account_id, **dict(body)))
    return account_shown(caller, account_id)


def reconciling(caller: Caller) -> Reconciling:
    context = caller.context
    return Reconciling(bus=context.bus, broker=context.broker, notice=context.engine.notice)


def look(caller: Caller, account_id: str, body: Part, asked: type[AttributePosition]) -> Seen:
    """What the broker shows there now; raises Unavailable, SessionExpired.

    A request that was answered before is answered again, whatever the broker shows.
    """
    caller.needs(TRADERS, asked.__name__, account_id)
    own_row(caller, BROKER_ACCOUNTS, account_id)
    account = caller.context.bus.trading.load(account_id, BrokerAccount)
    if caller.idempotency_key in account.answered:
        return Seen(found=0)
    return reconciling(caller).seen(account_id, (body.key, body.product), caller.request.at)
