"""The simulator as a process of its own, at its own speed."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from datetime import time as time_of_day
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest
from kiteconnect import KiteConnect
from kiteconnect.exceptions import NetworkException, TokenException
from typer.testing import CliRunner

from adapters.brokers.paper.ledger import Judge
from adapters.brokers.paper.spec import MarketKind
from adapters.rehearsal import Rehearsal
from adapters.simulators.kite.control import CONTROL, HEADER
from adapters.simulators.kite.faults import Fault, FaultKind
from adapters.simulators.kite.orders import HandTrade
from adapters.simulators.kite.process import (
    KiteProcess,
    NotDone,
    NotStarted,
    running,
    start_kite_process,
)
from adapters.simulators.kite.server import app
from adapters.simulators.kite.sessions import KiteApp
from adapters.simulators.kite.spec import KiteSpec
from domain.calendar import at_ist
from domain.contract import Side
from tests.adapters.simulators.kite_stage import (
    ACCOUNT,
    DAY,
    KEY,
    KIND,
    SECRET,
    USER,
    Json,
    key_of,
)

SPEED = 20.0
APP = KiteApp(account=ACCOUNT, api_key=KEY, api_secret=SECRET, user_id=USER)


def ten_o_clock(**more: object) -> KiteSpec:
    """A market open since three quarters of an hour, twenty times as fast as life."""
    return KiteSpec.model_validate(
        {
            "wall_start": datetime.now(UTC),
            "market_start": at_ist(DAY, time_of_day(10)),
            "speed": SPEED,
            "rules": KIND,
            "apps": (APP,),
            **more,
        }
    )


@pytest.fixture(scope="module")
def process(tmp_path_factory: pytest.TempPathFactory) -> Iterator[KiteProcess]:
    started = start_kite_process(tmp_path_factory.mktemp("kite"), ten_o_clock())
    yield started
    started.stop()


@pytest.fixture
def client(process: KiteProcess) -> Iterator[KiteConnect]:
    opened = KiteConnect(KEY, root=process.root)
    opened.generate_session(process.request_token(KEY), SECRET)
    yield opened
    opened.reqsession.close()


def order(client: KiteConnect, **more: object) -> Json:
    """A market order near the money."""
    spot = client.ltp("NSE:NIFTY 50")["NSE:NIFTY 50"]["last_price"]
    calls = [
        row
        for row in client.instruments("NFO")
        if (row["name"], row["instrument_type"]) == ("NIFTY", "CE")
    ]
    nearest = min(calls, key=lambda row: (abs(row["strike"] - spot), row["expiry"]))
    return {
        "variety": "regular",
        "exchange": nearest["exchange"],
        "tradingsymbol": nearest["tradingsymbol"],
        "transaction_type": "BUY",
        "quantity": nearest["lot_size"],
        "product": "NRML",
        "order_type": "MARKET",
        "market_protection": -1,
        **more,
    }


def eventually(found: Callable[[], Json | None]) -> Json:
    """What is found within half a minute."""
    for _ in range(600):
        value = found()
        if value is not None:
            return value
        time.sleep(0.05)
    raise AssertionError("it did not come to that")


def ended(client: KiteConnect, order_id: str) -> Json:
    def look() -> Json | None:
        rows = [row for row in client.orders() if row["order_id"] == order_id]
        return dict(rows[0]) if rows and rows[0]["status"] == "COMPLETE" else None

    return eventually(look)


def test_a_day_is_traded_in_a_process_of_its_own(process: KiteProcess, client: KiteConnect) -> None:
    row = ended(client, client.place_order(**order(client, tag="P1")))

    judge = Judge(process.ledger)
    (fill,) = [f for f in judge.fills(ACCOUNT) if row["order_id"].endswith(f.order_id)]
    judge.close()
    assert (fill.quantity, float(fill.price)) == (row["filled_quantity"], row["average_price"])


def test_faults_logins_and_hand_trades_come_from_outside(
    process: KiteProcess, client: KiteConnect
) -> None:
    wanted = order(client, tag="P2")
    process.inject(Fault(kind=FaultKind.THROTTLE, path="/orders/regular"))
    with pytest.raises(NetworkException):
        client.place_order(**wanted)
    process.expire_session(ACCOUNT)
    with pytest.raises(TokenException):
        client.orders()
    client.generate_session(process.request_token(KEY), SECRET)

    trade = HandTrade(key=key_of(wanted), side=Side.BUY, quantity=wanted["quantity"])
    row = ended(client, process.hand_trade(ACCOUNT, trade))

    assert row["tag"] is None
    assert [each["kind"] for each in process.struck()] == ["THROTTLE"]


def test_faults_that_have_not_happened_can_be_taken_back(
    process: KiteProcess, client: KiteConnect
) -> None:
    process.inject(Fault(kind=FaultKind.RESET, path="/user/profile", times=None))
    process.clear()

    assert client.profile()["user_id"] == USER


def test_another_app_can_be_added(process: KiteProcess) -> None:
    process.add_app("ACC-9", "key9", "secret9", "ZZ9999")
    other = KiteConnect("key9", root=process.root)

    other.generate_session(process.request_token("key9"), "secret9")

    assert other.profile()["user_id"] == "ZZ9999"
    assert other.orders() == []
    other.reqsession.close()


def test_what_cannot_be_done_says_why(process: KiteProcess) -> None:
    with pytest.raises(NotDone, match="api_key"):
        process.request_token("nobody")
    with pytest.raises(NotDone, match="does not exist"):
        process.hand_trade(ACCOUNT, HandTrade(key="NFO:X", side=Side.BUY, quantity=65))


@pytest.mark.parametrize(("command", "token"), [("status", "guess"), ("dance", None)])
def test_control_needs_its_token_and_a_command_it_knows(
    process: KiteProcess, command: str, token: str | None
) -> None:
    headers = {HEADER: token or process.endpoint.control}

    with pytest.raises(HTTPError) as refused:
        urlopen(Request(process.root + CONTROL + command, b"{}", headers), timeout=30)

    assert refused.value.code in (403, 404)
    refused.value.close()


def test_a_living_simulator_is_found_and_not_started_again(process: KiteProcess) -> None:
    found = start_kite_process(process.folder, ten_o_clock())

    found.stop()  # it is not ours to end

    assert (found.pid, found.child) == (process.pid, None)
    assert running(process.folder) is not None


def test_a_second_simulator_of_the_same_folder_refuses_to_work(process: KiteProcess) -> None:
    second = subprocess.run(
        [sys.executable, "-m", "adapters.simulators.kite.server", str(process.folder)],
        capture_output=True,
        text=True,
        check=False,
    )

    assert second.returncode == 3
    assert "already at work" in second.stderr


def test_what_it_keeps_is_for_its_owner_only(process: KiteProcess) -> None:
    for name in ("endpoint.json", "spec.json"):
        assert (process.folder / name).stat().st_mode & 0o077 == 0


def test_a_killed_simulator_comes_back_with_its_book(tmp_path: Path) -> None:
    spec = ten_o_clock()
    before = start_kite_process(tmp_path / "kite", spec)
    client = KiteConnect(KEY, root=before.root)
    client.generate_session(before.request_token(KEY), SECRET)
    row = ended(client, client.place_order(**order(client, tag="P1")))
    os.kill(before.pid, signal.SIGKILL)
    assert before.child is not None
    before.child.wait()
    client.reqsession.close()

    after = start_kite_process(tmp_path / "kite", spec)

    again = KiteConnect(KEY, root=after.root)
    again.generate_session(after.request_token(KEY), SECRET)
    assert again.orders() == [row]
    again.reqsession.close()
    after.stop()


def test_a_simulator_that_cannot_start_says_why(tmp_path: Path) -> None:
    nowhere = KiteSpec(market=MarketKind.RECORDED, days=(tmp_path / "2026-08-04.parquet",))

    with pytest.raises(NotStarted, match=r"there is no recorded day 2026-08-04.parquet"):
        start_kite_process(tmp_path / "kite", nowhere)


def test_a_broken_spec_stops_the_simulator_with_a_message(tmp_path: Path) -> None:
    (tmp_path / "spec.json").write_text('{"speed": "fast"}')

    result = CliRunner().invoke(app, [str(tmp_path)])

    assert result.exit_code == 2
    assert "spec.json" in result.output


def test_the_command_line_says_how_to_reach_it(tmp_path: Path) -> None:
    words = [
        sys.executable, "-m", "adapters.cli.main", "--home", str(tmp_path), "--json", "kite-sim",
        "--day", str(DAY), "--begin", "09:30", "--port", "0", "--ws-port", "0",
    ]  # fmt: skip
    running = subprocess.Popen(words, stdout=subprocess.PIPE, text=True)
    assert running.stdout is not None
    facts = json.loads(running.stdout.readline())

    login = urlopen(Request(facts["root"] + "/instruments/NSE"), timeout=30)

    running.send_signal(signal.SIGINT)
    assert running.wait(timeout=20) == 0
    assert login.status == 200
    assert facts["ws"].startswith("ws://127.0.0.1:")
    rehearsed = Rehearsal.read(Path(facts["environment"]["ATP_REHEARSAL"]))
    assert rehearsed.market_start == at_ist(DAY, time_of_day(9, 30))
    assert facts["environment"]["ATP_KITE_ROOT"] == facts["root"]
    assert {"api_key", "api_secret", "login"} <= facts.keys()
    login.close()
    running.stdout.close()


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--speed", "10"], "--day"),
        (["--day", "2026-11-22"], "Sunday"),
        (["--day", "2026-11-18", "--data", "."], "2026-11-18 is not recorded"),
    ],
)
def test_what_cannot_be_simulated_is_refused(tmp_path: Path, words: list[str], said: str) -> None:
    from adapters.cli.main import app as atp

    result = CliRunner().invoke(atp, ["--home", str(tmp_path), "kite-sim", *words])

    assert result.exit_code == 2
    assert said in result.output
