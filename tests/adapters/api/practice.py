"""A platform over a stepped day, and people who call its API."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from argon2 import PasswordHasher
from fastapi.testclient import TestClient
from httpx import Response

from adapters.account_care import care_for
from adapters.api.app import create_app
from adapters.api.callers import Caller
from adapters.api.context import ApiContext, Examined, Pulse
from adapters.brokers.paper.desk import Desk
from adapters.brokers.paper.exchange import PaperExchange
from adapters.brokers.paper.ledger import PaperLedger
from adapters.brokers.paper.local import LocalPaperBroker
from adapters.brokers.paper.settings import PaperSettings
from adapters.brokers.registry import BROKERS
from adapters.brokers.zerodha.news import News
from adapters.brokers.zerodha.postbacks import Postbacks
from adapters.clock import SteppedClock
from adapters.day import pass_time
from adapters.engine import Due
from adapters.identity.local import LocalIdentity
from adapters.identity.passwords import Passwords
from adapters.lane import MemoryLane
from adapters.market.simulated import SimulatedMarket
from adapters.notify.targets import Targets
from adapters.notify.telling import Telling
from adapters.runtime import Platform, Surroundings, assemble, open_read_side, open_trading
from adapters.sealing import Key, Sealer, Seals, examined
from adapters.vault.file import FileVault
from commands.desk import Principal, Request
from commands.flatten import Flattening
from commands.ports import Broker, Lane
from commands.user import RegisterUser
from domain.account import BrokerAccount
from domain.calendar import MARKET
from domain.contract import Product
from domain.user import Role, User
from projections.verify import heads

PASSWORD = "correct horse battery"
#: Half past eight on a Monday (IST), a day before the weekly expiry.
MORNING = datetime(2026, 8, 3, 3, 0, tzinfo=UTC)
KIND = PaperSettings(seed=1, partial_rate=0, rejection_rate=0)

# Any: JSON, as clients send and get it.
Json = dict[str, Any]


def condor(**changes: object) -> Json:
    """An iron condor on NIFTY's weekly, entered at 09:20 and left at 15:00 IST."""
    return {
        "name": "NIFTY Iron Condor",
        "type": "IRON_CONDOR",
        "legs": [
            _leg("SELL", "CE", 4), _leg("BUY", "CE", 8),
            _leg("SELL", "PE", -4), _leg("BUY", "PE", -8),
        ],
        "schedule": {"entry_time": "09:20", "exit_time": "15:00", "dte_min": 0, "dte_max": 7},
        "risk_params": {"max_loss": 5000, "target_profit": 2000.5, "stop_loss_pct": "50"},
        **changes,
    }  # fmt: skip


def _leg(action: str, option_type: str, offset: int) -> Json:
    selector = {"underlying": "NIFTY", "expiry": "WEEKLY", "atm_offset": offset}
    return {"action": action, "option_type": option_type, "lots": 1, "selector": selector}


@dataclass
class Practice:
    """One platform, its market and its paper broker, all on one stepped clock."""

    folder: Path
    clock: SteppedClock = field(default_factory=lambda: SteppedClock(MORNING))
    wall: datetime = MORNING

    def __post_init__(self) -> None:
        self.market = SimulatedMarket(self.clock, seed=1)
        ledger = PaperLedger(self.folder / "paper.sqlite")
        self.exchange = PaperExchange(self.market, self.clock, ledger, KIND)
        self._brokers: dict[str, Broker] = {}
        self._lanes: dict[str, Lane] = {}
        self.desk = Desk(self.exchange, self.clock)
        self.platform: Platform = assemble(
            open_trading(self.folder, random.Random(1).randbytes),
            open_read_side(self.folder),
            Surroundings(clock=self.clock, market=self.market, broker=self.broker, lane=self.lane),
            install="TEST",
            worker="test",
        )
        engine = self.platform.engine
        engine.begin()
        self.flattening = Flattening(
            self.platform.trading, self.market, self.broker, self.platform.runs, engine.notice,
            "TEST",
        )  # fmt: skip
        engine.chores["kill"] = self.flattening.watch
        cheap = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
        self.identity = LocalIdentity(
            self.folder, passwords=Passwords(cheap), now=lambda: self.wall
        )
        self.seals, self.key = Seals(self.folder / "seals"), Key.at(self.folder / "seal.key")
        self.vault = FileVault(self.folder / "vault.json", bytes(range(32)))
        self.alarms: list[str] = []
        self.care = care_for(self.platform, self.broker, self.vault, self.clock, self.alarms.append)
        for name, chore in self.care.chores().items():
            engine.chores[name] = chore
        self.news = News(engine, self.clock)
        engine.chores |= self.news.chores()
        self.app = create_app(self.context())

    def context(self) -> ApiContext:
        reads = self.platform.reads
        return ApiContext(
            bus=self.platform.bus,
            identity=self.identity,
            engine=self,
            tables=reads.tables,
            source=reads.source,
            feed=reads.feed,
            market=self.market,
            broker=self.broker,
            sessions=self.care.sessions,
            snapshot=self.platform.engine.run_planner.snapshot,
            clock=self.clock,
            calendar=MARKET,
            pulse=lambda: Pulse(beat=self.clock.now(), views_behind=reads.behind()),
            seals=self.examined,
            stored=self.catch_up,
            brokers=tuple(BROKERS),
            telling=Telling(targets=Targets(self.vault)),
            postbacks=Postbacks(self.vault, self.news.heard),
        )

    # ── the world of this platform ────────────────────────────────────────────────────────

    def broker(self, account_id: str) -> Broker:
        if account_id not in self._brokers:
            self.exchange.open_account(account_id)
            paper = LocalPaperBroker(self.desk, account_id)
            self._brokers[account_id] = self.care.sessions.watched(paper, account_id)
        return self._brokers[account_id]

    def serve(self, account_id: str, broker: Broker) -> None:
        """This account is served by another broker than the paper one."""
        self._brokers[account_id] = self.care.sessions.watched(broker, account_id)

    def lane(self, account_id: str) -> Lane:
        return self._lanes.setdefault(account_id, MemoryLane(self.clock))

    def catch_up(self) -> None:
        self.platform.reads.catch_up()

    def pass_until(self, moment: datetime) -> None:
        """Let the day go on until that moment."""
        pass_time(self.platform, self.exchange, self.clock, moment, lambda _: None)
        self.exchange.step(max(moment, self.clock.now()))
        if self.clock.now() < moment:
            self.clock.advance_to(moment)
        self.catch_up()

    def examined(self) -> Examined:
        witness = self.platform.reads.tables.recall("seal", "last")
        return examined(self.seals, self.key.public, witness)

    def seal(self) -> None:
        tables = self.platform.reads.tables
        Sealer(self.seals, self.key, tables).seal(self.clock.now(), heads(tables))

    # ── what follows runs, as far as requests stir it ─────────────────────────────────────

    def notice(self, run_id: str) -> None:
        self.platform.engine.notice(run_id)

    def start_now(self, strategy_id: str, key: str, principal: Principal) -> Sequence[str]:
        engine, now = self.platform.engine, self.clock.now()
        started = engine.planner.start(strategy_id, key, principal.user_id, now)
        for run_id in started:
            engine.opened(run_id, now)
        return started

    def leave_positions(self, account_id: str, keys: Sequence[str]) -> Sequence[str]:
        account = self.platform.trading.load(account_id, BrokerAccount)
        return self.flattening.leave_positions(account, keys, "REQUEST", self.clock.now())

    def leave_drift(self, account_id: str, key: str, product: Product, name: str) -> str:
        return self.flattening.leave_drift(account_id, key, product, name, self.clock.now())

    def kill(self, account_id: str) -> None:
        self.platform.engine.wheel.at(self.clock.now(), Due("kill", account_id))

    # ── people ────────────────────────────────────────────────────────────────────────────

    def admit(self, email: str, *roles: Role) -> Person:
        """A user with these roles who is signed in."""
        request = Request(
            principal=Principal(user_id="platform", platform=True),
            at=self.clock.now(),
            correlation_id="admission",
        )

        def register() -> str:
            return self.platform.bus.execute(RegisterUser(email=email, roles=roles), request).id

        user_id = self.identity.admit(email, register, PASSWORD).user_id
        self.catch_up()
        account_id = self.platform.trading.load(user_id, User).accounts[0]
        client = TestClient(self.app, raise_server_exceptions=True)
        person = Person(client=client, user_id=user_id, account_id=account_id, email=email)
        person.sign_in()
        return person

    def caller(self, person: Person) -> Caller:
        """The person as an endpoint sees them."""
        token = person.client.headers["Authorization"].removeprefix("Bearer ")
        roles = self.platform.trading.load(person.user_id, User).roles
        return Caller(
            context=self.app.state.context,
            principal=Principal(user_id=person.user_id, roles=roles),
            session=self.identity.session(token),
            token=token,
            request_id="test",
        )

    def anybody(self) -> TestClient:
        """Somebody who is not signed in."""
        return TestClient(self.app, raise_server_exceptions=True)


@dataclass
class Person:
    """A caller of the API, signed in."""

    client: TestClient
    user_id: str
    account_id: str
    email: str
    refresh_token: str = ""

    def sign_in(self) -> None:
        sent = {"email": self.email, "password": PASSWORD}
        tokens = self.client.post("/auth/login", json=sent).json()
        self.refresh_token = tokens["refresh_token"]
        self.client.headers["Authorization"] = f"Bearer {tokens['access_token']}"

    def get(self, path: str, **query: object) -> Response:
        response: Response = self.client.get(path, params=_text(query))
        return response

    def post(self, path: str, body: object = None, key: str | None = None) -> Response:
        headers = {"Idempotency-Key": key} if key else {}
        sent = {} if body is None else body
        response: Response = self.client.post(path, json=sent, headers=headers)
        return response

    def put(self, path: str, body: object, edition: int | None = None) -> Response:
        response: Response = self.client.put(path, json=body, headers=_if_match(edition))
        return response

    def delete(self, path: str, edition: int | None = None) -> Response:
        response: Response = self.client.delete(path, headers=_if_match(edition))
        return response

    # ── what they own ─────────────────────────────────────────────────────────────────────

    def basket(self, **changes: object) -> Json:
        sent = {"name": "Weekly NIFTY Iron Condor", "description": "weekly income", **changes}
        return made(self.post("/baskets", sent))

    def strategy(self, basket_id: str, **changes: object) -> Json:
        return made(self.post(f"/baskets/{basket_id}/strategies", condor(**changes)))

    def active_condor(self) -> tuple[str, str]:
        """Ids of an active basket and the active strategy in it."""
        basket_id = self.basket()["basket_id"]
        strategy_id = self.strategy(basket_id)["strategy_id"]
        ok(self.post(f"/strategies/{strategy_id}/activate"))
        ok(self.post(f"/baskets/{basket_id}/activate"))
        return basket_id, strategy_id


def made(response: Response) -> Json:
    assert response.status_code == 201, response.text
    body: Json = response.json()
    return body


def ok(response: Response) -> Json:
    assert response.status_code == 200, response.text
    body: Json = response.json()
    return body


def refused(response: Response, status: int, code: str) -> Json:
    """The problem, which is the one expected."""
    assert response.headers["content-type"] == "application/problem+json", response.text
    body: Json = response.json()
    assert (response.status_code, body["type"]) == (status, f"urn:atp:problem:{code}"), body
    return body


def fields(body: Json) -> list[tuple[str, str]]:
    """Field and code of everything a problem names."""
    return [(each["field"], each["code"]) for each in body["errors"]]


def _if_match(edition: int | None) -> Mapping[str, str]:
    return {} if edition is None else {"If-Match": f'"{edition}"'}


def _text(query: Mapping[str, object]) -> Mapping[str, str]:
    return {name: str(value) for name, value in query.items() if value is not None}
