"""`atp run`: what runs did, hold and made; and the wish that one leaves."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Annotated

import typer
from rich.table import Table

from adapters.cli.home import Home, first, open_home
from adapters.cli.showing import console, facts, print_json, rupees, table
from adapters.cli.telling import Decision, FillTold, decisions, fills, strategy_of
from adapters.cli.terms import asked_of
from commands.run import DeclareAbsent, DeclareFilled, ExitRun
from projections.document import document
from projections.orders import ORDERS, OrderRow, orders_of_run
from projections.runs import RUNS, RunRow, open_runs, runs_of

app = typer.Typer(no_args_is_help=True)
RunId = Annotated[str, typer.Argument(metavar="RUN", help="The run's id, RUN-….")]


@app.command("list")
def list_runs(
    ctx: typer.Context,
    unfinished: Annotated[bool, typer.Option("--open", help="Only what has not ended.")] = False,
    strategy: Annotated[str | None, typer.Option(help="Only those of this strategy.")] = None,
    account: Annotated[str | None, typer.Option(help="Only those on this account.")] = None,
    limit: Annotated[int, typer.Option(min=1, help="At most so many a user.")] = 50,
) -> None:
    """Runs, the newest first."""
    with open_home(asked_of(ctx)) as home:
        rows = [row for row in listed(home, unfinished, limit) if (
            strategy in (None, row.strategy_id) and account in (None, row.account_id)
        )]  # fmt: skip
    if asked_of(ctx).json:
        print_json([document(RUNS, row) for row in rows])
    else:
        console().print(runs_table(rows))


def listed(home: Home, unfinished: bool, limit: int) -> list[RunRow]:
    """Runs of those whose things are listed, the newest first."""
    view = home.view(RUNS)
    users = {user.id for user in home.readers()}
    if unfinished:
        rows = [row for row in open_runs(view) if row.user_id in users]
    else:
        rows = [row for user in sorted(users) for row in newest(home, user, limit)]
    return sorted(rows, key=lambda row: (row.due_at, row.id), reverse=True)


def newest(home: Home, user_id: str, limit: int) -> list[RunRow]:
    """A user's latest runs."""
    view = home.view(RUNS)
    return first(
        limit,
        lambda cursor, count: runs_of(view, user_id, cursor=cursor, limit=count, newest_first=True),
    )


def runs_table(rows: list[RunRow]) -> Table:
    """Runs with what they made."""
    names = ("run", "due (IST)", "underlying", "stage", "outcome", "made ₹", "charges ₹", "net ₹")
    return table("Runs", names, [
        (row.id, row.due_at, row.underlying, row.stage, why(row),
         rupees(row.realised), rupees(row.charges), rupees(net(row)))
        for row in rows
    ])  # fmt: skip


def why(row: RunRow) -> str | None:
    """How it ended, or what makes it leave."""
    return row.outcome or row.skip_reason or row.exit_reason


def net(row: RunRow) -> Decimal | None:
    """₹ after charges, once it ended."""
    if row.realised is None:
        return None
    return row.realised - (row.charges or 0)


@app.command()
def show(ctx: typer.Context, run: RunId) -> None:
    """One run: its decisions, orders, fills and result."""
    with open_home(asked_of(ctx)) as home:
        answer(home, run)


def answer(home: Home, run_id: str) -> None:
    """The run as it now is."""
    row = home.row(RUNS, run_id)
    orders = orders_of_run(home.view(ORDERS), run_id)
    events = home.history(run_id)
    if home.asked.json:
        print_json({
            **document(RUNS, row),
            "decisions": list(decisions(events)),
            "orders": [document(ORDERS, order) for order in orders],
            "fills": list(fills(events)),
        })  # fmt: skip
        return
    out = console()
    out.print(facts(row.id, {
        "stage": row.stage,
        "due": row.due_at,
        "leaves by": row.exit_at,
        "underlying": row.underlying,
        "reference": f"{rupees(row.reference_price)} ({row.reference_source})",
        "net premium": rupees(row.net_premium),
        "outcome": why(row),
        "alarms": row.alerts,
        "made": f"{rupees(row.realised)}, {rupees(row.charges)} charges",
    }))  # fmt: skip
    out.print(decisions_table(list(decisions(events))))
    out.print(orders_table(orders, {run_id: strategy_of(events)}))
    out.print(fills_table(list(fills(events))))


def decisions_table(told: list[Decision]) -> Table:
    """What was decided."""
    names = ("time (IST)", "strategy", "decision", "by", "what it says")
    rows = [(each.at, each.strategy, each.what, each.actor, each.says) for each in told]
    return table("Decisions", names, rows)


def orders_table(orders: list[OrderRow], names_of: Mapping[str, str]) -> Table:
    """Orders, leg by leg and slice by slice; `names_of` are strategies by run."""
    names = ("strategy", "order", "contract", "side", "status", "units", "filled units", "price",
             "average price", "broker's id", "attempt", "message")  # fmt: skip
    return table("Orders", names, [
        (names_of.get(order.run_id), order.txn_type, leg.symbol, leg.action, each.status, each.qty,
         each.filled_qty,
         rupees(each.price), rupees(each.average_price) if each.filled_qty else None,
         each.broker_order_id, each.attempt, each.message)
        for order in orders
        for leg in order.legs
        for each in leg.slices
    ])  # fmt: skip


def fills_table(told: list[FillTold]) -> Table:
    """What filled."""
    names = ("time (IST)", "strategy", "contract", "side", "units", "price", "broker's id")
    return table("Fills", names, [
        (each.at, each.strategy, each.contract, each.side, each.quantity, rupees(each.price),
         each.broker_order_id)
        for each in told
    ])  # fmt: skip


@app.command("exit")
def exit_run(
    ctx: typer.Context,
    run: RunId,
    reason: Annotated[str, typer.Option(help="Why; kept in the audit.")] = "",
) -> None:
    """Ask the run to leave: the platform cancels, buys back shorts, then sells what covers them."""
    with open_home(asked_of(ctx)) as home:
        home.ask(ExitRun(run_id=run, detail=reason))
        answer(home, run)


@app.command()
def absent(
    ctx: typer.Context,
    run: RunId,
    tag: Annotated[str, typer.Argument(help="The order's tag.")],
    reason: Annotated[str, typer.Option(help="What the broker's own book shows.")],
) -> None:
    """Say of an order of unknown outcome that the broker never had it."""
    with open_home(asked_of(ctx)) as home:
        home.ask(DeclareAbsent(run_id=run, tag=tag, why=reason))
        answer(home, run)


@app.command()
def filled(
    ctx: typer.Context,
    run: RunId,
    tag: Annotated[str, typer.Argument(help="The order's tag.")],
    quantity: Annotated[int, typer.Argument(help="Units that filled, in all.")],
    price: Annotated[str, typer.Argument(help="Their average price in ₹.")],
    reason: Annotated[str, typer.Option(help="What the broker's own book shows.")],
) -> None:
    """Say of an order of unknown outcome how much of it filled, and at which price."""
    with open_home(asked_of(ctx)) as home:
        declared = {"run_id": run, "tag": tag, "quantity": quantity, "average_price": price}
        home.ask(DeclareFilled.model_validate({**declared, "why": reason}))
        answer(home, run)
