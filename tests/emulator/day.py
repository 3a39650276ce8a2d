"""A trading day at the deployed stage, played once; what came of it is what tests look at."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from adapters.simulators.kite.faults import Fault, FaultKind
from tests.emulator.deploying import Deployed
from tests.emulator.listener import Listener
from tests.emulator.member import Member, soon
from tests.emulator.second_hand import SecondHand
from tests.emulator.stage import PREFIX, STAGE, Rehearsed
from tests.live.trader import Json, condor
from tests.requirements import BASKET, STRATEGY

ROOT: Final = Path(__file__).parents[2]
#: The first short's way to Kite, in real seconds: less than the client waits.
ON_ITS_WAY_S: Final = 5.0
PLACED: Final = "/orders/regular"


#: As the gateway asks the API.
REQUEST: Final = {
    "resource": "/health",
    "path": "/health",
    "httpMethod": "GET",
    "headers": {"Host": "api"},
    "multiValueHeaders": {"Host": ["api"]},
    "queryStringParameters": None,
    "multiValueQueryStringParameters": None,
    "pathParameters": None,
    "requestContext": {"stage": "v1", "requestId": "1", "identity": {"sourceIp": "127.0.0.1"}},
    "body": None,
    "isBase64Encoded": False,
}


@dataclass
class Day:
    """Who traded and what they were told; runs by what became of them."""

    deployed: Deployed
    rehearsed: Rehearsed
    admin: Member
    trader: Member
    drafted: Sequence[Json] = ()
    refused: Json | None = None
    entered: Json | None = None
    held: Json | None = None
    timed: Json | None = None
    cancelled: Json | None = None
    killed: Json | None = None
    announced: Sequence[Json] = ()

    def run(self, run_id: str) -> Json | None:
        answer = self.trader.asked("GET", f"/runs/{run_id}")
        return answer.json() if answer.status_code == 200 else None

    def staged(self, run_id: str, *stages: str) -> Json:
        """The run, once it is in one of these stages."""

        def find() -> Json | None:
            found = self.run(run_id)
            return found if found is not None and found["stage"] in stages else None

        return soon(find, f"{run_id} {stages}", lambda: self.told(run_id))

    def told(self, run_id: str) -> str:
        return f"{self.run(run_id)}\n{self.deployed.emulator.words()}"


def warmed(deployed: Deployed) -> None:
    """Functions called once: starting ten of them on one machine is no part of the day."""
    functions = deployed.emulator.client("lambda")
    called = {
        "order-monitor": {"run_id": "RUN-NONE", "day": "2026-11-18"},
        "api": REQUEST,
        "strategy-scheduler": {},
        "broker-adapter-zerodha": {},
        "position-reconciler": {},
    }
    names = [*called, "projector", "reactor"]

    def call(name: str) -> None:
        event = json.dumps(called.get(name, {"Records": []})).encode()
        told = functions.invoke(FunctionName=f"{PREFIX}{name}:live", Payload=event)
        assert "FunctionError" not in told, (name, told["Payload"].read())

    with ThreadPoolExecutor(2) as callers:
        list(callers.map(call, names))


def begun(deployed: Deployed, rehearsed: Rehearsed) -> Day:
    """An administrator, made as docs/aws.md says, and a trader whom she admitted."""
    kite, clock = rehearsed.kite, rehearsed.clock
    boss = "boss@example.com"
    admin = Member(deployed, kite, boss, first_password(deployed, boss), clock)
    asked = {"email": "asha@example.com", "name": "Asha", "roles": ["trader"]}
    told = admin.post("/users", asked)
    trader = Member(deployed, kite, "asha@example.com", told["one_time_password"], clock)
    return Day(deployed, rehearsed, admin, trader)


def first_password(deployed: Deployed, email: str) -> str:
    """By the command that lets the first administrator in."""
    words = operated(deployed, "adapters.aws.first", "--stage", STAGE, email)
    found = re.search(r"One-time password, good for a day: (\S+)", words)
    assert found, words
    return found[1]


def operated(deployed: Deployed, module: str, *arguments: str) -> str:
    """What a command says to whoever operates the stage."""
    done = asked_of(deployed, module, *arguments)
    assert done.returncode == 0, done.stderr
    return done.stdout


def asked_of(deployed: Deployed, module: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    """A command of the operator's, whatever it ends with."""
    scratch = deployed.emulator.folder / "operator"
    scratch.mkdir(exist_ok=True)
    environment: Mapping[str, str] = {
        **{name: value for name, value in os.environ.items() if not name.startswith("ATP_")},
        **deployed.emulator.environment,
        "TMPDIR": str(scratch),
    }
    return subprocess.run(
        [sys.executable, "-m", module, *arguments],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )


def played(deployed: Deployed, rehearsed: Rehearsed) -> Day:
    """From the first sign-in to an account that was killed."""
    warmed(deployed)
    with SecondHand(deployed, rehearsed.clock):
        day = begun(deployed, rehearsed)
        trader = day.trader
        drafted = trader.post("/baskets", BASKET)
        strategy = trader.post(f"/baskets/{drafted['basket_id']}/strategies", STRATEGY)
        day.drafted = (drafted, strategy)
        trader.logged_in()
        day.refused = trader.asked(
            "POST", f"/strategies/{strategy['strategy_id']}/activate", {}
        ).json()
        heard = Listener(deployed)
        _traded(day)
        day.announced = heard.events(least=3)
        return day


def _traded(day: Day) -> None:
    """One condor in and out at its times; two begun by hand, cancelled on the way in and killed."""
    trader = day.trader
    enters, leaves = trader.times(2, 4)
    strategies = [condor(enters, leaves), condor("14:30", "15:00"), condor("14:31", "15:00")]
    ids = trader.trade(trader.account_id, *strategies)
    timed = trader.run_of(ids[0], enters)
    day.entered = day.staged(timed, "OPEN")
    day.held = soon(lambda: _held(trader), "positions")
    # Both hedges pass, and then the first short is long on its way.
    long = ON_ITS_WAY_S * day.rehearsed.time.speed
    slow = Fault(kind=FaultKind.DELAY, method="POST", path=PLACED, skip=2, seconds=long)
    trader.kite.inject(slow)
    cancelled = _begun_by_hand(trader, ids[1])
    soon(lambda: _cancelled(trader, f"/orders/{cancelled}-ENTRY-1"), "an order to be cancelled")
    day.cancelled = day.staged(cancelled, "CLOSED")
    trader.kite.clear()
    killed = _begun_by_hand(trader, ids[2])
    day.staged(killed, "OPEN")
    day.timed = day.staged(timed, "CLOSED")
    trader.post(f"/accounts/{trader.account_id}/block", {"reason": "enough for today"})
    day.killed = day.staged(killed, "CLOSED")


def _begun_by_hand(trader: Member, strategy_id: str) -> str:
    """The run that was opened."""
    return str(trader.post(f"/strategies/{strategy_id}/runs")["runs"][0]["run_id"])


def _held(trader: Member) -> Json | None:
    """What is held, once all four legs are shown with a price."""
    found = trader.get("/positions")
    priced = [each for each in found["items"] if each["last_price"]]
    return found if len(priced) == 4 else None


def _cancelled(trader: Member, order: str) -> Any:
    """True once the cancellation was taken."""
    answer = trader.asked("POST", f"{order}/cancel", {})
    ended = answer.status_code == 409 and "order-ended" in answer.text
    assert not ended, answer.text
    return True if answer.status_code == 200 else None
