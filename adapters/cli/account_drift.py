"""`atp account drift` and what settles it: adopt, ignore, flatten, resolve."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from typing import Annotated

import typer
from rich.table import Table

from adapters.cli.home import Home, open_home
from adapters.cli.showing import console, print_json, table
from adapters.cli.terms import BadInput, asked_of
from adapters.home_files import install_of
from adapters.worlds import brokers_of
from commands.drift import AdoptPosition, IgnorePosition, ResolveDrift
from commands.flatten import Flattening
from commands.ports import Broker
from commands.reconciling import Found, Outcome, Reconciling
from commands.runs import RunBook
from domain.account_terms import DriftKind
from domain.attribution import Seen
from domain.contract import Product
from projections.broker_accounts import BROKER_ACCOUNTS, AccountRow
from projections.document import document

app = typer.Typer(no_args_is_help=True)
Account = Annotated[str, typer.Argument(metavar="ACCOUNT", help="The account's id, ACC-….")]
Key = Annotated[str, typer.Argument(metavar="CONTRACT", help="As NFO:NIFTY2680424500CE.")]
AtProduct = Annotated[Product, typer.Option("--product", help="MIS or NRML.")]
Quantity = Annotated[int | None, typer.Option(help="Signed units; all that is there unless said.")]
Reason = Annotated[str, typer.Option("--reason", help="Why; kept in the audit.")]


@app.command()
def drift(
    ctx: typer.Context,
    account: Account,
    look: Annotated[bool, typer.Option("--look", help="Compare with the broker now.")] = False,
) -> None:
    """Where the broker and the platform differ, since when, and what was said of it."""
    asked = asked_of(ctx)
    with open_home(asked) as home:
        home.row(BROKER_ACCOUNTS, account)
        if look:
            with brokers_of(asked.home) as broker:
                compared(home, broker, account)
        answer(home, account)


def compared(home: Home, broker: Callable[[str], Broker], account: str) -> None:
    """Compare now; raises BadInput where the broker says nothing."""
    found: Found = reconciling(home, broker).settle(account, home.clock.now())
    home.reads.follower.catch_up()
    if found.outcome in (Outcome.SILENT, Outcome.AGAIN):
        raise BadInput(f"{account} cannot be compared now: {found.trouble or 'orders are filling'}")


@app.command()
def adopt(
    ctx: typer.Context,
    account: Account,
    contract: Key,
    product: AtProduct,
    quantity: Quantity = None,
    price: Annotated[
        str | None, typer.Option(help="₹ it was traded at, where today's trades do not tell.")
    ] = None,
    run: Annotated[str | None, typer.Option(help="The run it closes, where several might.")] = None,
    reason: Reason = "by hand",
) -> None:
    """Count it in: into the run that it closes, else into what the account holds."""
    with open_home(asked_of(ctx)) as home:
        seen = seen_now(home, account, contract, product)
        said = {"key": contract, "product": product, "quantity": quantity, "reason": reason}
        more = {"price": price, "run_id": run, "seen": seen}
        home.ask(AdoptPosition.model_validate({"account_id": account, **said, **more}))
        answer(home, account)


@app.command()
def ignore(
    ctx: typer.Context,
    account: Account,
    contract: Key,
    product: AtProduct,
    quantity: Quantity = None,
    reason: Reason = "by hand",
) -> None:
    """Leave it to the trader: it is external, and never touched."""
    with open_home(asked_of(ctx)) as home:
        seen = seen_now(home, account, contract, product)
        home.ask(
            IgnorePosition(
                account_id=account,
                key=contract,
                product=product,
                quantity=quantity,
                reason=reason,
                seen=seen,
            )
        )
        answer(home, account)


@app.command()
def flatten(ctx: typer.Context, account: Account, contract: Key, product: AtProduct) -> None:
    """Open a run that trades the difference away; a platform at work follows it."""
    asked = asked_of(ctx)
    with open_home(asked) as home, brokers_of(asked.home) as broker:
        home.row(BROKER_ACCOUNTS, account)
        runs = home.bus.world.open_runs
        if not isinstance(runs, RunBook):
            raise TypeError("a home knows its runs by a RunBook")
        flattening = Flattening(
            home.trading, home.market, broker, runs, lambda _: None, install_of(asked.home)
        )
        name, now = secrets.token_hex(8), home.clock.now()
        run_id = flattening.leave_drift(account, contract, product, name, now)
    if asked.json:
        print_json({"run_id": run_id})
    else:
        console().print(f"{run_id} leaves it.", markup=False)


@app.command()
def resolve(
    ctx: typer.Context,
    account: Account,
    contract: Key,
    product: AtProduct,
    reason: Annotated[str, typer.Option("--reason", help="How it came about.")],
    kind: Annotated[DriftKind, typer.Option(help="What kind of difference.")] = DriftKind.NET,
    order: Annotated[str | None, typer.Option(help="The broker's id of the order.")] = None,
) -> None:
    """Say how it came about: it is let be for as long as it stays the same; nothing is counted."""
    with open_home(asked_of(ctx)) as home:
        home.ask(
            ResolveDrift(
                account_id=account,
                key=contract,
                product=product,
                how=reason,
                kind=kind,
                order=order,
            )
        )
        answer(home, account)


def seen_now(home: Home, account: str, contract: str, product: Product) -> Seen:
    """What the broker shows there now; raises Unavailable, SessionExpired."""
    home.row(BROKER_ACCOUNTS, account)
    with brokers_of(home.asked.home) as broker:
        place = (contract, product.value)
        return reconciling(home, broker).seen(account, place, home.clock.now())


def reconciling(home: Home, broker: Callable[[str], Broker]) -> Reconciling:
    return Reconciling(bus=home.bus, broker=broker)


def answer(home: Home, account: str) -> None:
    """The differences of the account as they now are."""
    row = home.row(BROKER_ACCOUNTS, account)
    if home.asked.json:
        print_json(document(BROKER_ACCOUNTS, row)["drifts"])
    else:
        console().print(drifts(row))


def drifts(row: AccountRow) -> Table:
    names = ("kind", "contract", "product", "order", "expected", "found", "since", "explained")
    return table("Differences", names, [
        (d.kind, d.key, d.product, d.order, d.expected, d.found, d.since, d.explained)
        for d in row.drifts
    ])  # fmt: skip
