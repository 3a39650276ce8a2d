"""`python -m adapters.simulators.kite.server FOLDER`: the simulator as a process of its own."""

from __future__ import annotations

import fcntl
import os
import secrets
import signal
from collections.abc import Callable
from pathlib import Path
from threading import Event
from typing import Annotated, Final

import typer
from pydantic import ValidationError

from adapters.brokers.paper.exchange import PaperExchange
from adapters.brokers.paper.ledger import PaperLedger
from adapters.clock import SteppedClock
from adapters.simulators.kite.simulator import KiteSimulator
from adapters.simulators.kite.spec import KiteEndpoint, KiteSpec

ENDPOINT: Final = "endpoint.json"
LEDGER: Final = "ledger.sqlite"
SPEC: Final = "spec.json"
LOCK: Final = "lock"
ALREADY_AT_WORK: Final = 3

app = typer.Typer(add_completion=False)


class AlreadyAtWork(RuntimeError):
    """Another simulator serves that folder."""

    ending = ALREADY_AT_WORK


class BadSpec(ValueError):
    """What was written for the simulator cannot be meant."""

    ending = 2


@app.command()
def serve(
    folder: Annotated[Path, typer.Argument(help="Where ledger and endpoint are kept.")],
    port: Annotated[int, typer.Option(help="Of the REST API; 0 takes a free one.")] = 0,
    ws_port: Annotated[int, typer.Option(help="Of the WebSocket; 0 takes a free one.")] = 0,
) -> None:
    """Run the simulator that `spec.json` in FOLDER describes, until it is told to end."""
    try:
        run(folder, port, ws_port, lambda _: None)
    except (AlreadyAtWork, BadSpec) as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(error.ending) from None


def run(folder: Path, port: int, ws_port: int, tell: Callable[[KiteEndpoint], None]) -> None:
    """Serve that folder until SIGTERM or SIGINT; `tell` hears where it listens."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / LOCK).open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise AlreadyAtWork(f"a simulator is already at work in {folder.name}") from None
        _serve(folder, port, ws_port, tell)


def _serve(folder: Path, port: int, ws_port: int, tell: Callable[[KiteEndpoint], None]) -> None:
    ended = Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: ended.set())
    token = secrets.token_hex(32)
    simulator = simulator_of(folder, token, port, ws_port)
    simulator.start()
    endpoint = KiteEndpoint(root=simulator.root, ws=simulator.ws, control=token, pid=os.getpid())
    endpoint.write(folder / ENDPOINT)
    tell(endpoint)
    simulator.await_end(ended)
    simulator.stop()


def simulator_of(folder: Path, token: str, port: int, ws_port: int) -> KiteSimulator:
    """The simulator of that folder, with its ledger of before."""
    try:
        spec = KiteSpec.model_validate_json((folder / SPEC).read_text())
    except ValidationError as error:
        raise BadSpec(f"{SPEC}: {error}") from None
    clock = spec.clock()
    own = SteppedClock(clock.now())
    market = spec.open_market(own)
    exchange = PaperExchange(market, own, PaperLedger(folder / LEDGER), spec.rules)
    simulator = KiteSimulator(
        exchange,
        market,
        clock,
        spec.faults,
        limits=spec.limits,
        seed=spec.seed,
        port=port,
        ws_port=ws_port,
        control=token,
    )
    for each in spec.apps:
        simulator.add(each, spec.cash)
    return simulator


if __name__ == "__main__":
    app()
