"""Runs: what became of each slot of a strategy on an account; started and left by hand."""

from __future__ import annotations

import secrets
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import AwareDatetime, BaseModel, Field
from starlette.responses import Response

from adapters.api.callers import Caller, Posting, Reading
from adapters.api.documents import OrderShown, RunShown, Shown
from adapters.api.documents import Paged as PagedShown
from adapters.api.openapi import problems
from adapters.api.reading import Listing, Paged, answer, listed, own_row, shown, state_of, view_of
from commands.desk import TRADERS
from commands.errors import NotFound, Refused
from commands.run import ExitRun
from projections.baskets import BASKETS
from projections.broker_accounts import BROKER_ACCOUNTS
from projections.document import document
from projections.orders import ORDERS
from projections.runs import RUNS, open_runs_on, runs_by, runs_in, runs_of, runs_on
from projections.strategies import STRATEGIES
from projections.view import Page, Paging, instant

router = APIRouter()


class RunExit(BaseModel, frozen=True, extra="forbid"):
    """Why, in the trader's words; they are kept with the exit."""

    detail: str = Field(default="", max_length=500)


class RunsAsked(Listing, frozen=True, extra="forbid"):
    """Runs of one basket or one account, if named; those due since then, if told.

    `unfinished` are those of an account that have not ended: all of them, on one page.
    """

    basket_id: str | None = None
    account_id: str | None = None
    since: AwareDatetime | None = None
    unfinished: bool = False

    @property
    def paging(self) -> Paging:
        paging = super().paging
        return paging if self.since is None else {**paging, "since": instant(self.since)}


class Started(Shown):
    runs: list[RunShown]


@router.get("/runs", response_model=PagedShown[RunShown], responses=problems(404))
def runs(caller: Reading, asked: Annotated[RunsAsked, Query()]) -> Response:
    """The caller's runs, of a basket or an account if one is named, by when they were due."""
    view = view_of(caller.context, RUNS)
    if asked.basket_id is not None and asked.account_id is not None:
        raise Refused("one-listing", "name a basket or an account, not both", "account_id")
    if asked.unfinished and asked.account_id is None:
        raise Refused("which-account", "unfinished runs are those of an account", "account_id")
    if asked.basket_id is not None:
        own_row(caller, BASKETS, asked.basket_id)
        return listed(runs_in(view, asked.basket_id, **asked.paging), RUNS)
    if asked.account_id is not None:
        own_row(caller, BROKER_ACCOUNTS, asked.account_id)
        if asked.unfinished:
            return listed(Page(list(open_runs_on(view, asked.account_id)), None), RUNS)
        return listed(runs_on(view, asked.account_id, **asked.paging), RUNS)
    return listed(runs_of(view, caller.user_id, **asked.paging), RUNS)


@router.get("/strategies/{strategy_id}/runs", response_model=PagedShown[RunShown])
def of_strategy(strategy_id: str, caller: Reading, paging: Paged) -> Response:
    """A strategy's runs, by when they were due."""
    own_row(caller, STRATEGIES, strategy_id)
    return listed(runs_by(view_of(caller.context, RUNS), strategy_id, **paging.paging), RUNS)


@router.post(
    "/strategies/{strategy_id}/runs",
    status_code=201,
    response_model=Started,
    responses=problems(409),
)
def start(strategy_id: str, caller: Posting) -> Response:
    """Enter now, on every target account; the same Idempotency-Key starts nothing twice."""
    caller.needs(TRADERS, "StartRun", strategy_id)
    own_row(caller, STRATEGIES, strategy_id)
    key = caller.idempotency_key or secrets.token_hex(8)
    context = caller.context
    try:
        started = context.engine.start_now(strategy_id, key, caller.principal)
    except Refused as refusal:
        context.bus.remember(refusal, "StartRun", strategy_id, caller.request)
        raise
    finally:
        context.stored()
    rows = [own_row(caller, RUNS, run_id) for run_id in started]
    return answer({"runs": [document(RUNS, row) for row in rows]}, 201)


@router.get("/runs/{run_id}", response_model=RunShown)
def run(run_id: str, caller: Reading) -> Response:
    """One run, as it now is."""
    return _shown(caller, run_id)


@router.get("/runs/{run_id}/orders", response_model=PagedShown[OrderShown])
def orders(run_id: str, caller: Reading) -> Response:
    """A run's entry and its exit."""
    own_row(caller, RUNS, run_id)
    state = state_of(caller.context, ORDERS, run_id)
    if state is None or ORDERS.rows is None:
        raise NotFound("Run", run_id)
    rows = ORDERS.rows(state).values()
    return answer({"items": [document(ORDERS, row) for row in rows], "next_cursor": None})


@router.post("/runs/{run_id}/exit", response_model=RunShown, responses=problems(409))
def leave(run_id: str, body: RunExit, caller: Posting) -> Response:
    """Leave now: cancel what is live, buy back shorts, then sell what covered them."""
    caller.ask(ExitRun(run_id=run_id, detail=body.detail))
    caller.context.engine.notice(run_id)
    return _shown(caller, run_id)


def _shown(caller: Caller, run_id: str) -> Response:
    row = own_row(caller, RUNS, run_id)
    return shown(RUNS, row, row.edition)
