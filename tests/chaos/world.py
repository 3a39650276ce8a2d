"""A stepped world: the exchange behind Kite's protocol lives on, platforms come and go."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from pathlib import Path
from random import Random
from typing import Final

from adapters.brokers.paper.desk import Desk
from adapters.brokers.paper.entries import Line
from adapters.brokers.paper.exchange import PaperExchange
from adapters.brokers.paper.ledger import PaperLedger
from adapters.brokers.paper.local import LocalPaperBroker
from adapters.clock import SteppedClock
from adapters.market.simulated import SimulatedMarket
from adapters.simulators.kite.simulator import KiteSimulator
from commands.ports import Broker
from domain.calendar import MARKET, at_ist, ist_date
from domain.run import Run
from tests.chaos import trader
from tests.chaos.fate import Gone, Killed, Sent
from tests.chaos.happening import happen
from tests.chaos.script import Happening, Script
from tests.chaos.worker import Place, Worker, WrongClock

BEGIN: Final = time(9, 10)
END: Final = time(15, 50)
#: Sessions that a day's runs may take to end.
MOST_SESSIONS: Final = 4
LOOK_EVERY: Final = timedelta(minutes=1)
#: Without anything happening for so long a machine is switched off until something is due again.
STAGNANT: Final = timedelta(minutes=12)
LAST_MINUTES: Final = time(15, 27)
AHEAD: Final = timedelta(minutes=3)
#: Real seconds; the simulator answers in milliseconds, but for what is never answered.
TIMEOUT_S: Final = "3"
MOST_TURNS: Final = 400_000
LEDGER: Final = "ledger.sqlite"


class World:
    """One drawn day, played on this machine; all that happened is in its files and counters."""

    def __init__(self, home: Path, script: Script) -> None:
        self.home = home
        self.script = script
        self.chance = Random(f"world-{script.seed}")
        start = at_ist(script.day, BEGIN)
        self.time, own = SteppedClock(start), SteppedClock(start)
        self.clock = WrongClock(self.time)
        # Prices of the platform's feed may fall silent; at the exchange they never do.
        self.market = SimulatedMarket(self.time, script.seed, scenario=script.scenario)
        loud = script.scenario.model_copy(update={"silences": ()})
        self.ledger = home / LEDGER
        self.exchange = PaperExchange(
            SimulatedMarket(own, script.seed, scenario=loud),
            own,
            PaperLedger(self.ledger),
            script.settings,
        )
        self.exchange.watch(self._moved)
        self.kite = KiteSimulator(self.exchange, self.market, self.time, seed=script.seed)
        self.kite.start()
        self.desk = Desk(self.exchange, self.time)
        self.place = Place(
            home=home,
            seed=script.seed,
            clock=self.clock,
            market=self.market,
            settings={"root": self.kite.root, "timeout_s": TIMEOUT_S},
            paper=self.paper,
            sent=self._sent,
        )
        self.sent: list[Sent] = []
        self.ahead = deque(script.happenings)
        self.told: list[str] = []
        self.happened: Counter[str] = Counter()
        self.user_id = ""
        self.accounts: list[str] = []
        self.resolved: set[tuple[str, str]] = set()
        self.alive: list[Worker] = []
        self.at_work: list[Worker] = []
        self.off_until: datetime | None = None
        self.deaths_left, self.gap_s = 0, 0.0
        self.deaths = self.stalls = self.jumps = self.workers = self.turns = 0
        self._looks_at = start
        self._moved_at = start
        self._stages: dict[str, str] = {}

    # ── ways in ───────────────────────────────────────────────────────────────────────────

    def paper(self, account_id: str) -> Broker:
        self.exchange.open_account(account_id)
        return LocalPaperBroker(self.desk, account_id)

    def _sent(self, tag: str, worker: str, late: bool) -> None:
        self.sent.append(Sent(tag, worker, self.time.now(), late))

    def _moved(self, _: Line) -> None:
        self._moved_at = self.time.now()

    def note(self, text: str) -> None:
        self.told.append(f"{self.time.now():%d %H:%M:%S.%f} {text}")

    @property
    def desk_worker(self) -> Worker | None:
        """The platform that a trader reaches, if any is at work."""
        return self.at_work[-1] if self.at_work else None

    # ── days ──────────────────────────────────────────────────────────────────────────────

    def play(self) -> None:
        """From the first morning until every run has ended, or the sessions are used up."""
        self.start_worker()
        trader.begin(self)
        day = self.script.day
        for number in range(MOST_SESSIONS):
            if number:
                day = MARKET.next_session(day)
                self.wake(day)
            self.live(at_ist(day, END))
            if self.done():
                break
            if not self.script.lives_on:
                self.stop_all()
        self.stop_all()

    def wake(self, day: date) -> None:
        """The next morning: the platform is started, and the trader logs in."""
        wakes = at_ist(day, self.script.wakes)
        if self.at_work:
            self.live(max(wakes, self.time.now()))
        else:
            self.off_until = wakes
        login = max(wakes, at_ist(day, time(8, 35)))
        trader.plan_logins(self, login + timedelta(seconds=self.chance.choice((20, 60, 400))))

    def done(self) -> bool:
        """Whether every planned run was opened and has ended."""
        worker = self.desk_worker
        if worker is None:
            return False
        runs = worker.platform.runs
        planned = len(self.script.strategies) * len(self.script.multipliers)
        due = sum(not run.startswith("RUN-FLATTEN") for run in runs.known())
        return due >= planned and not runs.open() and not self.ahead

    def live(self, until: datetime) -> None:
        """Whatever happens until then, deaths included."""
        while self.time.now() < until:
            try:
                self.one(until)
            except Gone as gone:
                self.note(f"{gone} is gone")
            except Killed as killed:
                self.died(str(killed))
            if self.done() and ist_date(self.time.now()) == ist_date(until):
                self.after_close(until)
                return
            self.rest_if_stagnant(until)

    def after_close(self, until: datetime) -> None:
        """Nothing is left to happen but the comparison after the close."""
        self.stop_all()
        self.pass_until(until - timedelta(minutes=5))
        self.start_worker()
        while self.time.now() < until:
            self.one(until)

    def one(self, until: datetime) -> None:
        """On to the next moment at which anything happens, and let it."""
        self.turns += 1
        if self.turns > MOST_TURNS:
            raise RuntimeError(f"seed {self.script.seed} does not end")
        now = self.time.now()
        moments = [worker.next_due() for worker in self.at_work]
        moments += [self.exchange.next_event(now), self.off_until, until, self._looks_at]
        moments += [each.at for each in list(self.ahead)[:1]]
        self.pass_until(min(moment for moment in moments if moment is not None))
        self.what_is_due()
        for worker in list(self.at_work):
            if worker in self.at_work:
                worker.turn()
        if self.time.now() >= self._looks_at:
            self.look()

    def what_is_due(self) -> None:
        now = self.time.now()
        if self.off_until is not None and now >= self.off_until:
            self.off_until = None
            self.start_worker()
        while self.ahead and self.ahead[0].at <= now:
            happen(self, self.ahead.popleft())

    def look(self) -> None:
        """Each minute: what the trader sees, and what platforms hear of each other."""
        self._looks_at = self.time.now() + LOOK_EVERY
        for worker in self.at_work:
            worker.heed()
        trader.look(self)

    def later(self, happening: Happening) -> None:
        """Have it happen at its time."""
        self.ahead = deque(sorted([*self.ahead, happening], key=lambda each: each.at))

    def pass_until(self, moment: datetime) -> None:
        """The market and the broker go on."""
        if moment > self.time.now():
            self.time.advance_to(moment)
        self.kite.step()

    # ── platforms ─────────────────────────────────────────────────────────────────────────

    def start_worker(self) -> Worker:
        """A platform of a worker that never was before, on what is stored."""
        self.workers += 1
        worker = Worker(self.place, self.workers)
        self.alive.append(worker)
        self.note(f"{worker.name} starts")
        worker.start()
        self.at_work.append(worker)
        return worker

    def died(self, where: str) -> None:
        """The machine went down: nothing of any platform is left but the store."""
        self.note(f"killed {where}")
        self.deaths += 1
        self.deaths_left -= 1
        self.stop_all()
        self.off_until = self.time.now() + timedelta(seconds=self.gap_s)
        if self.deaths_left > 0:
            self.pass_until(self.off_until)
            self.off_until = None
            self.start_worker().fate.die_in(self.chance.randint(1, 25))

    def stand_still(self, worker: Worker, seconds: float) -> None:
        """A process stands still while another works beside it."""
        self.stalls += 1
        until = self.time.now() + timedelta(seconds=seconds)
        self.note(f"{worker.name} stands still for {seconds} s at {worker.fate.last}")
        self.at_work = [each for each in self.at_work if each is not worker]
        if not self.at_work:
            self.start_worker()
        while self.time.now() < until:
            self.one(until)
        if worker not in self.alive:
            raise Gone(worker.name)
        self.note(f"{worker.name} goes on")
        self.at_work.insert(0, worker)

    def stop_all(self) -> None:
        for worker in self.alive:
            worker.bury()
        self.alive, self.at_work = [], []

    def rest_if_stagnant(self, until: datetime) -> None:
        """A machine on which nothing happens is switched off until something is due again."""
        now, worker = self.time.now(), self.desk_worker
        if worker is None or now - self._moved_at < STAGNANT or self.stage_changed(worker):
            return
        again = min(*self.next_moments(now), until) - AHEAD
        if again > now + AHEAD:
            self.stop_all()
            self.note("switched off for lack of work")
            self.off_until = again

    def stage_changed(self, worker: Worker) -> bool:
        runs = worker.platform.runs.open()
        load = worker.platform.trading.load
        stages = {run: str(load(run, Run, verify=False).stage) for run in runs}
        changed, self._stages = stages != self._stages, stages
        if changed:
            self._moved_at = self.time.now()
        return changed

    def next_moments(self, now: datetime) -> Iterable[datetime]:
        """Entries and exits of the day, what is in store, and the last minutes of the session."""
        today = ist_date(now)
        for strategy in self.script.strategies:
            for name in ("entry_time", "exit_time"):
                at = at_ist(today, time.fromisoformat(strategy["schedule"][name]))
                if at >= now - AHEAD:
                    yield at
        yield from (each.at for each in self.ahead)
        last = at_ist(today, LAST_MINUTES)
        yield last if now < last + AHEAD else at_ist(today, time.max)

    def close(self) -> None:
        self.kite.stop()
        self.exchange.ledger.close()
