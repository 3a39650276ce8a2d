"""`atp basket`: baskets, in and out as files too."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer
from rich.console import RenderableType

from adapters.cli.home import Home, chain_of, every, open_home, today
from adapters.cli.showing import console, facts, print_json, table
from adapters.cli.terms import BadInput, asked_of
from adapters.demo import BasketFile, read_basket
from commands.basket import ActivateBasket, ComposeBasket, DeactivateBasket
from commands.strategy import ActivateStrategy, DraftStrategy
from domain.basket import Basket, Target
from domain.fault import Fault
from domain.refusal import Faulty
from domain.strategy import Strategy
from domain.validation import faults_of
from projections.baskets import BASKETS, BasketRow, baskets_of
from projections.document import document, plain
from projections.strategies import STRATEGIES, StrategyRow, strategies_in

app = typer.Typer(no_args_is_help=True)
BasketId = Annotated[str, typer.Argument(metavar="BASKET", help="The basket's id, BASK-….")]


@app.command("list")
def list_baskets(ctx: typer.Context) -> None:
    """Every basket."""
    with open_home(asked_of(ctx)) as home:
        rows = [row for user in home.readers() for row in of_user(home, user.id)]
    if asked_of(ctx).json:
        print_json([document(BASKETS, row) for row in rows])
        return
    names = ("basket", "name", "status", "strategies", "user")
    console().print(table("Baskets", names, [
        (row.id, row.name, row.status, len(row.strategies), row.user_id) for row in rows
    ]))  # fmt: skip


def of_user(home: Home, user_id: str) -> list[BasketRow]:
    """A user's baskets."""
    view = home.view(BASKETS)
    return every(lambda cursor: baskets_of(view, user_id, cursor=cursor))


@app.command()
def show(ctx: typer.Context, basket: BasketId) -> None:
    """One basket with its strategies."""
    with open_home(asked_of(ctx)) as home:
        answer(home, basket)


def answer(home: Home, basket_id: str) -> None:
    """The basket as it now is."""
    row = home.row(BASKETS, basket_id)
    view = home.view(STRATEGIES)
    members = every(lambda cursor: strategies_in(view, basket_id, cursor=cursor))
    if home.asked.json:
        listed = [document(STRATEGIES, each) for each in members]
        print_json({**document(BASKETS, row), "strategies": listed})
        return
    out = console()
    targets = [f"{each.account_id} ×{each.multiplier}" for each in row.targets]
    out.print(facts(f"{row.name} ({row.id})", {
        "description": row.description,
        "status": row.status,
        "user": row.user_id,
        "trades on": targets or "the only linked account",
    }))  # fmt: skip
    out.print(strategies(members))


def strategies(rows: list[StrategyRow]) -> RenderableType:
    """Strategies, with what is wrong with them."""
    names = ("strategy", "name", "type", "status", "entry", "exit", "weekdays", "faults")
    cells = [
        (
            row.id,
            row.name,
            row.type,
            row.status,
            row.schedule["entry_time"],
            row.schedule["exit_time"],
            row.schedule["weekdays"],
            len(row.faults),
        )
        for row in rows
    ]
    return table("Strategies", names, cells)


@app.command("import")
def import_basket(
    ctx: typer.Context,
    file: Annotated[Path, typer.Argument(help="A basket with its strategies, as JSON.")],
    account: Annotated[
        str | None, typer.Option(help="Where it trades; the only linked account unless said.")
    ] = None,
    activate: Annotated[bool, typer.Option(help="Activate it if nothing is wrong.")] = False,
) -> None:
    """A new basket from a file: drafts, with whatever faults they have, unless --activate."""
    read = read_basket(file)
    with open_home(asked_of(ctx)) as home:
        if activate:
            refuse_faults(home, read)
        targets = targets_of(home, read, account)
        composed = home.ask(
            ComposeBasket(name=read.name, description=read.description, targets=targets)
        )
        drafted = [
            home.ask(DraftStrategy(basket_id=composed.id, definition=each))
            for each in read.strategies
        ]
        if activate:
            for strategy in drafted:
                home.ask(ActivateStrategy(strategy_id=strategy.id))
            home.ask(ActivateBasket(basket_id=composed.id))
        answer(home, composed.id)


def targets_of(home: Home, read: BasketFile, account: str | None) -> tuple[Target, ...]:
    """Where it is to trade; nothing said means the only linked account."""
    linked = home.user().accounts
    if account is not None and account not in linked:
        raise BadInput(f"--account: {account} is none of {', '.join(linked)}")
    if account is None and len(linked) != 1:
        raise BadInput(f"--account: say which, one of {', '.join(linked)}")
    return (Target(account_id=account or linked[0], multiplier=read.multiplier),)


def refuse_faults(home: Home, read: BasketFile) -> None:
    """Refuse before anything is stored; raises Faulty."""
    day = today(home)
    chain = chain_of(home.market, day)
    faults = [
        Fault(fault.code, f"strategies[{number}].{fault.field}", fault.message)
        for number, each in enumerate(read.strategies)
        for fault in faults_of(each, chain, day)
    ]
    if faults:
        raise Faulty("strategy-has-faults", "the basket has faults", faults)


@app.command()
def export(
    ctx: typer.Context,
    basket: BasketId,
    out: Annotated[Path | None, typer.Option(help="A new file; stdout unless given.")] = None,
) -> None:
    """The basket as a file that `atp basket import` reads."""
    with open_home(asked_of(ctx)) as home:
        home.row(BASKETS, basket)
        text = json.dumps(file_of(home, basket), indent=2, ensure_ascii=False)
    if out is None:
        print(text)
        return
    try:
        with out.open("x", encoding="utf-8") as file:
            file.write(text + "\n")
    except FileExistsError as error:
        raise BadInput(f"--out: {out} exists already") from error


def file_of(home: Home, basket_id: str) -> dict[str, object]:
    """The basket and its strategies as last defined, in the form of a basket file."""
    basket = home.trading.load(basket_id, Basket)
    definitions = [home.trading.load(each, Strategy).definition for each in basket.members]
    multiplier = basket.targets[0].multiplier if basket.targets else 1
    return {
        "name": basket.name,
        "description": basket.description,
        "multiplier": multiplier,
        "strategies": [
            plain(each.model_dump(exclude_none=True, exclude_defaults=True, round_trip=True))
            for each in definitions
        ],
    }


@app.command()
def activate(ctx: typer.Context, basket: BasketId) -> None:
    """Let its active strategies enter at their times."""
    with open_home(asked_of(ctx)) as home:
        home.ask(ActivateBasket(basket_id=basket))
        answer(home, basket)


@app.command()
def deactivate(ctx: typer.Context, basket: BasketId) -> None:
    """Stop entries; what is open goes on to its exit."""
    with open_home(asked_of(ctx)) as home:
        home.ask(DeactivateBasket(basket_id=basket))
        answer(home, basket)
