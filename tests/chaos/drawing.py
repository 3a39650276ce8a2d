"""A day as chance draws it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, time, timedelta
from random import Random
from typing import Any, Final  # Any: JSON of a strategy

from adapters.brokers.paper.settings import PaperSettings
from adapters.market.scenario import Scenario, Shock, Silence
from adapters.simulators.kite.faults import Fault, FaultKind
from domain.calendar import IST, at_ist
from domain.schedule import Weekday
from tests.chaos.script import Happening, Script, What
from tests.chaos.strategies import Kind, drawn_strategy
from tests.chaos.wire_faults import EARLIEST_S, LATEST_S, PLACING, wire_fault

#: Sessions that days begin on; the weekly options of the last one expire with it.
DAYS: Final = (date(2026, 8, 5), date(2026, 8, 6), date(2026, 8, 7), date(2026, 8, 10),
               date(2026, 8, 11))  # fmt: skip
CASH: Final = 2_000_000_000  # enough for thirty lots of everything
BEFORE_OPEN: Final = time(9, 12)
WAKES: Final = (time(0, 30), time(8, 25), time(8, 25), time(9, 14), time(9, 20))
BEFORE_ANSWER: Final = "before-answer"
AROUND_ORDERS: Final = ("on the wire", "before-call", "after-call", BEFORE_ANSWER, "after-append")
#: How often each is in store for a day, and how many of it at most.
OFTEN: Final = {
    What.TOKEN: (0.15, 1), What.OUTAGE: (0.25, 1), What.DEATH: (0.55, 3), What.STALL: (0.35, 2),
    What.JUMP: (0.15, 1), What.HAND_OWNED: (0.3, 3), What.HAND_FOREIGN: (0.25, 1),
    What.EXIT: (0.25, 1), What.CANCEL: (0.15, 1), What.KILL: (0.15, 1), What.OFF: (0.2, 1),
}  # fmt: skip


def drawn(seed: int) -> Script:
    """The day of that seed; the same seed, the same day."""
    chance = Random(seed)
    day = chance.choice(DAYS)
    multipliers = (1,) if chance.random() < 0.6 else (1, chance.choice((1, 2)))
    weekday = Weekday.of(day)
    assert weekday is not None
    kinds = [chance.choice(list(Kind)) for _ in range(chance.randint(1, 4))]
    strategies = tuple(
        drawn_strategy(chance, kind, number, weekday) for number, kind in enumerate(kinds)
    )
    moments = _moments(day, strategies)
    return Script(
        seed=seed,
        day=day,
        multipliers=multipliers,
        strategies=strategies,
        settings=PaperSettings.model_validate(
            {
                "seed": seed,
                "cash": CASH,
                "partial_rate": chance.choice((0.02, 0.3)),
                "rejection_rate": chance.choice((0, 0, 0.01, 0.05)),
            }
        ),
        scenario=_scenario(chance, moments),
        happenings=tuple(sorted(_happenings(chance, day, moments, len(multipliers)), key=_at)),
        looks=chance.random() < 0.8,
        resolves=_resolves(chance),
        wakes=chance.choice(WAKES),
        lives_on=chance.random() < 0.15,
    )


def _at(happening: Happening) -> datetime:
    return happening.at


def _moments(day: date, strategies: tuple[dict[str, Any], ...]) -> list[datetime]:
    """Entries and exits of that day."""
    found = []
    for each in strategies:
        schedule = each["schedule"]
        found.append(at_ist(day, time.fromisoformat(schedule["entry_time"])))
        if each.get("holding") != "POSITIONAL":
            found.append(at_ist(day, time.fromisoformat(schedule["exit_time"])))
    return found


def _resolves(chance: Random) -> tuple[str, ...]:
    ways = ["adopt", "ignore", "flatten", "explain"]
    chance.shuffle(ways)
    return tuple(ways) if chance.random() < 0.8 else ()


def _happenings(
    chance: Random, day: date, moments: list[datetime], accounts: int
) -> list[Happening]:
    """Between nothing but a fault or two, and everything at once."""
    found: list[Happening] = []
    for _ in range(chance.choice((0, 1, 2, 3, 5, 8))):
        fault = wire_fault(chance)
        early = chance.random() < 0.5
        at = at_ist(day, BEFORE_OPEN) if early else _near(chance, moments)
        found.append(Happening(at=at, what=What.WIRE, fault=fault))
    for what, (often, most) in OFTEN.items():
        for _ in range(chance.randint(1, most) if chance.random() < often else 0):
            found += _one(chance, what, _near(chance, moments), accounts)
    return found


def _scenario(chance: Random, moments: list[datetime]) -> Scenario:
    """Now and then the market moves at once, or the feed falls silent."""
    shocks: tuple[Shock, ...] = ()
    silences: tuple[Silence, ...] = ()
    if chance.random() < 0.2:
        at, move = _near(chance, moments).astimezone(IST).time(), chance.choice((-0.012, 0.006))
        shocks = (Shock(at=at, move=move, over_s=20, volatility=0.03),)
    if chance.random() < 0.15:
        since = _near(chance, moments)
        until = since + timedelta(seconds=chance.choice((8, 40, 150)))
        silences = (
            Silence(since=since.astimezone(IST).time(), until=until.astimezone(IST).time()),
        )
    return Scenario(shocks=shocks, silences=silences)


def _near(chance: Random, moments: list[datetime]) -> datetime:
    """A moment around an entry or an exit, to the tenth of a second."""
    return chance.choice(moments) + timedelta(seconds=round(chance.uniform(-15, 45), 1))


def _one(chance: Random, what: What, at: datetime, accounts: int) -> list[Happening]:
    """The happening, and what ends it where that is settled, too."""
    plain = Happening(
        at=at, what=what, account=chance.randrange(accounts), pick=chance.randrange(1 << 30)
    )
    match what:
        case What.TOKEN:
            return [plain, _ended(plain, What.LOGIN, chance.choice((5, 40, 150, 600)))]
        case What.KILL:
            return [plain, _ended(plain, What.RESUME, chance.choice((60, 600, 7200)))]
        case What.OUTAGE:
            seconds, status = chance.choice((20, 60, 150, 600)), chance.choice((0, 502, 503))
            fault = Fault(kind=FaultKind.OUTAGE, seconds=seconds, status=status)
            return [replace(plain, fault=fault)]
        case What.DEATH:
            times, gap = chance.choice((1, 1, 1, 2, 4)), chance.choice((0, 7, 25, 100, 300))
            dying = replace(_somewhere(chance, plain, 60), times=times, seconds=gap)
            late = dying.where == BEFORE_ANSWER and chance.random() < 0.6
            return [replace(dying, n=1, fault=_late(chance)) if late else dying]
        case What.STALL:
            seconds = chance.choice((5, 13, 25, 70, 200))
            return [replace(_somewhere(chance, plain, 60), seconds=seconds)]
        case What.JUMP:
            return [replace(plain, seconds=chance.choice((-20, -5, -1, 60, 180, 300)))]
        case What.OFF:
            return [replace(plain, seconds=chance.choice((30, 120, 1e6, 1e6)))]
        case What.CANCEL | What.EXIT if chance.random() < 0.5:
            # While orders of the entry are at the broker.
            at = at.replace(second=0, microsecond=0) + timedelta(seconds=chance.uniform(0.3, 4))
            return [replace(plain, at=at)]
        case _:
            return [plain]


def _somewhere(chance: Random, it: Happening, most: int) -> Happening:
    """At any boundary, or around an order that is being sent."""
    if chance.random() < 0.4:
        return replace(it, n=chance.randint(1, most))
    return replace(it, n=chance.randint(1, 4), where=chance.choice(AROUND_ORDERS))


def _late(chance: Random) -> Fault:
    """The order of which nobody lives to hear surfaces when its worker has long been succeeded."""
    seconds = round(chance.uniform(EARLIEST_S, LATEST_S), 1)
    return Fault(kind=FaultKind.LATE, seconds=seconds, **PLACING)


def _ended(begun: Happening, by: What, seconds: float) -> Happening:
    return replace(begun, what=by, at=begun.at + timedelta(seconds=seconds))
