"""A day of live trading on this machine: a real platform, and a Kite of another process."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from datetime import time as time_of_day
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

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
from domain.user import Role
from tests.live.trader import DAY, PASSWORD, SOON_S, Trader

RULES: Final = PaperSettings(seed=3, partial_rate=0.2, rejection_rate=0, cash=Decimal(5_000_000))


class LiveDay:
    """One home, one Kite, one time for both; platforms come and go."""

    def __init__(
        self,
        folder: Path,
        begin: time_of_day,
        speed: float,
        terms: Mapping[str, object] | None = None,
        **spec: object,
    ) -> None:
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
        own = {"rehearsal": self.time, **(terms or {})}
        self.terms = LiveHome.of(settings).model_copy(update=own)
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

    def trader(self) -> Trader:
        """Somebody new, signed in."""
        bus, email = self.platform.platform.bus, "trader@example.com"
        request = Request(
            principal=Principal(user_id="platform", platform=True),
            at=self.now,
            correlation_id="admission",
        )

        def register() -> str:
            return bus.execute(RegisterUser(email=email, roles=(Role.ADMIN,)), request).id

        self.identity.admit(email, register, PASSWORD)
        return Trader(self.client(), self.kite, email, PASSWORD)

    def client(self) -> httpx.Client:
        """Of the platform that is at work now."""
        return TestClient(self.app, raise_server_exceptions=True)

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

    def wait(self, happened: Callable[[], object], what: str) -> None:
        """Until it is so; raises TimeoutError with all that was alarmed and happened."""
        wait(happened, what, self.told)

    def wait_until(self, clock: str) -> None:
        """Until the market's clock shows that time."""
        moment = at_ist(DAY, time_of_day.fromisoformat(clock))
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


def wait(happened: Callable[[], object], what: str, told: Callable[[], str] = lambda: "") -> None:
    """Until it is so; raises TimeoutError."""
    until = time.monotonic() + SOON_S
    while not happened():
        if time.monotonic() > until:
            raise TimeoutError(f"waited for {what}: {told()}")
        time.sleep(0.05)


def said(event: Any) -> str:  # Any: events of every kind
    """One event in one line."""
    body = event.model_dump(mode="json", exclude={"definition", "terms"})
    return f"{event.originator_version} {type(event).__name__} {body}"
