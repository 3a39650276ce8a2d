"""What is left of a played day: counts for the tally, and the whole story where it went wrong."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from hashlib import sha256
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory

from adapters.brokers.paper.ledger import PaperLedger
from domain.run import Run
from domain.run_terms import Stage
from domain.slices import SliceStatus
from tests.chaos.drawing import drawn
from tests.chaos.judge import Court
from tests.chaos.script import Script
from tests.chaos.world import World
from tests.kill.judging import Case, broken_views


@dataclass
class Outcome:
    """Plain numbers and text, for they travel between processes."""

    seed: int
    counts: Counter[str] = field(default_factory=Counter)
    violations: list[str] = field(default_factory=list)
    story: str = ""
    digest: str = ""
    """Of every line of the ledger: the same seed, the same one."""


def played(seed: int, *, told: bool = False) -> Outcome:
    """Play the day of that seed and judge it; `told` keeps its story even after a good day."""
    script = drawn(seed)
    with TemporaryDirectory(prefix="chaos-") as home:
        world = World(Path(home), script)
        try:
            world.play()
        finally:
            world.close()
        return judged(world, script, told=told)


def judged(world: World, script: Script, *, told: bool) -> Outcome:
    case = Case.of(world.home, world.ledger)
    court = Court(
        case=case,
        sent=tuple(world.sent),
        jumped=world.jumps > 0,
        resolved=frozenset(world.resolved),
    )
    wrong = [*court.violations(), *broken_views(world.home)]
    wrong += [f"the simulator could not answer: {fault!r}" for fault in world.kite.broken]
    planned = len(script.strategies) * len(script.multipliers)
    opened = sum(not run.startswith("RUN-FLATTEN") for run in case.runs)
    if opened != planned:
        wrong.append(f"{planned} runs were planned, there are {opened}")
    counts = counted(world, case)
    counts["extra longs, sold again"] = court.extra_longs()
    outcome = Outcome(script.seed, counts, wrong, digest=digest(world))
    if wrong or told:
        lines = [*script.told(), "what happened", *world.told, *world.place.alarms]
        outcome.story = "\n".join([*lines, case.told()])
    return outcome


def digest(world: World) -> str:
    ledger = PaperLedger(world.ledger)
    whole = sha256()
    for line in ledger.lines():
        whole.update(line.model_dump_json().encode())
    ledger.close()
    return whole.hexdigest()


def counted(world: World, case: Case) -> Counter[str]:
    """The lines of the tally that this day adds to."""
    found: Counter[str] = Counter({f"in store: {what}": n for what, n in world.happened.items()})
    found["days"] = 1
    found["orders"] = len(case.placed)
    found["fills"] = len(case.fills)
    found["deaths"] = world.deaths
    found["stalls past a rival"] = world.stalls
    found["platforms started"] = world.workers
    for struck in world.kite.struck:
        found[f"fault {struck.kind}"] += 1
    for note in world.told:
        for words in ("by hand", "adopt", "ignore", "flatten", "explain"):
            found[f"trader: {words}"] += note.split(" ", 2)[2].startswith(f"{words}:")
    for run in case.runs.values():
        found += of_run(run, case)
    return found


def of_run(run: Run, case: Case) -> Counter[str]:
    found: Counter[str] = Counter(runs=1)
    if run.stage is Stage.SKIPPED:
        found["skipped"] += 1
        found[f"skipped {run.skip_reason}"] += 1
    elif run.stage is Stage.CLOSED:
        found["closed"] += 1
        found[f"closed {run.outcome}"] += 1
    else:
        found["open, explained"] += 1
    events = case.events[run.id]
    workers = [event.worker for event in events if isinstance(event, Run.Claimed)]
    found["takeovers"] = sum(a != b for a, b in pairwise(workers))
    lost = {event.tag for event in events if isinstance(event, Run.SliceUnknown)}
    for tag in lost:
        status = run.slices[tag].status
        absent = status is SliceStatus.ABSENT
        unresolved = status is SliceStatus.UNKNOWN
        found["UNKNOWN unresolved" if unresolved else
              "UNKNOWN absent" if absent else "UNKNOWN found"] += 1  # fmt: skip
    found["runs settled at expiry"] = any(isinstance(event, Run.Settled) for event in events)
    found["drifts halting a run"] = sum(
        isinstance(event, Run.Alerted) and event.kind == "HALTED" for event in events
    )
    return found
