"""`atp halt`: whether the whole platform stands still, as it does after a restore."""

from __future__ import annotations

from typing import Annotated

import typer

from adapters.cli.home import surroundings
from adapters.cli.showing import console, ist, print_json
from adapters.cli.terms import Absent, asked_of
from adapters.halt import Halt, release_halt
from adapters.runtime import STORE

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
) -> None:
    """Let the platform send again; compare accounts with their brokers first."""
    asked = asked_of(ctx)
    require(ctx)
    clock, _ = surroundings(asked.home)
    record = release_halt(asked.home, reason, clock.now())
    if asked.json:
        print_json({"released": record is not None, "record": str(record) if record else None})
    elif record is None:
        console().print("The platform was not halted.")
    else:
        console().print(f"Released; what it was is kept in {record}", markup=False)


def require(ctx: typer.Context) -> None:
    """Raises Absent where there is no platform."""
    home = asked_of(ctx).home
    if not (home / STORE).is_file():
        raise Absent(f"there is no platform in {home}")
