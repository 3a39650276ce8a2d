"""A trader beside the screen: what they see by the API, and what they do at the broker itself."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from decimal import Decimal
from itertools import count
from pathlib import Path
from typing import Any, Final, TypeVar

import httpx

from adapters.brokers.paper.client import PaperBroker
from adapters.brokers.paper.faults import Fault, FaultKind
from adapters.brokers.paper.process import running
from adapters.demo import BasketFile, read_basket
from adapters.market.simulated import SimulatedMarket
from domain.book import Ticket
from domain.calendar import ist_date
from domain.contract import Product, Side
from tests.live.trader import HEDGES_WITHIN_S
from tests.web.platform_at_work import EMAIL, PASSWORD, PlatformAtWork

# Any: JSON.
Json = dict[str, Any]
T = TypeVar("T")

#: The basket that the first user has from the start.
CONDOR: Final = Path(__file__).parents[2] / "baskets" / "nifty-iron-condor.json"
#: Nobody is let in twice.
PEOPLE: Final = count(1)

PATIENCE_S: Final = 30
LOOK_S: Final = 0.1


def signed_up(platform: PlatformAtWork) -> None:
    """Choose the first user's password, where no browser has."""
    chosen(platform, EMAIL, platform.one_time_password)
    platform.one_time_password = ""


def chosen(platform: PlatformAtWork, email: str, told: str) -> str:
    """Choose a password for one that was told once; the token of who has done so."""
    with httpx.Client(base_url=platform.url, timeout=20) as client:
        sent = {"email": email, "password": told}
        token = client.post("/auth/login", json=sent).raise_for_status().json()["access_token"]
        answer = client.post(
            "/auth/password",
            json={"current_password": told, "new_password": PASSWORD},
            headers={"Authorization": f"Bearer {token}"},
        )
    chosen: str = answer.raise_for_status().json()["access_token"]
    return chosen


def newcomer(platform: PlatformAtWork) -> Trader:
    """Somebody with all that the first user has: the same roles, and a patient condor."""
    first = Trader(platform)
    admitted = first.admits(roles=first.get("/users/profile")["roles"])
    email = admitted["email"]
    found = Trader(platform, email, chosen(platform, email, admitted["one_time_password"]))
    found.composes(patient_basket())
    return found


def patient_basket() -> BasketFile:
    """The first user's basket, with time for its hedges."""
    basket = read_basket(CONDOR)
    waits = {"hedge_timeout_s": HEDGES_WITHIN_S}
    patient = [each.model_copy(update=waits) for each in basket.strategies]
    return basket.model_copy(update={"strategies": tuple(patient)})


class Trader:
    """Somebody beside their browser: the platform's first user, unless told."""

    def __init__(
        self, platform: PlatformAtWork, email: str = EMAIL, token: str | None = None
    ) -> None:
        """They sign in, where they have no token yet."""
        self.platform = platform
        self.email = email
        self.client = httpx.Client(base_url=platform.url, timeout=20)
        if token is None:
            sent = {"email": email, "password": PASSWORD}
            token = self.post("/auth/login", sent)["access_token"]
        self.client.headers["Authorization"] = f"Bearer {token}"
        self.user_id: str = self.get("/users/profile")["user_id"]
        linked = f"/users/{self.user_id}/broker-accounts"
        self.account_id: str = self.until(lambda: self.items(linked) or None)[0]["account_id"]

    def admits(self, *, roles: Sequence[str] = ("trader",), name: str = "") -> Json:
        """Let somebody new in, as an admin: their `email`, `user_id` and `one_time_password`."""
        email = f"person-{next(PEOPLE)}@example.com"
        told = self.post("/users", {"email": email, "roles": list(roles), "name": name})
        return {**told, "email": email}

    def composes(self, basket: BasketFile) -> None:
        """A basket on one's account, activated with all that is in it."""
        targets = [{"account_id": self.account_id, "multiplier": basket.multiplier}]
        words = {"name": basket.name, "description": basket.description, "targets": targets}
        path = f"/baskets/{self.post('/baskets', words)['basket_id']}"
        for each in basket.strategies:
            drafted = self.post(f"{path}/strategies", each.model_dump(mode="json"))
            self.post(f"/strategies/{drafted['strategy_id']}/activate")
        self.post(f"{path}/activate")
        listed = ("/strategies", "/baskets")
        self.until(lambda: all(_active(self.items(each)) for each in listed) or None)

    def get(self, path: str, **query: str) -> Json:
        found: Json = self.client.get(path, params=query).raise_for_status().json()
        return found

    def items(self, path: str, **query: str) -> list[Json]:
        found: list[Json] = self.get(path, **query)["items"]
        return found

    def post(self, path: str, body: Json | None = None) -> Json:
        found: Json = self.client.post(path, json=body or {}).raise_for_status().json()
        return found

    def until(self, look: Callable[[], T | None]) -> T:
        """What `look` finds, once it finds it."""
        deadline = time.monotonic() + PATIENCE_S
        while (found := look()) is None:
            assert time.monotonic() < deadline, "it did not happen"
            time.sleep(LOOK_S)
        return found

    def row(self, path: str, **has: object) -> Json:
        """The first of a list that has these, once there is one: what is listed follows events."""
        return self.until(
            lambda: next((row for row in self.items(path) if has.items() <= row.items()), None)
        )

    @property
    def strategy(self) -> Json:
        """The condor that every new trader has."""
        (found,) = self.items("/strategies")
        return found

    def patient(self) -> None:
        """From the next entry on its hedges have time to fill."""
        strategy, waits = self.strategy, {"hedge_timeout_s": HEDGES_WITHIN_S}
        path = f"/strategies/{strategy['strategy_id']}"
        self.client.put(path, json={**strategy, **waits}).raise_for_status()

    def start(self) -> str:
        """Enter it now."""
        strategy = self.strategy
        started = self.post(f"/strategies/{strategy['strategy_id']}/runs")["runs"]
        run_id: str = started[0]["run_id"]
        return run_id

    def entered(self) -> str:
        """The same, once it is entered."""
        run_id = self.start()
        self.until(lambda: self.get(f"/runs/{run_id}")["stage"] == "OPEN" or None)
        self.row(f"/runs/{run_id}/orders")
        return run_id

    def left(self, run_id: str) -> None:
        """Leave what may be left already, and see it closed."""
        if self.get(f"/runs/{run_id}")["stage"] != "CLOSED":
            self.post(f"/runs/{run_id}/exit")
        self.closed(run_id)

    def closed(self, run_id: str) -> Json:
        """The run, once it is over."""
        return self.until(
            lambda: run if (run := self.get(f"/runs/{run_id}"))["stage"] == "CLOSED" else None
        )

    def hedge(self) -> Json:
        """A position that a run has bought, once it is told among the positions."""
        return self.until(
            lambda: next((row for row in self.items("/positions") if row["quantity"] > 0), None)
        )

    @property
    def broker(self) -> PaperBroker:
        """The broker itself, past the platform."""
        process = running(self.platform.home / "paper")
        assert process is not None
        return process.broker(self.account_id)

    def fault(self, kind: FaultKind, times: int = 1, **more: Any) -> None:  # Any: what Fault takes
        """Let the next orders at the broker go wrong."""
        self.broker.inject(Fault(kind=kind, times=times, **more))

    def resting(self, orders: int) -> None:
        """The next orders rest at the broker, less than a lot is there for each."""
        self.fault(FaultKind.PARTIAL, orders, quantity=1)

    def deal(self, key: str, side: Side, units: int) -> None:
        """Trade past the platform, and see it filled."""
        spec = self.platform.practice.spec
        clock = spec.clock()
        market = SimulatedMarket(clock, spec.seed, scenario=spec.scenario)
        contract = market.chain(ist_date(clock.now())).get(key)
        assert contract is not None
        touch = market.quotes([key])[key]
        price = touch.ask if side is Side.BUY else touch.bid
        assert price is not None
        room = Decimal("1.2") if side is Side.BUY else Decimal("0.8")
        ticket = Ticket(
            tag="BYHAND",
            contract=contract,
            side=side,
            quantity=units,
            product=Product.MIS,
            price=contract.ticked(price * room, side),
        )
        order_id = self.broker.place(ticket)

        def filled() -> bool | None:
            row = next(each for each in self.broker.orders() if each.broker_order_id == order_id)
            return row.filled == units or None

        self.until(filled)


def _active(rows: list[Json]) -> bool:
    return bool(rows) and all(row["status"] == "ACTIVE" for row in rows)
