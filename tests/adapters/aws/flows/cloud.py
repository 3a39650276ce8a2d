"""A stepped day on AWS: functions come and go, the store, the queues and the exchange live on."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Final

from eventsourcing.persistence import StoredEvent

from adapters.aws.comparing import Comparing, Rounds, Turn
from adapters.aws.dispatching import Dispatching, Order
from adapters.aws.executing import Executing
from adapters.aws.measured import Measured
from adapters.aws.monitoring import Answer, Asked, Monitoring
from adapters.aws.projecting import STORAGE
from adapters.aws.reactions import History, dispatches
from adapters.aws.scheduling import Scheduling
from adapters.aws.shift import until
from adapters.aws.slots import Slot
from adapters.brokers.paper.exchange import PaperExchange
from adapters.brokers.paper.ledger import PaperLedger
from adapters.brokers.paper.settings import PaperSettings
from adapters.clock import SteppedClock
from adapters.market.simulated import SimulatedMarket
from adapters.simulators.kite.simulator import KiteSimulator
from domain.calendar import at_ist
from tests.adapters.aws.flows.container import Container, Place, laid_out
from tests.adapters.aws.flows.post import Box, Letter, Misfortune, Post
from tests.adapters.aws.flows.theatre import Actor, ActorsClock, Driven
from tests.chaos.fate import Killed, Sent

DAY: Final = date(2026, 8, 5)
BEGIN: Final = time(9, 10)
MINUTE: Final = timedelta(minutes=1)
#: Seconds that a call of each function may take, as the stage has it.
TIMEOUTS: Final = {
    "scheduler": 60, "executor": 300, "monitor": 60, "dispatcher": 120, "reconciler": 60,
}  # fmt: skip
#: How long a message is hidden from others, as the stage has it.
HIDDEN: Final = {name: timedelta(seconds=seconds + 10) for name, seconds in TIMEOUTS.items()}
WORKERS: Final = {"execute": "executor", "dispatch": "dispatcher", "reconcile": "reconciler"}
AFTER_FAULT: Final = timedelta(seconds=10)
CASH: Final = Decimal(50_000_000)
STREAM_S: Final = 0.3
MOST_TURNS: Final = 200_000


@dataclass
class Workflow:
    """One execution of the order workflow: when it asks again, and whether it waits for that."""

    asked: Asked
    wake: datetime
    asking: bool = False


@dataclass
class Call:
    """A function at work, and what becomes of it afterwards."""

    actor: Actor
    container: Container
    function: str
    ended: Callable[[Actor], None]


@dataclass(kw_only=True)
class Rules:
    """How a day differs from a good one."""

    seed: int = 1
    begin: time = BEGIN
    fates: dict[str, Misfortune] = field(default_factory=dict)
    exchange: PaperSettings | None = None
    timeouts: dict[str, int] = field(default_factory=dict)


class Cloud:
    """One account of AWS with one stage in it; all that happened is in its tables and counters."""

    def __init__(self, home: Path, rules: Rules) -> None:
        self.rules = rules
        self.time = SteppedClock(at_ist(DAY, rules.begin))
        self.clock = ActorsClock(self.time)
        own = SteppedClock(self.time.now())
        self.market = SimulatedMarket(self.time, rules.seed)
        settings = rules.exchange or PaperSettings(seed=rules.seed, rejection_rate=0, cash=CASH)
        self.ledger = home / "ledger.sqlite"
        ledger = PaperLedger(self.ledger)
        market = SimulatedMarket(own, rules.seed)
        self.exchange = PaperExchange(market, own, ledger, settings)
        self.kite = KiteSimulator(self.exchange, self.market, self.time, seed=rules.seed)
        self.kite.start()
        self.post = Post(self.clock, rules.seed)
        self.boxes = {name: self._box(name) for name in WORKERS}
        self.sent: list[Sent] = []
        self.told: list[str] = []
        self.counts: Counter[str] = Counter()
        self.measured: list[Measured] = []
        self.stream: deque[tuple[datetime, Sequence[StoredEvent]]] = deque()
        self.workflows: dict[str, Workflow] = {}
        self.calls: list[Call] = []
        self.idle: dict[str, list[Container]] = {}
        self.born: list[Container] = []
        self.woken = True
        self.at_birth: Callable[[Container], None] = lambda _: None
        self._minute = self._next_minute()
        self.place = self._set_up(home)
        self.desk = self._born("desk")
        self.projecting = self._born("projector")

    def _box(self, name: str) -> Box:
        fate = self.rules.fates.get(name, Misfortune())
        return Box(post=self.post, name=name, fifo=name == "dispatch", fate=fate)

    def _set_up(self, home: Path) -> Place:
        prefix = laid_out()
        return Place(
            home=home,
            seed=self.rules.seed,
            clock=self.clock,
            market=self.market,
            kite={"root": self.kite.root, "timeout_s": "3"},
            events=f"{prefix}events",
            lanes=f"{prefix}lanes",
            prefix=prefix,
            stored=self._stored,
            sent=lambda tag, worker, late: self.sent.append(
                Sent(tag, worker, self.time.now(), late)
            ),
        )

    def note(self, text: str) -> None:
        self.told.append(f"{self.time.now():%d %H:%M:%S.%f} {text}")

    # ── time ──────────────────────────────────────────────────────────────────────────────

    def pass_until(self, moment: datetime, enough: Callable[[], bool] = lambda: False) -> None:
        """Whatever happens until then, or until it is enough."""
        for _ in range(MOST_TURNS):
            now = self.time.now()
            if now >= moment or enough():
                return
            following = [*self._next(now), moment]
            self._go_to(max(now, min(following)))
            self._what_is_due()
        raise RuntimeError("the day does not end")

    def _next(self, now: datetime) -> list[datetime]:
        found = [self.exchange.next_event(now), self.post.next_at(), self._minute]
        found += [at for at, _ in list(self.stream)[:1]]
        found += [flow.wake for flow in self.workflows.values() if not flow.asking]
        found += [call.actor.wake for call in self.calls]
        return [at for at in found if at is not None]

    def _go_to(self, moment: datetime) -> None:
        if moment > self.time.now():
            self.time.advance_to(moment)
        self.kite.step()

    def _next_minute(self) -> datetime:
        now = self.time.now()
        return now.replace(second=0, microsecond=0) + MINUTE

    def _what_is_due(self) -> None:
        self.project()
        now = self.time.now()
        if now >= self._minute:
            self._minute = self._next_minute()
            if self.woken:
                self._call("scheduler", self._schedule)
                self._call("reconciler", self._rounds)
        for letter in self.post.taken(now):
            self._deliver(letter)
        for flow in list(self.workflows.values()):
            if not flow.asking and flow.wake <= now:
                self._ask(flow)
        for call in list(self.calls):
            if call.actor.wake <= self.time.now():
                self._go_on(call)

    # ── functions ─────────────────────────────────────────────────────────────────────────

    def _born(self, function: str) -> Container:
        container = Container(self.place, function, len(self.born) + 1)
        self.born.append(container)
        self.at_birth(container)
        return container

    def _call(
        self,
        function: str,
        work: Callable[[Container, datetime], object],
        ended: Callable[[Actor], None] = lambda _: None,
    ) -> None:
        """Have a container of that function do this, an idle one if there is any."""
        idle = self.idle.setdefault(function, [])
        container = idle.pop() if idle else self._born(function)
        seconds = self.rules.timeouts.get(function, TIMEOUTS[function])
        ends = self.time.now() + timedelta(seconds=seconds)

        def worked() -> object:
            container.begin()
            return work(container, until(seconds * 1000, self.time.now()))

        actor = Actor(container.name, self.time, ends, worked)
        self.counts[f"calls of {function}"] += 1
        call = Call(actor, container, function, ended)
        self.calls.append(call)
        self._go_on(call)

    def _go_on(self, call: Call) -> None:
        call.actor.go_on()
        if not call.actor.done:
            return
        self.calls.remove(call)
        fault = call.actor.fault
        if fault is None:
            self.idle[call.function].append(call.container)
        else:
            self.note(f"{call.container.name} died: {type(fault).__name__} {fault}")
            self.counts[f"deaths of {call.function}"] += 1
            if isinstance(fault, STORAGE):
                self.counts["storage"] += 1
            elif not isinstance(fault, Killed):
                self.counts["faults"] += 1
        call.ended(call.actor)

    def _schedule(self, container: Container, ends: datetime) -> object:
        box = self.boxes["execute"]
        if not hasattr(container, "scheduling"):
            setattr(container, "scheduling", Scheduling(container.tables, box, self.clock))  # noqa: B010
        scheduling: Scheduling = getattr(container, "scheduling")  # noqa: B009
        return scheduling.wake(ends)

    def _rounds(self, container: Container, _: datetime) -> object:
        return Rounds(container.tables, self.boxes["reconcile"]).wake(self.time.now())

    def _deliver(self, letter: Letter) -> None:
        function = WORKERS[letter.box]
        hidden = self.time.now() + HIDDEN[function]

        def ended(actor: Actor) -> None:
            if actor.fault is None:
                self.post.delete(letter)
            else:
                self.post.give_back(letter, max(hidden, self.time.now()))

        works = {"executor": self._execute, "dispatcher": self._dispatch,
                 "reconciler": self._compare}  # fmt: skip
        self._call(function, lambda one, ends: works[function](one, letter, ends), ended)

    def _execute(self, container: Container, letter: Letter, ends: datetime) -> object:
        box, drive = self.boxes["execute"], Driven(self.clock)
        slot = Slot.model_validate(letter.body)
        flow = Executing(container.platform, box, self, drive, self.measured.extend)
        return flow.work(slot, ends)

    def _dispatch(self, container: Container, letter: Letter, ends: datetime) -> object:
        box, drive = self.boxes["dispatch"], Driven(self.clock)
        order = Order.model_validate(letter.body)
        flow = Dispatching(container.platform, container.flattening, box, drive)
        return flow.work(order, ends)

    def _compare(self, container: Container, letter: Letter, ends: datetime) -> object:
        flow = Comparing(
            container.platform,
            container.broker,
            self,
            container.flattening(lambda _: None),
            self.boxes["dispatch"],
            Driven(self.clock),
            self.place.alarms.append,
        )
        flow.work(Turn.model_validate(letter.body), ends)
        return None

    # ── the order workflow ────────────────────────────────────────────────────────────────

    def start(self, run_id: str, day: date) -> bool:
        """One execution for each run and day."""
        name = f"{day} {run_id}"
        if name in self.workflows:
            return False
        asked = Asked(run_id=run_id, day=day)
        self.workflows[name] = Workflow(asked, self.time.now() + timedelta(seconds=0.2))
        return True

    def _ask(self, flow: Workflow) -> None:
        flow.asking = True

        def looked(container: Container, ends: datetime) -> Answer:
            drive = Driven(self.clock)
            monitoring = Monitoring(container.platform, drive, wall=self.clock.now)
            return monitoring.look(flow.asked, ends)

        def ended(actor: Actor) -> None:
            answer = actor.answer
            if isinstance(answer, Answer):
                flow.asking = answer.ended  # one that has ended never asks again
                flow.wake = datetime.fromisoformat(answer.wake)
            else:
                flow.asking, flow.wake = False, self.time.now() + AFTER_FAULT

        self._call("monitor", looked, ended)

    # ── the stream ────────────────────────────────────────────────────────────────────────

    def _stored(self, events: Sequence[StoredEvent]) -> None:
        at = self.time.now() + timedelta(seconds=STREAM_S)
        for stream in dict.fromkeys(each.originator_id for each in events):
            mine = [each for each in events if each.originator_id == stream]
            self.stream.append((at, mine))

    def project(self, *, all_of_it: bool = False) -> None:
        """The stream's two readers: views, and what is handed on."""
        one, batch = self.projecting, []
        while self.stream and (all_of_it or self.stream[0][0] <= self.time.now()):
            batch.append(self.stream.popleft()[1])
        if not batch:
            return
        try:
            one.platform.reads.projector.apply([event for events in batch for event in events])
        except STORAGE:  # the batch is delivered again
            again = self.time.now() + timedelta(seconds=1)
            self.stream.extendleft((again, events) for events in reversed(batch))
            return
        decode = one.trading.mapper.to_domain_event
        for events in batch:
            history = History(str(events[0].originator_id), events, one.source.stream, decode)
            self.boxes["dispatch"].send_all(dispatches(history))

    def close(self) -> None:
        for call in self.calls:
            call.actor.end()
        for container in self.born:
            container.bury()
        self.kite.stop()
        self.exchange.ledger.close()
