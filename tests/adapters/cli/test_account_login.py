"""Linking an account, giving its keys, logging in and out, from the command line."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import httpx
import pytest
from typer.testing import CliRunner, Result

from adapters.brokers.paper.exchange import PaperExchange
from adapters.brokers.paper.settings import PaperSettings
from adapters.cli.account_login import token_in
from adapters.cli.main import app
from adapters.cli.terms import BadInput, Ending
from adapters.clock import SteppedClock, SystemClock
from adapters.live_home import LiveHome
from adapters.market.simulated import SimulatedMarket
from adapters.practice import PRACTICE
from adapters.settings import Mode, Settings
from adapters.simulators.kite.simulator import KiteSimulator
from adapters.vault.file import open_vault
from tests.adapters.cli.stage import Atp

KEY, SECRET = "kitekey1", "kitesecret-that-nobody-may-see"


@pytest.fixture
def kite() -> Iterator[KiteSimulator]:
    """A Kite on this machine, in the present."""
    clock = SystemClock()
    own = SteppedClock(clock.now())
    settings = PaperSettings(cash=Decimal(100_000))
    exchange = PaperExchange(SimulatedMarket(own), own, settings=settings)
    simulator = KiteSimulator(exchange, SimulatedMarket(clock), clock)
    simulator.start()
    yield simulator
    simulator.stop()


@pytest.fixture
def live(atp: Atp, kite: KiteSimulator) -> Atp:
    """A home that trades live, at that Kite."""
    (atp.home / PRACTICE).unlink()
    settings = Settings(
        mode=Mode.LIVE, home=atp.home, kite_root=kite.root, kite_login=kite.root, kite_ws=kite.ws
    )
    LiveHome.of(settings).keep(atp.home)
    return atp


@pytest.fixture
def account(live: Atp, kite: KiteSimulator) -> str:
    """An account at Zerodha whose keys are known."""
    account = str(live.json("account", "link", "zerodha", "--name", "Mine")["account_id"])
    kite.add_app(account, KEY, SECRET, "AB1234")
    assert typed(live, f"{KEY}\n{SECRET}\n", "account", "secrets", account).exit_code == 0
    return account


def typed(atp: Atp, keys: str, *words: str) -> Result:
    """`atp`, and what is typed where it asks."""
    env = {"ATP_HOME": str(atp.home), "COLUMNS": "400"}
    return CliRunner().invoke(app, list(words), input=keys, env=env, catch_exceptions=False)


def sent_back(kite: KiteSimulator) -> str:
    """The address a browser arrives at after a login."""
    page = f"{kite.root}/connect/login?v=3&api_key={KEY}"
    return str(httpx.get(page, follow_redirects=False).headers["Location"])


def test_keys_are_asked_for_without_showing_them(live: Atp, account: str) -> None:
    said = typed(live, f"{KEY}\n{SECRET}\n", "account", "secrets", account)

    assert said.exit_code == 0, said.stderr
    assert SECRET not in said.stdout + said.stderr
    vault = open_vault(live.home)
    assert vault.read(f"zerodha/{account}/app") == {"api_key": KEY, "api_secret": SECRET}


def test_a_login_is_done_with_the_address_the_browser_arrived_at(
    live: Atp, account: str, kite: KiteSimulator
) -> None:
    said = typed(live, f"{sent_back(kite)}\n", "account", "connect", account)

    assert said.exit_code == 0, said.stderr
    assert f"{kite.root}/connect/login?v=3&api_key={KEY}" in said.stderr
    assert SECRET not in said.stdout + said.stderr
    shown = live.json("account", "show", account)
    assert (shown["status"], shown["broker_user_id"]) == ("CONNECTED", "AB1234")
    reads = [each for each in live.json("audit", "show") if each["topic"] == "user.secret_read"]
    assert len(reads) == 1


def test_logging_out_and_unlinking_leave_nothing(
    live: Atp, account: str, kite: KiteSimulator
) -> None:
    token = token_in(sent_back(kite))
    live.json("account", "connect", account, "--request-token", token)

    out = live.json("account", "disconnect", account)
    assert out["status"] == "DISCONNECTED"
    assert open_vault(live.home).refs() == (f"zerodha/{account}/app",)
    gone = live("account", "unlink", account)

    assert gone.code == 0, gone.err
    assert open_vault(live.home).refs() == ()
    assert live("account", "show", account).code == Ending.NOT_FOUND


def test_before_its_keys_are_known_nobody_logs_in(live: Atp) -> None:
    account = live.json("account", "link", "zerodha", "--name", "Mine")["account_id"]

    said = live("account", "connect", account)

    assert said.code == Ending.REFUSED
    assert "no keys" in said.err


def test_a_token_that_kite_does_not_know_is_refused(live: Atp, account: str) -> None:
    said = live("account", "connect", account, "--request-token", "made-up")

    assert said.code == Ending.REFUSED
    assert SECRET not in said.err


def test_a_paper_account_needs_no_keys(live: Atp) -> None:
    account = live.json("account", "link", "paper", "--name", "Paper 2")["account_id"]

    said = typed(live, "key1\nsecret1\n", "account", "secrets", account)

    assert said.exit_code == Ending.REFUSED
    assert "no secret" in said.stderr


@pytest.mark.parametrize(
    ("address", "words"),
    [
        ("--static-ip localhost", "static_ip"),
        ("", "missing option"),
    ],
)
def test_a_link_that_cannot_be_meant_is_refused(live: Atp, address: str, words: str) -> None:
    name = () if not address else ("--name", "Mine")

    said = live("account", "link", "zerodha", *name, *address.split())

    assert said.code == Ending.BAD_INPUT
    assert words in said.err.lower()


@pytest.mark.parametrize(
    ("given", "token"),
    [
        ("abc123", "abc123"),
        (" abc123\n", "abc123"),
        ("http://127.0.0.1/?action=login&status=success&request_token=abc123", "abc123"),
        ("https://x.example/cb?request_token=abc123&state=s", "abc123"),
    ],
)
def test_the_token_is_found_in_what_was_given(given: str, token: str) -> None:
    assert token_in(given) == token


@pytest.mark.parametrize(
    "given", ["", "http://127.0.0.1/?status=cancelled&request_token=x", "http://127.0.0.1/?a=b"]
)
def test_what_carries_no_token_is_refused(given: str) -> None:
    with pytest.raises(BadInput):
        token_in(given)


def test_the_key_file_is_nobody_elses(live: Atp, account: str) -> None:
    assert account
    assert Path(live.home / "vault.key").stat().st_mode & 0o777 == 0o600
