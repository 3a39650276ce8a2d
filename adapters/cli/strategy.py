"""`atp strategy`: definitions, their versions and faults, and when they are due next."""

from __future__ import annotations

from typing import Annotated

import typer

from adapters.cli.basket import strategies
from adapters.cli.home import Home, chain_of, every, open_home, today
from adapters.cli.showing import console, facts, ist, print_json, table
from adapters.cli.terms import Ending, asked_of
from commands.strategy import ActivateStrategy, DeactivateStrategy
from domain.basket import Basket, BasketStatus, target_faults
from domain.chain import Chain
from domain.definition import Definition, LegDefinition
from domain.schedule import DueDay, upcoming
from domain.strategy import Strategy, StrategyStatus
from domain.strikes import nearest_expiry
from domain.user import User
from domain.validation import faults_of
from projections.document import document
from projections.strategies import STRATEGIES, StrategyRow, strategies_of

app = typer.Typer(no_args_is_help=True)
StrategyId = Annotated[str, typer.Argument(metavar="STRATEGY", help="The id, STRAT-….")]


@app.command("list")
def list_strategies(
    ctx: typer.Context,
    basket: Annotated[str | None, typer.Option(help="Only those of this basket.")] = None,
) -> None:
    """Every strategy."""
    with open_home(asked_of(ctx)) as home:
        rows = [row for user in home.readers() for row in of_user(home, user.id)]
    rows = [row for row in rows if basket in (None, row.basket_id)]
    if asked_of(ctx).json:
        print_json([document(STRATEGIES, row) for row in rows])
    else:
        console().print(strategies(rows))


def of_user(home: Home, user_id: str) -> list[StrategyRow]:
    """A user's strategies."""
    view = home.view(STRATEGIES)
    return every(lambda cursor: strategies_of(view, user_id, cursor=cursor))


@app.command()
def show(ctx: typer.Context, strategy: StrategyId) -> None:
    """One strategy as last defined."""
    with open_home(asked_of(ctx)) as home:
        answer(home, strategy)


def answer(home: Home, strategy_id: str) -> None:
    """The strategy as it now is."""
    row = home.row(STRATEGIES, strategy_id)
    if home.asked.json:
        print_json(document(STRATEGIES, row))
        return
    definition = home.trading.load(strategy_id, Strategy).definition
    out = console()
    out.print(facts(f"{row.name} ({row.id})", {
        "type": row.type,
        "status": row.status,
        "basket": row.basket_id,
        "version": row.definition_version,
        "schedule": definition.schedule,
        "leaves at": definition.risk_params,
        **row.settings,
        "faults": [f"{fault.field}: {fault.message}" for fault in row.faults] or "none",
    }))  # fmt: skip
    names = ("action", "option", "size", "type")
    out.print(table("Legs", names, [
        (leg.action, option_of(leg), size_of(leg), leg.option_type) for leg in definition.legs
    ]))  # fmt: skip


def option_of(leg: LegDefinition) -> str:
    """The option a leg names: a symbol, or how it is chosen."""
    if leg.selector is None:
        return leg.symbol or ""
    chosen = leg.selector
    return f"{chosen.underlying} {chosen.expiry} ATM{chosen.atm_offset:+d} on {chosen.reference}"


def size_of(leg: LegDefinition) -> str:
    """How much of it."""
    return f"{leg.qty} units" if leg.qty is not None else f"{leg.lots} lots"


@app.command()
def versions(ctx: typer.Context, strategy: StrategyId) -> None:
    """Every definition it ever had, newest last."""
    with open_home(asked_of(ctx)) as home:
        home.row(STRATEGIES, strategy)
        defined = [
            event
            for event in home.history(strategy)
            if isinstance(event, Strategy.Drafted | Strategy.Edited)
        ]
    if asked_of(ctx).json:
        print_json([
            {"version": n, "at": e.timestamp, "actor": e.actor,
             "definition": e.definition.model_dump(exclude_none=True)}
            for n, e in enumerate(defined, 1)
        ])  # fmt: skip
        return
    console().print(table("Versions", ("version", "defined (IST)", "by", "name", "entry", "exit"), [
        (n, e.timestamp, e.actor, e.definition.name, e.definition.schedule.entry_time,
         e.definition.schedule.exit_time)
        for n, e in enumerate(defined, 1)
    ]))  # fmt: skip


@app.command()
def activate(ctx: typer.Context, strategy: StrategyId) -> None:
    """Let it enter at its times, if nothing is wrong with it."""
    with open_home(asked_of(ctx)) as home:
        home.ask(ActivateStrategy(strategy_id=strategy))
        answer(home, strategy)


@app.command()
def deactivate(
    ctx: typer.Context,
    strategy: StrategyId,
    reason: Annotated[str, typer.Option(help="Why; kept in the audit.")] = "REQUEST",
) -> None:
    """Stop entries; exits of what is open go on."""
    with open_home(asked_of(ctx)) as home:
        home.ask(DeactivateStrategy(strategy_id=strategy, reason=reason))
        answer(home, strategy)


@app.command()
def check(ctx: typer.Context, strategy: StrategyId) -> None:
    """Everything that keeps it from being traded, as of now; ends with 1 if there is anything."""
    with open_home(asked_of(ctx)) as home:
        home.row(STRATEGIES, strategy)
        loaded = home.trading.load(strategy, Strategy)
        basket = home.trading.load(loaded.basket_id, Basket)
        accounts = home.trading.load(loaded.user_id, User).accounts
        day = today(home)
        found = faults_of(loaded.definition, chain_of(home.market, day), day)
        found += target_faults(basket.targets, accounts)
    if asked_of(ctx).json:
        print_json({"strategy_id": strategy, "faults": found})
    elif found:
        rows = [(fault.field, fault.code, fault.message) for fault in found]
        console().print(table("Faults", ("field", "code", "what is wrong"), rows))
    else:
        console().print(f"{strategy}: nothing is wrong with it")
    if found:
        raise typer.Exit(Ending.WRONG)


@app.command()
def preview(
    ctx: typer.Context,
    strategy: StrategyId,
    days: Annotated[int, typer.Option("--days", "-n", min=1, max=366)] = 10,
) -> None:
    """The next days of its schedule: when it enters, or the reason why it does not."""
    with open_home(asked_of(ctx)) as home:
        home.row(STRATEGIES, strategy)
        loaded = home.trading.load(strategy, Strategy)
        basket = home.trading.load(loaded.basket_id, Basket)
        chain = chain_of(home.market, today(home))
        due = next_days(loaded.definition, chain, home, days)
    idle = idle_because(loaded, basket)
    if asked_of(ctx).json:
        print_json({"strategy_id": strategy, "idle": idle, "days": due})
        return
    if idle:
        console().print(f"It does not enter now: {idle}")
    console().print(table("Next days", ("day", "weekday", "entry (IST)", "why not"), [
        (each.day, f"{each.day:%a}", None if each.reason else ist(each.due_at),
         each.reason.text if each.reason else "")
        for each in due
    ]))  # fmt: skip


def next_days(definition: Definition, chain: Chain, home: Home, days: int) -> list[DueDay]:
    """As far as today's contracts tell."""
    legs = []
    for leg in definition.legs:
        contract = chain.by_symbol(leg.symbol or "")
        if leg.selector is not None:
            legs.append((leg.selector.underlying, leg.selector.expiry))
        elif contract is not None:
            legs.append((contract.underlying, contract.expiry))
    return upcoming(definition.schedule, nearest_expiry(chain, legs), home.clock.now(), days)


def idle_because(strategy: Strategy, basket: Basket) -> str | None:
    """Why nothing is entered whatever the day; None if it is."""
    if strategy.status is not StrategyStatus.ACTIVE:
        return f"the strategy is {strategy.status}"
    if basket.status is not BasketStatus.ACTIVE:
        return f"its basket is {basket.status}"
    return None
