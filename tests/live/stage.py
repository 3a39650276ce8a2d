"""A day of live trading on this machine: a real platform, and a Kite of another process."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from datetime import time as time_of_day
from decimal import Decimal
from pathlib import Path
from typing import Any, Final
from urllib.parse import parse_qs, urlsplit

import httpx
from argon2 import PasswordHasher
from fastapi.testclient import TestClient

from adapters.api.app import create_app
from adapters.brokers.paper.ledger import Judge
from adapters.brokers.paper.settings import PaperSettings
from adapters.embedded import Embedded
from adapters.identity.local import LocalIdentity
from adapters.identity.passwords import Passwords
from adapters.live import Live
from adapters.live_home import LiveHome
from adapters.rehearsal import Rehearsal
from adapters.settings import Settings
from adapters.simulators.kite.process import KiteProcess, start_kite_process
from adapters.simulators.kite.spec import KiteSpec
from adapters.up import context_of
from commands.desk import Principal, Request
from commands.user import RegisterUser
from domain.account import BrokerAccount
from domain.calendar import at_ist
from domain.run import Run
from domain.run_terms import Stage
from domain.user import Role, User

DAY: Final = date(2026, 11, 18)
API_KEY, API_SECRET, LOGIN = "kitekey0example1", "kitesecret0example0secret01", "AB1234"
PASSWORD: Final = "correct horse battery"
RULES: Final = PaperSettings(seed=3, partial_rate=0.2, rejection_rate=0, cash=Decimal(5_000_000))
#: Real seconds after which something that must happen is said not to.
SOON_S: Final = 60.0
Json = dict[str, Any]  # Any: JSON, as clients send and get it


def leg(action: str, kind: str, offset: int) -> Json:
    selector = {"underlying": "NIFTY", "expiry": "WEEKLY", "atm_offset": offset}
    return {"action": action, "option_type": kind, "lots": 1, "selector": selector}


def condor(entry: str, leave: str, **more: object) -> Json:
    legs = [("SELL", "CE", 4), ("BUY", "CE", 8), ("SELL", "PE", -4), ("BUY", "PE", -8)]
    return {
        "name": f"Condor of {entry}",
        "type": "IRON_CONDOR",
        "legs": [leg(*each) for each in legs],
        "schedule": {"entry_time": entry, "exit_time": leave, "weekdays": ["WED"]},
        **more,
    }


class LiveDay:
    """One home, one Kite, one time for both; platforms come and go."""

    def __init__(self, folder: Path, begin: time_of_day, speed: float, **spec: object) -> None:
        self.folder = folder
        self.home = folder / "home"
        self.home.mkdir()
        self.time = Rehearsal(
            wall_start=datetime.now(UTC) + timedelta(seconds=1),
            market_start=at_ist(DAY, begin),
            speed=speed,
        )
        told = {"rules": RULES, **self.time.model_dump(), **spec}
        self.kite: KiteProcess = start_kite_process(folder / "kite", KiteSpec.model_validate(told))
        places = {"kite_root": self.kite.root, "kite_login": self.kite.root}
        settings = Settings.model_validate({**places, "kite_ws": self.kite.ws})
        self.terms = LiveHome.of(settings).model_copy(update={"rehearsal": self.time})
        self.terms.keep(self.home)
        self.alarms: list[str] = []
        self.platform = self.started()

    # ── the platform ──────────────────────────────────────────────────────────────────────

    def started(self) -> Embedded:
        """The platform of this home, as `atp up --live` puts it together."""
        live = Live(self.terms)
        sweep = timedelta(seconds=5 * live.patience)
        embedded = Embedded(self.home, live, sweep=sweep, alarm=self.alarms.append)
        embedded.start()
        cheap = Passwords(PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
        self.identity = LocalIdentity(self.home, passwords=cheap)
        self.app = create_app(context_of(embedded, self.identity))
        return embedded

    def stop_platform(self) -> None:
        self.platform.stop()
        self.identity.close()

    def start_again(self) -> None:
        self.platform = self.started()

    def close(self) -> None:
        self.platform.stop(world_too=True)
        self.identity.close()
        self.kite.stop()

    # ── time ──────────────────────────────────────────────────────────────────────────────

    @property
    def now(self) -> datetime:
        return self.platform.clock.now()

    def wait(self, happened: Callable[[], object], what: str, limit_s: float = SOON_S) -> None:
        """Until it is so; raises TimeoutError with all that was alarmed."""
        until = time.monotonic() + limit_s
        while not happened():
            if time.monotonic() > until:
                raise TimeoutError(f"waited for {what} until {self.now}: {self.told()}")
            time.sleep(0.02)

    def wait_until(self, hour: int, minute: int, second: int = 0) -> None:
        """Until the market's clock shows that time."""
        moment = at_ist(DAY, time_of_day(hour, minute, second))
        left = (moment - self.now).total_seconds() / self.time.speed
        time.sleep(max(left, 0.0))

    # ── what happened ─────────────────────────────────────────────────────────────────────

    def runs(self) -> list[Run]:
        known = self.platform.platform.runs.known()
        return [self.platform.platform.trading.load(run_id, Run) for run_id in sorted(known)]

    def run(self) -> Run:
        (found,) = self.runs()
        return found

    def stage(self) -> Stage | None:
        """Of the only run; None before it was opened."""
        runs = self.runs()
        return runs[0].stage if runs else None

    def account(self, account_id: str) -> BrokerAccount:
        return self.platform.platform.trading.load(account_id, BrokerAccount)

    def told(self) -> str:
        """Everything that happened to every run, and every alarm."""
        trading = self.platform.platform.trading
        lines = [f"alarm: {each}" for each in self.alarms]
        for run in self.runs():
            lines += [run.id, *(f"  {said(each)}" for each in trading.history(run.id))]
        return "\n".join(lines)

    @contextmanager
    def judged(self) -> Iterator[Judge]:
        judge = Judge(self.kite.ledger)
        try:
            yield judge
        finally:
            judge.close()

    def faults(self, account_id: str) -> list[str]:
        """What is wrong between our books and the broker's ledger; empty after a good day."""
        mine = {tag: state for run in self.runs() for tag, state in run.slices.items()}
        with self.judged() as judge:
            wrong = [f"{tag} was sent twice" for _, tag in judge.sent_twice()]
            filled: dict[str, int] = dict.fromkeys(mine, 0)
            tags = {order.order_id: order.ticket.tag for order in judge.placed()}
            wrong += [f"{tag} is no run's" for tag in tags.values() if tag not in mine]
            for fill in judge.fills(account_id):
                tag = tags[fill.order_id]
                filled[tag] = filled.get(tag, 0) + fill.quantity
            for tag, state in mine.items():
                if state.filled != filled[tag]:
                    wrong.append(f"{tag}: we know {state.filled}, the broker {filled[tag]}")
            for fill, net in judge.nets(account_id):
                for kind in ("CE", "PE"):
                    if sum(units for key, units in net.items() if key.endswith(kind)) < 0:
                        wrong.append(f"{kind} uncovered after {fill.trade_id}")
        return wrong

    def net(self, account_id: str) -> dict[str, int]:
        """What the broker's ledger says is held at the end."""
        with self.judged() as judge:
            nets = [net for _, net in judge.nets(account_id)]
        return nets[-1] if nets else {}


class Trader:
    """Somebody who trades through the API, in person."""

    def __init__(self, day: LiveDay) -> None:
        self.day = day
        self.email = "trader@example.com"
        bus = day.platform.platform.bus
        request = Request(
            principal=Principal(user_id="platform", platform=True),
            at=day.now,
            correlation_id="admission",
        )

        def register() -> str:
            return bus.execute(RegisterUser(email=self.email, roles=(Role.ADMIN,)), request).id

        self.user_id = day.identity.admit(self.email, register, PASSWORD).user_id
        self.paper_id = day.platform.platform.trading.load(self.user_id, User).accounts[0]
        self.sign_in()

    def sign_in(self) -> None:
        """At the platform that is at work now."""
        self.client = TestClient(self.day.app, raise_server_exceptions=True)
        sent = {"email": self.email, "password": PASSWORD}
        tokens = self.client.post("/auth/login", json=sent).json()
        self.client.headers["Authorization"] = f"Bearer {tokens['access_token']}"

    def get(self, path: str) -> Json:
        return good(self.client.get(path))

    def post(self, path: str, body: object = None) -> Json:
        return good(self.client.post(path, json={} if body is None else body))

    # ── the account ───────────────────────────────────────────────────────────────────────

    def link(self) -> str:
        """Link the account at Zerodha and give its keys to the vault; answers its id."""
        accounts = f"/users/{self.user_id}/broker-accounts"
        made = self.post(accounts, {"broker": "zerodha", "account_name": "My Zerodha"})
        self.account_id = str(made["account_id"])
        self.path = f"{accounts}/{self.account_id}"
        self.day.kite.add_app(self.account_id, API_KEY, API_SECRET, LOGIN)
        keys = {"api_key": API_KEY, "api_secret": API_SECRET}
        good(self.client.put(f"{self.path}/secrets", json=keys))
        return self.account_id

    def log_in(self) -> Json:
        """Go to Kite's login page, and come back with what its redirect carries."""
        login_url = str(self.get(f"{self.path}/login")["login_url"])
        sent_back = httpx.get(login_url, follow_redirects=False).headers["Location"]
        carried = {name: each[0] for name, each in parse_qs(urlsplit(sent_back).query).items()}
        wanted = {name: carried[name] for name in ("request_token", "state")}
        return self.post(f"{self.path}/connect", wanted)

    def logged_in(self) -> str:
        """With an account that may trade, and today's contracts known; answers its id."""
        account_id = self.link()
        self.log_in()
        chain = self.day.platform.market
        self.day.wait(lambda: chain.chain(DAY).contracts, "the lists of contracts")
        return account_id

    # ── what is traded ────────────────────────────────────────────────────────────────────

    def trade(self, account_id: str, *strategies: Json) -> Sequence[str]:
        """A basket of these on that account, active; answers the strategies' ids."""
        targets = [{"account_id": account_id, "multiplier": 1}]
        basket = self.post("/baskets", {"name": f"On {account_id}", "targets": targets})
        ids = []
        for each in strategies:
            drafted = self.post(f"/baskets/{basket['basket_id']}/strategies", each)
            ids.append(str(drafted["strategy_id"]))
            self.post(f"/strategies/{ids[-1]}/activate")
        self.post(f"/baskets/{basket['basket_id']}/activate")
        return ids


def good(response: httpx.Response) -> Json:
    assert response.status_code in (200, 201), response.text
    body: Json = response.json()
    return body


def said(event: Any) -> str:  # Any: events of every kind
    """One event in one line."""
    body = event.model_dump(mode="json", exclude={"definition", "terms"})
    return f"{event.originator_version} {type(event).__name__} {body}"
