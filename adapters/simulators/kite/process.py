"""Starts the simulator as a process of its own, and plays trader and bad luck from outside."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from urllib.error import HTTPError
from urllib.request import Request, urlopen

from pydantic import BaseModel

from adapters.simulators.kite.control import (
    CONTROL,
    HEADER,
    AddApp,
    Clear,
    OfAccount,
    OfApp,
    TradeByHand,
)
from adapters.simulators.kite.faults import Fault, FaultKind
from adapters.simulators.kite.orders import HandTrade
from adapters.simulators.kite.server import ALREADY_AT_WORK, ENDPOINT, LEDGER, SPEC
from adapters.simulators.kite.sessions import KiteApp
from adapters.simulators.kite.spec import KiteEndpoint, KiteSpec, write_private

ROOT: Final = Path(__file__).parents[3]
START_S: Final = 30.0
ANSWER_S: Final = 10.0
LOG: Final = "server.log"


class NotStarted(RuntimeError):
    """The simulator did not come up; its own words follow."""


class NotDone(RuntimeError):
    """The simulator refused a command, for the reason given."""


@dataclass(frozen=True, slots=True)
class KiteProcess:
    """A running simulator, started by us or found alive (`child` is None)."""

    folder: Path
    endpoint: KiteEndpoint
    child: subprocess.Popen[bytes] | None = None

    @property
    def root(self) -> str:
        return self.endpoint.root

    @property
    def ws(self) -> str:
        return self.endpoint.ws

    @property
    def pid(self) -> int:
        return self.endpoint.pid

    @property
    def ledger(self) -> Path:
        """What a judge reads."""
        return self.folder / LEDGER

    def add_app(self, account: str, api_key: str, api_secret: str, user_id: str) -> None:
        self.add(KiteApp(account=account, api_key=api_key, api_secret=api_secret, user_id=user_id))

    def add(self, app: KiteApp) -> None:
        """Let a trader use an app; opens the paper account behind it."""
        self._do("app", AddApp(app=app))

    def request_token(self, api_key: str) -> str:
        """A trader logs in: what the redirect would carry."""
        return str(self._do("login", OfApp(api_key=api_key)))

    def expire_session(self, account: str) -> None:
        self._do("expire", OfAccount(account=account))

    def inject(self, fault: Fault) -> None:
        self._do("inject", fault)

    def clear(self, kind: FaultKind | None = None) -> None:
        """Faults of that kind, or all, that have not happened will not."""
        self._do("clear", Clear(kind=kind))

    def hand_trade(self, account: str, trade: HandTrade) -> str:
        """The trader trades in Kite itself; answers the order's id."""
        return str(self._do("trade", TradeByHand(account=account, trade=trade)))

    # Any: a JSON object each.
    def struck(self) -> list[dict[str, Any]]:
        """Every fault that has happened so far."""
        return list(self._do("struck"))

    # Any: JSON, of a form that depends on the command.
    def _do(self, command: str, asked: BaseModel | None = None) -> Any:
        return ask(self.endpoint, command, asked)

    def stop(self, *, whosever: bool = False) -> None:
        """End it, if it is ours (or whoever started it), and wait for that."""
        if self.child is not None:
            self.child.terminate()
            self.child.wait(timeout=START_S)
        elif whosever:
            with suppress(ProcessLookupError):
                os.kill(self.pid, signal.SIGTERM)


def ask(endpoint: KiteEndpoint, command: str, asked: BaseModel | None = None) -> Any:
    """One command to a simulator; raises NotDone, or OSError where nobody answers."""
    body = b"{}" if asked is None else asked.model_dump_json().encode()
    request = Request(endpoint.root + CONTROL + command, body, {HEADER: endpoint.control})
    try:
        with urlopen(request, timeout=ANSWER_S) as answer:
            return json.load(answer)["data"]
    except HTTPError as error:
        raise NotDone(json.load(error)["message"]) from None


def running(folder: Path) -> KiteProcess | None:
    """The simulator at work in that folder, if there is one."""
    try:
        endpoint = KiteEndpoint.read(folder / ENDPOINT)
        ask(endpoint, "status")
    except (OSError, NotDone):
        return None
    return KiteProcess(folder, endpoint)


def start_kite_process(
    folder: Path, spec: KiteSpec | None = None, port: int = 0, ws_port: int = 0
) -> KiteProcess:
    """The simulator of that folder: the one that lives there, else a new one; raises NotStarted.

    A living one keeps the market and time it was started with.
    """
    found = running(folder)
    if found is not None:
        return found
    folder.mkdir(parents=True, exist_ok=True)
    write_private(folder / SPEC, (spec or KiteSpec()).model_dump_json(indent=2))
    command = [sys.executable, "-m", "adapters.simulators.kite.server", str(folder)]
    with (folder / LOG).open("ab") as log:
        child = subprocess.Popen(
            [*command, "--port", str(port), "--ws-port", str(ws_port)],
            cwd=ROOT,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
    return _await(folder, child)


def _await(folder: Path, child: subprocess.Popen[bytes]) -> KiteProcess:
    """Until the child answers, or another that was started at the same time by somebody else."""
    until = time.monotonic() + START_S
    while time.monotonic() < until and child.poll() in (None, ALREADY_AT_WORK):
        alive = running(folder)
        if alive is not None and alive.pid == child.pid:
            return KiteProcess(folder, alive.endpoint, child)
        if alive is not None and child.returncode == ALREADY_AT_WORK:
            return alive
        time.sleep(0.05)
    child.kill()
    words = (folder / LOG).read_text(errors="replace")[-2000:]
    raise NotStarted(f"the simulator did not start:\n{words}")
