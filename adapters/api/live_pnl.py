"""What today made so far: by run, account and basket, marked as the risk limits are."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date, datetime
from typing import Final

from fastapi import APIRouter
from starlette.responses import Response

from adapters.api.callers import Reading
from adapters.api.context import ApiContext
from adapters.api.documents import Rupees, Shown
from adapters.api.reading import Document, answer, own_row, view_of
from domain.calendar import ist_date
from domain.risk import limits
from domain.run import Run
from projections.broker_accounts import BROKER_ACCOUNTS, accounts_of
from projections.document import plain
from projections.live_pnl import Gain, runs_today, summed
from projections.runs import RUNS, open_runs_on

router = APIRouter()

#: Accounts that are looked at, at the most.
MOST: Final = 200


class RunGainShown(Shown):
    """A run today; `gross` and `net` are null while something it holds has no fresh price."""

    run_id: str
    strategy_id: str
    basket_id: str
    account_id: str
    held: bool
    gross: Rupees | None
    charges: Rupees
    net: Rupees | None


class GainShown(Shown):
    """The sum over runs; those without a fresh price are counted in `unmarked`, not summed."""

    gross: Rupees
    charges: Rupees
    net: Rupees
    runs: int
    unmarked: int


class AccountGainShown(GainShown):
    account_id: str


class BasketGainShown(GainShown):
    basket_id: str


class PnlNowShown(Shown):
    day: date
    now: datetime
    total: GainShown
    accounts: list[AccountGainShown]
    baskets: list[BasketGainShown]
    runs: list[RunGainShown]


class TriggersShown(Shown):
    """The P&L of the run, in ₹ before charges, at which each limit makes it leave; null is off."""

    max_loss: Rupees | None
    stop_loss: Rupees | None
    target_profit: Rupees | None


class RunTriggersShown(TriggersShown):
    run_id: str


class OpenTriggersShown(Shown):
    items: list[RunTriggersShown]


@router.get("/pnl/now", response_model=PnlNowShown)
def now(caller: Reading) -> Response:
    """What today (IST) made so far, if everything were left now."""
    context, moment = caller.context, caller.context.clock.now()
    day = ist_date(moment)
    runs = runs_today(context.tables, caller.user_id, day)
    quotes = context.market.quotes(sorted({key for run in runs for key in run.keys}))
    gains = [Gain(run=run, gross=run.gross(quotes, moment)) for run in runs]
    body = {
        "day": plain(day),
        "now": plain(moment),
        "total": _sum(day, gains),
        "accounts": _grouped(day, gains, "account_id", lambda gain: gain.run.account_id),
        "baskets": _grouped(day, gains, "basket_id", lambda gain: gain.run.basket_id),
        "runs": [_run(gain) for gain in gains],
    }
    return answer(body)


@router.get("/pnl/limits", response_model=OpenTriggersShown)
def open_triggers(caller: Reading) -> Response:
    """At which P&L each of the caller's unfinished runs leaves by itself, as it stands."""
    context = caller.context
    accounts = accounts_of(view_of(context, BROKER_ACCOUNTS), caller.user_id, limit=MOST).rows
    view = view_of(context, RUNS)
    runs = [row.id for account in accounts for row in open_runs_on(view, account.id)]
    return answer({"items": [{"run_id": each, **_triggers(context, each)} for each in runs]})


@router.get("/runs/{run_id}/limits", response_model=TriggersShown)
def triggers(run_id: str, caller: Reading) -> Response:
    """At which P&L it leaves by itself, as it stands: percentages count once it has entered."""
    own_row(caller, RUNS, run_id)
    return answer(_triggers(caller.context, run_id))


def _triggers(context: ApiContext, run_id: str) -> Document:
    run = context.bus.trading.load(run_id, Run, verify=False)
    shown: Document = plain(limits(run.terms.risk, run.terms.multiplier, run.net_premium))
    return shown


def _run(gain: Gain) -> Document:
    run = gain.run
    return {
        "run_id": run.run_id,
        "strategy_id": run.strategy_id,
        "basket_id": run.basket_id,
        "account_id": run.account_id,
        "held": run.held,
        "gross": plain(gain.gross),
        "charges": plain(run.charges),
        "net": plain(gain.net),
    }


def _sum(day: date, gains: Iterable[Gain]) -> Document:
    total = summed(day, gains)
    shown: Document = plain(total)
    del shown["day"]
    return {**shown, "net": plain(total.net)}


def _grouped(
    day: date, gains: Iterable[Gain], name: str, of: Callable[[Gain], str]
) -> list[Document]:
    groups: dict[str, list[Gain]] = {}
    for gain in gains:
        groups.setdefault(of(gain), []).append(gain)
    return [{name: each, **_sum(day, own)} for each, own in sorted(groups.items())]
