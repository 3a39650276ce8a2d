"""Several executors trade one account in the same second, each in threads, in real time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from adapters.aws.executing import Executing
from adapters.aws.shift import Shift
from adapters.aws.slots import Slot, Why
from adapters.brokers.paper.ledger import Judge
from adapters.brokers.paper.settings import PaperSettings
from adapters.lane import Pace
from adapters.loop import Loop
from adapters.market.simulated import SimulatedMarket
from adapters.rehearsal import Rehearsal, clock_of
from adapters.simulators.kite.process import start_kite_process
from adapters.simulators.kite.spec import KiteSpec
from domain.calendar import IST, at_ist
from domain.run import Run
from tests.adapters.aws.flows.cloud import DAY
from tests.adapters.aws.flows.container import Container, Place, laid_out
from tests.adapters.aws.flows.post import Box, Post
from tests.adapters.aws.flows.trader import Trader, clock, condor
from tests.contracts.lane_contract import most_within

WORKERS, EACH, LEGS = 3, 4, 4
ORDERS = WORKERS * EACH * LEGS
#: Orders that Kite takes of one account in a second.
A_SECOND = 10
#: Seconds that hedges have to fill: the last of them wait for the others' turn.
HEDGES_WITHIN_S = 60
RULES = PaperSettings(seed=1, rejection_rate=0, partial_rate=0, cash=Decimal(500_000_000))
#: What an order may be late on its way: machines of tests stall for longer than those of AWS.
PACE = Pace(slack=1.0)


class Floor:
    """One account at a Kite in a process of its own, in the same time as ours."""

    def __init__(self, folder: Path) -> None:
        start = at_ist(DAY, clock("09:40"))
        time = Rehearsal(wall_start=datetime.now(UTC), market_start=start, speed=1)
        spec = {"rules": RULES, **time.model_dump()}
        self.kite = start_kite_process(folder / "kite", KiteSpec.model_validate(spec))
        prefix, now = laid_out(), clock_of(time)
        self.place = Place(
            home=folder,
            seed=1,
            clock=now,
            market=SimulatedMarket(now, self.kite_seed),
            kite={"root": self.kite.root, "timeout_s": "3"},
            events=f"{prefix}events",
            lanes=f"{prefix}lanes",
            prefix=prefix,
            stored=lambda _: None,
            sent=lambda *_: None,
            pace=PACE,
        )
        self.post = Post(now, 1)
        self.workers = [Container(self.place, "executor", n) for n in range(WORKERS)]
        self.desk = Container(self.place, "desk", 0)

    kite_seed = KiteSpec().seed

    def start(self, run_id: str, day: date) -> bool:  # noqa: ARG002
        """Nobody looks at the runs of this floor besides their executors."""
        return True

    def execute(self, worker: Container, slot: Slot, until: datetime) -> None:
        """Until then, or until Kite has every order: what follows the entry is not looked at."""

        def drive(shift: Shift) -> None:
            base = worker.platform
            loop = Loop(shift, self.place.clock, 1.0, self.place.alarms.append, base.turnstile)
            loop.start()
            while self.place.clock.now() < until and len(self.placed()) < ORDERS:
                shift.over.wait(0.2)
            loop.stop()

        box = self.post_box()
        Executing(worker.platform, box, self, drive).work(slot, until)

    def placed(self) -> list[float]:
        """When each order came to Kite."""
        judge = Judge(self.kite.ledger)
        try:
            return sorted(order.at.timestamp() for order in judge.placed())
        finally:
            judge.close()

    def post_box(self) -> Box:
        return Box(post=self.post, name="execute")

    def runs(self) -> list[Run]:
        ids = [s for s, _ in self.desk.source.heads() if s.startswith("RUN-")]
        return [self.desk.trading.load(run_id, Run) for run_id in ids]

    def close(self) -> None:
        for each in (*self.workers, self.desk):
            each.bury()
        self.kite.stop()


@pytest.fixture
def floor(aws: None, tmp_path: Path) -> Iterator[Floor]:  # noqa: ARG001
    made = Floor(tmp_path)
    yield made
    made.close()


def slots(ids: Sequence[str], trader: Trader, due_at: datetime) -> list[Slot]:
    """A part of the strategies for each worker."""
    minute = due_at.replace(second=0, microsecond=0)
    parts = [tuple(ids[n::WORKERS]) for n in range(WORKERS)]
    return [
        Slot(what=Why.ENTER, user_id=trader.user_id, minute=minute, strategies=part)
        for part in parts
    ]


def test_workers_of_one_account_post_no_more_than_ten_orders_a_second(floor: Floor) -> None:
    trader = Trader(floor)
    entry = floor.place.clock.now().replace(microsecond=0) + timedelta(seconds=8)
    at = f"{entry.astimezone(IST):%H:%M:%S}"
    wanted = [
        condor(at, "15:00", name=f"No. {n}", hedge_timeout_s=HEDGES_WITHIN_S)
        for n in range(WORKERS * EACH)
    ]
    ids = trader.trade(*wanted)

    until = entry + timedelta(seconds=30)
    with ThreadPoolExecutor(WORKERS) as pool:
        asked = zip(floor.workers, slots(ids, trader, entry), strict=True)
        calls = [pool.submit(floor.execute, *each, until) for each in asked]
    for call in calls:
        call.result()

    judge = Judge(floor.kite.ledger)
    twice = list(judge.sent_twice())
    judge.close()
    placed, runs = floor.placed(), floor.runs()
    assert len(placed) == ORDERS, runs
    assert most_within(placed, 1) <= A_SECOND
    assert not twice
    messages = [s.message or "" for run in runs for s in run.slices.values()]
    assert not [message for message in messages if "many requests" in message.lower()]
    assert {run.worker for run in runs} == {worker.name for worker in floor.workers}
