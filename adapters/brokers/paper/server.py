"""`python -m adapters.brokers.paper.server FOLDER`: the paper broker as a process of its own."""

from __future__ import annotations

import fcntl
import secrets
import signal
from pathlib import Path
from threading import Thread
from types import FrameType
from typing import Annotated, Final

import typer
from pydantic import ValidationError

from adapters.brokers.paper.desk import Desk
from adapters.brokers.paper.exchange import PaperExchange
from adapters.brokers.paper.ledger import PaperLedger
from adapters.brokers.paper.service import LOOPBACK, PaperServer
from adapters.brokers.paper.spec import PaperSpec
from adapters.brokers.paper.wire import Endpoint
from adapters.clock import SteppedClock

ENDPOINT: Final = "endpoint.json"
LEDGER: Final = "ledger.sqlite"
SPEC: Final = "spec.json"
LOCK: Final = "lock"
ALREADY_AT_WORK: Final = 3
"""How a second server of a folder ends."""

app = typer.Typer(add_completion=False)


@app.command()
def serve(
    folder: Annotated[Path, typer.Argument(help="Where ledger and endpoint are kept.")],
    port: Annotated[int, typer.Option(help="0 takes a free one.")] = 0,
) -> None:
    """Run the paper broker that `spec.json` in FOLDER describes; a plain one without the file."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / LOCK).open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            typer.echo(f"a paper broker is already at work in {folder.name}", err=True)
            raise typer.Exit(ALREADY_AT_WORK) from None
        server = PaperServer(_desk(folder), _token(folder), port)
        _stop_on_request(server)
        endpoint = Endpoint(host=LOOPBACK, port=server.port, token=server.token)
        endpoint.write(folder / ENDPOINT)
        server.run()


def _desk(folder: Path) -> Desk:
    try:
        spec = PaperSpec.model_validate_json(_text(folder / SPEC, "{}"))
    except ValidationError as error:
        typer.echo(f"{SPEC}: {error}", err=True)
        raise typer.Exit(2) from None
    clock = spec.clock()
    own = SteppedClock(clock.now())
    ledger = PaperLedger(folder / LEDGER)
    return Desk(PaperExchange(spec.open_market(own), own, ledger, spec.rules), clock)


def _token(folder: Path) -> str:
    """The one of before, so that clients outlive a restart."""
    try:
        return Endpoint.read(folder / ENDPOINT).token
    except FileNotFoundError:
        return secrets.token_hex(32)


def _text(path: Path, otherwise: str) -> str:
    return path.read_text() if path.is_file() else otherwise


def _stop_on_request(server: PaperServer) -> None:
    def stop(_: int, __: FrameType | None) -> None:
        Thread(target=server.shutdown).start()  # it waits for the loop that this handler interrupts

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)


if __name__ == "__main__":
    app()
