"""A day as chance draws it: strategies, rules of the exchange, and the misfortunes in store."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from random import Random
from typing import Any, Final  # Any: JSON of a strategy

from adapters.brokers.paper.settings import PaperSettings
from adapters.simulators.kite.faults import Fault, FaultKind
from domain.calendar import at_ist
from domain.schedule import Weekday
from tests.chaos.strategies import Kind, drawn_strategy
from tests.chaos.wire_faults import wire_fault

#: Sessions that days begin on; the weekly options of the last one expire with it.
DAYS: Final = (date(2026, 8, 5), date(2026, 8, 6), date(2026, 8, 7), date(2026, 8, 10),
               date(2026, 8, 11))  # fmt: skip
CASH: Final = 2_000_000_000  # enough for thirty lots of everything
OPEN: Final = time(9, 15)


class What(StrEnum):
    """What happens to the platform, its broker or its trader at a moment of the day."""

    WIRE = "wire fault"
    TOKEN = "token death"
    LOGIN = "login"
    OUTAGE = "outage"
    DEATH = "death"
    STALL = "stall"
    JUMP = "clock jump"
    HAND_OWNED = "hand trade in an owned contract"
    HAND_FOREIGN = "hand trade in a foreign contract"
    EXIT = "manual exit"
    CANCEL = "entry cancelled by hand"
    KILL = "kill switch"
    RESUME = "kill switch released"
    OFF = "platform off"


@dataclass(frozen=True, slots=True, kw_only=True)
class Happening:
    """`n`: boundaries until a death or a stall; `pick`: chance, for what is chosen on the spot."""

    at: datetime
    what: What
    account: int = 0
    n: int = 0
    times: int = 1
    seconds: float = 0.0
    pick: int = 0
    fault: Fault | None = None

    def told(self) -> str:
        """In one line."""
        shown = f"{self.at:%d %H:%M:%S} UTC {self.what}"
        parts = [f"account {self.account}"] if self.account else []
        parts += [f"at boundary {self.n}"] if self.n else []
        parts += [f"{self.times} times"] if self.times > 1 else []
        parts += [f"{self.seconds:.1f} s"] if self.seconds else []
        parts += [str(self.fault.model_dump(exclude_defaults=True))] if self.fault else []
        return ", ".join([shown, *parts])


@dataclass(frozen=True, slots=True, kw_only=True)
class Script:
    """Everything about a day that is settled before it begins."""

    seed: int
    day: date
    multipliers: tuple[int, ...]
    """One for each account that the basket trades on."""
    strategies: tuple[dict[str, Any], ...]
    settings: PaperSettings
    happenings: tuple[Happening, ...]
    looks: bool
    """Whether the trader looks up what the platform asks for."""
    resolves: tuple[str, ...]
    """What the trader does about a drift, in this order."""
    wakes: time
    """When the platform is started, and the trader logs in, on the following days."""
    lives_on: bool
    """Whether the platform runs through the night."""

    def told(self) -> list[str]:
        """The seed and the misfortunes, for whoever looks into it."""
        names = ", ".join(
            f"{s['name']} {s['schedule']['entry_time']}-{s['schedule']['exit_time']}"
            for s in self.strategies
        )
        trader = f"looks: {self.looks}, drift: {'/'.join(self.resolves) or 'left alone'}"
        return [
            f"seed {self.seed}, {self.day:%a %d %b %Y}, accounts x{self.multipliers}: {names}",
            f"trader {trader}; next day at {self.wakes}, platform through the night:"
            f" {self.lives_on}",
            *(f"  {each.told()}" for each in self.happenings),
        ]


def drawn(seed: int) -> Script:
    """The day of that seed; the same seed, the same day."""
    chance = Random(seed)
    day = chance.choice(DAYS)
    multipliers = (1,) if chance.random() < 0.6 else (1, chance.choice((1, 2)))
    weekday = Weekday.of(day)
    assert weekday is not None
    count = chance.randint(1, 3)
    kinds = [chance.choice(list(Kind)) for _ in range(count)]
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
        happenings=tuple(sorted(_happenings(chance, day, moments, len(multipliers)), key=_at)),
        looks=chance.random() < 0.8,
        resolves=_resolves(chance),
        wakes=chance.choice((time(0, 30), time(8, 25), time(8, 25), time(9, 14), time(9, 20))),
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
        at = at_ist(day, time(9, 12)) if chance.random() < 0.5 else _near(chance, moments)
        found.append(Happening(at=at, what=What.WIRE, fault=fault))
    for what, most in MOST.items():
        for _ in range(most if chance.random() < OFTEN[what] else 0):
            found += _one(chance, what, _near(chance, moments), accounts)
    return found


#: How often each is in store for a day, and how many of it at most.
OFTEN: Final = {
    What.TOKEN: 0.15, What.OUTAGE: 0.2, What.DEATH: 0.45, What.STALL: 0.3, What.JUMP: 0.15,
    What.HAND_OWNED: 0.25, What.HAND_FOREIGN: 0.25, What.EXIT: 0.2, What.CANCEL: 0.1,
    What.KILL: 0.12, What.OFF: 0.12,
}  # fmt: skip
MOST: Final = {what: 2 if what in (What.DEATH, What.HAND_OWNED) else 1 for what in OFTEN}


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
            return [replace(plain, n=chance.randint(1, 40), times=times, seconds=gap)]
        case What.STALL:
            seconds = chance.choice((5, 13, 25, 70, 200))
            return [replace(plain, n=chance.randint(1, 60), seconds=seconds)]
        case What.JUMP:
            return [replace(plain, seconds=chance.choice((-20, -5, -1, 60, 180, 300)))]
        case What.OFF:
            return [replace(plain, seconds=chance.choice((30, 120, 1e6)))]
        case _:
            return [plain]


def _ended(begun: Happening, by: What, seconds: float) -> Happening:
    return replace(begun, what=by, at=begun.at + timedelta(seconds=seconds))
