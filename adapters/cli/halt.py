"""`atp halt`: whether the whole platform stands still, as it does after a restore."""

from __future__ import annotations

from functools import partial
from typing import Annotated

import typer

from adapters.cli.home import Home, open_home
from adapters.cli.showing import console, ist, print_json
from adapters.cli.terms import Absent, asked_of
from adapters.halt import Halt
from adapters.reconciling import lift_halt, reconcile_all
from adapters.runtime import STORE
from adapters.worlds import brokers_of
from domain.account import BrokerAccount
from domain.run import Run
from projections.broker_accounts import BROKER_ACCOUNTS
from projections.runs import RUNS, open_runs

app = typer.Typer(no_args_is_help=True)


@app.command()
def show(ctx: typer.Context) -> None:
    """Whether nothing may be sent to any broker, since when and why."""
    asked = asked_of(ctx)
    require(ctx)
    state = Halt(asked.home).state()
    if asked.json:
        print_json({"halted": state is not None, **(state.model_dump() if state else {})})
    elif state is None:
        console().print("The platform is not halted.")
    else:
        console().print(f"Halted since {ist(state.at)} IST: {state.reason}", markup=False)


@app.command()
def release(
    ctx: typer.Context,
    reason: Annotated[str, typer.Option(help="Why; kept beside the store.")] = "by hand",
    accept: Annotated[
        list[str] | None,
        typer.Option(help="A difference to accept, as it was named; may be given several times."),
    ] = None,
) -> None:
    """Let the platform send again, once every account agrees with its broker."""
    asked = asked_of(ctx)
    require(ctx)
    record = None
    if Halt(asked.home).state() is not None:
        with open_home(asked) as home, brokers_of(asked.home) as broker:
            reports = reconcile_all(accounts(home), partial(open_runs_on, home), broker)
            record = lift_halt(asked.home, reports, reason, home.clock.now(), accept or ())
    if asked.json:
        print_json({"released": record is not None, "record": str(record) if record else None})
    elif record is None:
        console().print("The platform was not halted.")
    else:
        console().print(f"Released; what it was is kept in {record}", markup=False)


def accounts(home: Home) -> list[BrokerAccount]:
    """Every linked account, as its stream has it."""
    heads = home.reads.tables.live(BROKER_ACCOUNTS.shape).heads()
    return [
        home.trading.load(head.stream, BrokerAccount) for head in heads if head.body is not None
    ]


def open_runs_on(home: Home, account_id: str) -> list[Run]:
    found = [row.id for row in open_runs(home.view(RUNS)) if row.account_id == account_id]
    return [home.trading.load(run_id, Run) for run_id in found]


def require(ctx: typer.Context) -> None:
    """Raises Absent where there is no platform."""
    home = asked_of(ctx).home
    if not (home / STORE).is_file():
        raise Absent(f"there is no platform in {home}")
