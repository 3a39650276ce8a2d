"""`atp account`: broker accounts, their sessions, their limits and their kill switch."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated

import typer
from rich.console import RenderableType

from adapters.cli import account_login
from adapters.cli.home import Home, every, open_home, today
from adapters.cli.showing import console, facts, print_json, rupees, table
from adapters.cli.terms import BadInput, asked_of
from commands.account import ResumeTrading, SetLimits, StopTrading
from domain.account_terms import FlattenScope, Limits
from projections.broker_accounts import BROKER_ACCOUNTS, AccountRow, accounts_of
from projections.document import document
from projections.positions import POSITIONS, Position, positions_on

app = typer.Typer(no_args_is_help=True)
Account = Annotated[str, typer.Argument(metavar="ACCOUNT", help="The account's id, ACC-….")]
Reason = Annotated[str, typer.Option("--reason", help="Why; kept in the audit.")]


@app.command("list")
def list_accounts(ctx: typer.Context) -> None:
    """Every linked account."""
    with open_home(asked_of(ctx)) as home:
        rows = accounts(home)
    if asked_of(ctx).json:
        print_json([document(BROKER_ACCOUNTS, row) for row in rows])
        return
    names = ("account", "broker", "name", "status", "blocked", "user")
    console().print(table("Accounts", names, [
        (row.id, row.broker, row.account_name, row.status, bool(row.block), row.user_id)
        for row in rows
    ]))  # fmt: skip


def accounts(home: Home) -> list[AccountRow]:
    """Accounts of those whose things are listed."""
    return [row for user in home.readers() for row in of_user(home, user.id)]


def of_user(home: Home, user_id: str) -> list[AccountRow]:
    """A user's accounts."""
    view = home.view(BROKER_ACCOUNTS)
    return every(lambda cursor: accounts_of(view, user_id, cursor=cursor))


@app.command()
def show(ctx: typer.Context, account: Account) -> None:
    """One account: connection, limits, block, differences and what is held."""
    with open_home(asked_of(ctx)) as home:
        row = home.row(BROKER_ACCOUNTS, account)
        held = positions_on(home.view(POSITIONS), account, today(home))
    if asked_of(ctx).json:
        print_json({**document(BROKER_ACCOUNTS, row), "positions": held})
        return
    out = console()
    out.print(described(row))
    out.print(holdings(held))


def described(row: AccountRow) -> RenderableType:
    """The account, a line for each of its facts."""
    limits = {
        f"limit {name}": rupees(value) if isinstance(value, Decimal) else value
        for name, value in row.limits
        if value is not None
    }
    block = row.block
    return facts(f"{row.account_name} ({row.id})", {
        "broker": row.broker,
        "status": row.status,
        "user": row.user_id,
        "login at the broker": row.broker_user_id,
        "orders come from": row.static_ip,
        "may trade": list(row.capabilities),
        "session until": row.session_expires_at,
        "compared with broker": row.last_sync,
        "blocked": f"{block.reason} ({block.scope}), by {block.actor}" if block else "no",
        "differences": [d.text for d in row.drifts],
        **(limits or {"limits": "none"}),
    })  # fmt: skip


def holdings(held: list[Position]) -> RenderableType:
    """Positions, today's closed ones too."""
    names = ("contract", "product", "units", "average price", "realised ₹")
    rows = [
        (p.key, p.product, p.quantity, rupees(p.average_price), rupees(p.realised)) for p in held
    ]
    return table("Positions", names, rows)


@app.command()
def limits(
    ctx: typer.Context,
    account: Account,
    max_lots: Annotated[int | None, typer.Option(help="Lots of one run.")] = None,
    max_notional: Annotated[str | None, typer.Option(help="₹ of one run.")] = None,
    max_orders_per_day: Annotated[int | None, typer.Option(help="Orders of a day.")] = None,
    max_open_runs: Annotated[int | None, typer.Option(help="Runs open at once.")] = None,
    max_daily_loss: Annotated[str | None, typer.Option(help="₹ lost in a day.")] = None,
    off: Annotated[list[str] | None, typer.Option(help="A limit to lift, by name.")] = None,
) -> None:
    """Set the limits given, lift those named by --off, leave the others."""
    given = {
        "max_lots": max_lots,
        "max_notional": max_notional,
        "max_orders_per_day": max_orders_per_day,
        "max_open_runs": max_open_runs,
        "max_daily_loss": max_daily_loss,
    }
    lifted = [name.replace("-", "_") for name in off or ()]
    if unknown := [name for name in lifted if name not in given]:
        raise BadInput(f"--off: {unknown[0]} is none of {', '.join(given)}")
    news = {name: value for name, value in given.items() if value is not None}
    with open_home(asked_of(ctx)) as home:
        present = home.row(BROKER_ACCOUNTS, account).limits.model_dump()
        wanted = Limits.model_validate({**present, **dict.fromkeys(lifted), **news})
        home.ask(SetLimits(account_id=account, limits=wanted))
        answer(home, account)


@app.command()
def block(
    ctx: typer.Context,
    account: Account,
    reason: Reason = "by hand",
    everything: Annotated[
        bool, typer.Option("--all", help="Flatten what no run of ours holds, too.")
    ] = False,
) -> None:
    """The kill switch: nothing new is sent, and what is open is flattened by the platform."""
    scope = FlattenScope.ALL if everything else FlattenScope.OWN
    with open_home(asked_of(ctx)) as home:
        home.ask(StopTrading(account_id=account, reason=reason, scope=scope))
        answer(home, account)


@app.command()
def release(ctx: typer.Context, account: Account, reason: Reason = "by hand") -> None:
    """Let a blocked account trade again."""
    with open_home(asked_of(ctx)) as home:
        home.ask(ResumeTrading(account_id=account, reason=reason))
        answer(home, account)


# ── the session at the broker ─────────────────────────────────────────────────────────────


def then_shown(ctx: typer.Context, account: str) -> None:
    with open_home(asked_of(ctx)) as home:
        answer(home, account)


@app.command()
def link(
    ctx: typer.Context,
    broker: Annotated[str, typer.Argument(help="zerodha or paper.")],
    name: Annotated[str, typer.Option(help="What you call the account.")],
    static_ip: Annotated[
        str | None, typer.Option(help="The address that is registered at the broker.")
    ] = None,
) -> None:
    """Link a login at a broker; `secrets` and `connect` come next."""
    then_shown(ctx, account_login.link(asked_of(ctx), broker, name, static_ip))


@app.command()
def secrets(ctx: typer.Context, account: Account) -> None:
    """Give the keys of your app at the broker to the vault; they are asked for, and not shown."""
    account_login.keep_secrets(asked_of(ctx), account)
    then_shown(ctx, account)


@app.command()
def connect(
    ctx: typer.Context,
    account: Account,
    request_token: Annotated[
        str | None, typer.Option(help="What the login gave; asked for otherwise.")
    ] = None,
) -> None:
    """Log in at the broker: open the address shown, then give what the browser arrives with."""
    account_login.connect(asked_of(ctx), account, request_token)
    then_shown(ctx, account)


@app.command()
def disconnect(
    ctx: typer.Context,
    account: Account,
    force: Annotated[
        bool, typer.Option("--force", help="Though open runs could not be left then.")
    ] = False,
) -> None:
    """Log out at the broker: the token is worth nothing from there on."""
    account_login.disconnect(asked_of(ctx), account, force=force)
    then_shown(ctx, account)


@app.command()
def unlink(ctx: typer.Context, account: Account) -> None:
    """Unlink the account and forget its secrets; refused while runs are open there."""
    account_login.unlink(asked_of(ctx), account)
    if asked_of(ctx).json:
        print_json({"unlinked": account})
    else:
        console().print(f"{account} is unlinked, and its secrets are forgotten.", markup=False)


def answer(home: Home, account: str) -> None:
    """The account as it now is."""
    row = home.row(BROKER_ACCOUNTS, account)
    if home.asked.json:
        print_json(document(BROKER_ACCOUNTS, row))
    else:
        console().print(described(row))
