"""`atp`: the platform from the command line."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Annotated, Final

import typer

from adapters.cli.late import Root, late, to_stay
from adapters.cli.terms import CODES, Asked, asked_of

app = typer.Typer(
    cls=Root,
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
    epilog=CODES,
    help="Option baskets at their second, every event kept. --home, --as and --json may stand "
    "anywhere on the line.",
)


# ── nouns: a file each, loaded when it is used ────────────────────────────────────────────


def _account() -> typer.Typer:
    from adapters.cli import account, account_drift

    account.app.add_typer(account_drift.app)
    return account.app


def _audit() -> typer.Typer:
    from adapters.cli import audit

    return audit.app


def _basket() -> typer.Typer:
    from adapters.cli import basket

    return basket.app


def _halt() -> typer.Typer:
    from adapters.cli import halt

    return halt.app


def _run() -> typer.Typer:
    from adapters.cli import run

    return run.app


def _strategy() -> typer.Typer:
    from adapters.cli import strategy

    return strategy.app


def _user() -> typer.Typer:
    from adapters.cli import user

    return user.app


NOUNS: Final[Mapping[str, tuple[Callable[[], typer.Typer], str]]] = {
    "basket": (_basket, "Baskets: list, show, import, export, activate, deactivate."),
    "strategy": (_strategy, "Strategies: list, show, versions, check, preview, activate."),
    "run": (_run, "Runs: list, show, exit, absent, filled."),
    "account": (_account, "Broker accounts: link, secrets, connect, limits, block, drift, adopt."),
    "user": (_user, "Users: list, add, roles, disable, notify, password-reset."),
    "audit": (_audit, "The log: show, verify, export, why."),
    "halt": (_halt, "The halt after a restore: show, release."),
}
for _name, (_load, _help) in NOUNS.items():
    app.add_typer(
        typer.Typer(cls=late(_load), no_args_is_help=True), name=_name, help=_help, epilog=CODES
    )


# ── what is good everywhere ───────────────────────────────────────────────────────────────


@app.callback()
def root(
    ctx: typer.Context,
    home: Annotated[
        Path, typer.Option("--home", envvar="ATP_HOME", help="The platform's folder.")
    ] = Path("var/atp"),
    user: Annotated[
        str | None, typer.Option("--as", help="For this user: id or e-mail address.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="JSON for machines.")] = False,
) -> None:
    ctx.obj = Asked(home=home, json=as_json, user=user)


Day = Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help="The day, as 2026-08-04.")]


@app.command(epilog=CODES)
def up(
    ctx: typer.Context,
    live: Annotated[
        bool, typer.Option("--live", help="Trade the traders' own broker accounts.")
    ] = False,
    host: Annotated[str | None, typer.Option(help="Where to listen; 127.0.0.1.")] = None,
    port: Annotated[int | None, typer.Option(help="8000 unless said.")] = None,
    speed: Annotated[float | None, typer.Option(help="Times faster than life; 60.")] = None,
    day: Day = None,
    seed: Annotated[int | None, typer.Option(help="Of the simulated market; 1.")] = None,
) -> None:
    """The platform with its API, until interrupted: practice on a simulated market, or live.

    What was begun in this folder goes on as it was begun: a practice, or live trading.
    """
    with to_stay():
        from adapters.cli.starting import start

    start(asked_of(ctx), live=live, host=host, port=port, speed=speed, day=day, seed=seed)


@app.command(epilog=CODES)
def day(
    ctx: typer.Context,
    basket: Annotated[Path, typer.Option(help="A basket file, as in the folder baskets.")],
    data: Annotated[
        Path | None,
        typer.Option(
            envvar="ATP_DATA", help="Folder of recorded days: 2026-08-04.parquet or .csv."
        ),
    ] = None,
    date: Day = None,
    simulated: Annotated[bool, typer.Option(help="The simulated market instead.")] = False,
    seed: Annotated[int, typer.Option(help="Chance: fills, and the simulated market.")] = 1,
    out: Annotated[Path | None, typer.Option(help="Keep the store in this new folder.")] = None,
    by_kite: Annotated[
        bool, typer.Option(help="Send orders by Kite's wire, to its simulator in this process.")
    ] = False,
) -> None:
    """Play a whole trading day as fast as the machine can: the same day, the same events.

    Shows decisions, orders, fills, profit after charges, and verifies the audit.
    """
    from adapters.cli.day import DayAsked, run_day
    from adapters.cli.terms import BadInput

    if not simulated and data is None:
        raise BadInput("--data: name a folder of recorded days, or say --simulated")
    wanted = DayAsked(
        data=None if simulated else data,
        day=date.date() if date else None,
        basket=basket,
        seed=seed,
        out=out,
        by_kite=by_kite,
    )
    raise typer.Exit(run_day(asked_of(ctx), wanted))


@app.command(epilog=CODES)
def replay(
    ctx: typer.Context,
    views: Annotated[
        list[str] | None, typer.Argument(metavar="[VIEW]…", help="All of them unless named.")
    ] = None,
) -> None:
    """Rebuild views from the events while writes go on; interrupted, it goes on where it was."""
    from adapters.cli.replay import replay as rebuilt

    rebuilt(asked_of(ctx), views or [])


@app.command(epilog=CODES)
def backup(
    ctx: typer.Context, target: Annotated[Path, typer.Argument(help="A folder to be made.")]
) -> None:
    """Copy the platform, at work or not, into a folder, and verify it to the last event."""
    from adapters.cli.keeping import back_up

    back_up(asked_of(ctx), target)


@app.command(epilog=CODES)
def restore(
    ctx: typer.Context,
    source: Annotated[Path, typer.Argument(help="What `atp backup` made.")],
    signed_by: Annotated[
        str | None, typer.Option(help="The key that has to have signed its seals.")
    ] = None,
) -> None:
    """Make a backup the platform of --home, which has to be empty; it starts halted."""
    from adapters.cli.keeping import bring_back

    bring_back(asked_of(ctx), source, signed_by)


@app.command(name="kite-sim", epilog=CODES)
def kite_sim(
    ctx: typer.Context,
    port: Annotated[int, typer.Option(help="Of its REST API; 0 takes a free one.")] = 8010,
    ws_port: Annotated[int, typer.Option(help="Of its WebSocket; 0 takes a free one.")] = 8011,
    day: Day = None,
    begin: Annotated[
        datetime, typer.Option(formats=["%H:%M"], help="When that day begins, IST.")
    ] = "09:00",  # type: ignore[assignment]  # typer reads it by the format
    speed: Annotated[float, typer.Option(help="Times faster than life.")] = 1.0,
    seed: Annotated[int, typer.Option(help="Chance: fills, and the simulated market.")] = 1,
    data: Annotated[
        Path | None, typer.Option(help="Folder of recorded days; simulated without.")
    ] = None,
    cash: Annotated[float | None, typer.Option(help="₹ of a new account.")] = None,
    redirect_url: Annotated[
        str, typer.Option(help="Where a login leads.")
    ] = "http://127.0.0.1:8000/accounts/callback",
    postback_url: Annotated[str | None, typer.Option(help="Where postbacks go.")] = None,
) -> None:
    """A Kite on this machine to practise with: its protocol, a paper exchange behind it."""
    from adapters.cli.kite_sim import KiteSimAsked, serve_kite

    serve_kite(
        asked_of(ctx),
        KiteSimAsked(
            port=port,
            ws_port=ws_port,
            day=day.date() if day else None,
            begin=begin.time(),
            speed=speed,
            seed=seed,
            data=data,
            cash=cash,
            redirect_url=redirect_url,
            postback_url=postback_url,
        ),
    )


if __name__ == "__main__":
    app(prog_name="atp")
