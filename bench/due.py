"""How long after its second an entry's orders leave: the platform's own part, without the broker's.

`python -m bench.due [--strategies N] [--accounts N] [--json]`: strategies that are all due in the
same second, on paper accounts in a process of their own, at the speed of life. For each run: the
time from its second to the first order's call (p50, p99), and from a phase's last fill being known
to the next phase's first call. For the crowd: orders sent a second beside what the lanes allow.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import tempfile
import threading
import time
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from rich.console import Console

from adapters.brokers.paper.settings import PaperSettings
from adapters.demo import BasketFile, add_basket, read_basket
from adapters.embedded import Embedded
from adapters.lane import Pace
from adapters.practice import Practice
from adapters.up import SWITCH_S
from bench.crowd import Instant
from commands.desk import Principal, Request
from commands.ports import Broker
from commands.user import RegisterUser
from domain.calendar import MARKET
from domain.run import Run
from domain.run_terms import Stage
from domain.slices import Phase

DAY = date(2026, 11, 18)
BASKET = Path(__file__).parent.parent / "baskets" / "nifty-iron-condor.json"
BEFORE_S = 75.0
#: Of the design, section 11: our own part of an entry, without the broker's.
BUDGETS_MS = {"first_order_p99_ms": 50.0, "phase_gap_p99_ms": 20.0}


@dataclass
class Calls:
    """When each thread was about to call the broker; a thread serves one account."""

    at: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))

    def boundary(self, name: str) -> None:
        if name == "before-call":
            self.at[threading.current_thread().name].append(time.time())


class WithoutBroker(Embedded):
    """The same platform, with brokers that answer at once and fill at once."""

    def broker(self, account_id: str) -> Broker:
        if account_id not in self._brokers:
            self._brokers[account_id] = Instant()
        return self._brokers[account_id]


def world(home: Path, calls: Calls, paper: bool) -> Embedded:
    """A platform whose market time is a little before 09:20."""
    session = MARKET.session(DAY)
    assert session is not None
    due = session.open + timedelta(minutes=5)
    into = (due - timedelta(seconds=BEFORE_S)) - (session.open - timedelta(minutes=5))
    rules = PaperSettings(seed=1, partial_rate=0, rejection_rate=0, cash=10_000_000)
    practice = Practice(
        wall_start=datetime.now(UTC) - into, first_day=DAY, speed=1, seed=1, rules=rules
    )
    kind = Embedded if paper else WithoutBroker
    return kind(home, practice, boundary=calls.boundary)


def populate(embedded: Embedded, accounts: int, strategies: int) -> None:
    """So many traders with a paper account each, the strategies spread over them."""
    bus, now = embedded.platform.bus, embedded.clock.now()
    one = read_basket(BASKET).strategies[0]
    each, more = divmod(strategies, accounts)
    platform = Principal(user_id="platform", platform=True)
    for number in range(accounts):
        request = Request(principal=platform, at=now, correlation_id=f"bench-{number}")
        user = bus.execute(RegisterUser(email=f"trader{number}@example.com"), request)
        wanted = each + (number < more)
        basket = BasketFile(name=f"Basket {number}", strategies=(one,) * wanted)
        add_basket(bus, basket, user.id, user.accounts[0], now)


def phase_gaps(embedded: Embedded) -> list[float]:
    """Seconds from the commit that knew the hedges filled to the release of the shorts."""
    gaps: list[float] = []
    for run_id in embedded.platform.runs.known():
        history = embedded.platform.trading.history(run_id)
        filled = [e.timestamp for e in history if isinstance(e, Run.SliceSeen)]
        shorts = [
            e.timestamp
            for e in history
            if isinstance(e, Run.PhaseReleased) and e.phase is Phase.ENTRY_SELL
        ]
        if filled and shorts:
            known = max(t for t in filled if t <= shorts[0])
            gaps.append((shorts[0] - known).total_seconds())
    return gaps


def measured(strategies: int, accounts: int, paper: bool) -> dict[str, float]:
    """Figures of one crowd, in milliseconds and orders a second."""
    calls = Calls()
    with tempfile.TemporaryDirectory() as folder:
        embedded = world(Path(folder), calls, paper)
        try:
            populate(embedded, accounts, strategies)
            embedded.start()
            return watched(embedded, calls, strategies, accounts)
        finally:
            embedded.stop(world_too=True)


def watched(embedded: Embedded, calls: Calls, strategies: int, accounts: int) -> dict[str, float]:
    session = MARKET.session(DAY)
    assert session is not None
    due = session.open + timedelta(minutes=5)
    due_wall = time.time() + (due - embedded.clock.now()).total_seconds()
    orders = strategies * 4
    slowest = orders / accounts / Pace().second * 1.5 + 30
    while time.time() < due_wall + slowest and not entered(embedded, strategies):
        time.sleep(0.5)
    runs = [embedded.platform.trading.load(r, Run) for r in embedded.platform.runs.known()]
    first = sorted(min(times) - due_wall for times in calls.at.values())
    every = sorted(t - due_wall for times in calls.at.values() for t in times)
    gaps = sorted(phase_gaps(embedded)) or [0.0]
    return {
        "strategies": strategies,
        "accounts": accounts,
        "entered": sum(run.stage is Stage.OPEN for run in runs),
        "first_order_p50_ms": statistics.median(first) * 1000,
        "first_order_p99_ms": first[min(len(first) - 1, int(len(first) * 0.99))] * 1000,
        "phase_gap_p99_ms": gaps[min(len(gaps) - 1, int(len(gaps) * 0.99))] * 1000,
        "last_order_s": every[-1],
        "orders": len(every),
        "lanes_allow_s": orders / accounts / (Pace().second - 1),
    }


def entered(embedded: Embedded, strategies: int) -> bool:
    known = embedded.platform.runs.known()
    load = embedded.platform.trading.load
    past = (Stage.PENDING, Stage.ENTERING)
    return len(known) >= strategies and all(load(r, Run).stage not in past for r in known)


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--strategies", type=int, default=20)
    asked.add_argument("--accounts", type=int, default=20)
    asked.add_argument("--without-broker", action="store_true")
    asked.add_argument("--json", action="store_true")
    given = asked.parse_args()
    sys.setswitchinterval(SWITCH_S)  # as `atp up` does
    show(measured(given.strategies, given.accounts, not given.without_broker), given.json)


def show(figures: dict[str, float], as_json: bool) -> None:
    """Print the figures beside their budgets; exits with 1 where one is missed."""
    if as_json:
        print(json.dumps(figures))
        return
    for name, value in figures.items():
        budget = BUDGETS_MS.get(name)
        told = "" if budget is None else f"  budget < {budget:,.0f}: {said(value < budget)}"
        Console().print(f"{name:>22} {value:,.2f}{told}")
    sys.exit(any(figures[name] >= budget for name, budget in BUDGETS_MS.items()))


def said(met: bool) -> str:
    return "met" if met else "missed"


if __name__ == "__main__":
    main()
