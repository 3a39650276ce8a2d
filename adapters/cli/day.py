"""`atp day`: a whole trading day, as fast as the machine can and always the same."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from tempfile import mkdtemp
from threading import Event, Thread

from adapters.cli.day_report import DayReport, machine, reported, show
from adapters.cli.showing import bar, print_json
from adapters.cli.terms import Asked, BadInput, Ending
from adapters.clock import SteppedClock
from adapters.day import DayResult, NoSession, Way, play_day, straight
from adapters.demo import BasketFile, read_basket
from adapters.market.instruments import read_instruments
from adapters.market.reading import read_recording
from adapters.market.recorded import RecordedMarket
from adapters.market.simulated import SimulatedMarket
from commands.ports import MarketData
from domain.calendar import MARKET, Session, ist_date

FORMS = (".parquet", ".csv")
LOOK_S = 0.1


@dataclass(frozen=True, kw_only=True)
class DayAsked:
    """What was asked of a day: recorded in a folder, or simulated where that is None."""

    data: Path | None
    day: date | None
    basket: Path
    seed: int
    out: Path | None
    by_kite: bool = False
    """Whether orders go by way of Kite's wire, at the simulator."""


def run_day(asked: Asked, wanted: DayAsked) -> Ending:
    """Play it, show what was decided, traded and made, and verify the audit."""
    basket = read_basket(wanted.basket)
    day = day_of(wanted)
    session = MARKET.session(day)
    if session is None:
        raise NoSession(f"--date: {MARKET.why_closed(day) or f'{day} is no trading day'}")
    market_of = market(wanted, day)
    with folder(wanted.out) as place:
        report = play(day, session, market_of, basket, place, wanted)
    if asked.json:
        print_json(machine(report))
    else:
        show(report, wanted.out)
    return Ending.OK if report.audit.sound else Ending.WRONG


def play(
    day: date,
    session: Session,
    market_of: Callable[[SteppedClock], MarketData],
    basket: BasketFile,
    place: Path,
    wanted: DayAsked,
) -> DayReport:
    """Play the day in this folder, and close what was opened there."""
    clocks: list[SteppedClock] = []

    def heard(clock: SteppedClock) -> MarketData:
        clocks.append(clock)
        return market_of(clock)

    with watched(session, clocks):
        result = play_day(day, heard, basket, place, seed=wanted.seed, way=way(wanted))
    try:
        return reported(result, day, basket.name, wanted.seed, place)
    finally:
        close(result)


def way(wanted: DayAsked) -> Way:
    """How orders come to the paper exchange."""
    if not wanted.by_kite:
        return straight
    from adapters.day_by_kite import by_kite

    return by_kite


def close(result: DayResult) -> None:
    """Let go of every file of the day."""
    result.platform.reads.close()
    result.platform.trading.close()
    result.exchange.ledger.close()


@contextmanager
def watched(session: Session, clocks: list[SteppedClock]) -> Iterator[None]:
    """A bar over the market's minutes; it looks at the clock and never moves it."""
    minutes = (session.close - session.open) // timedelta(minutes=1)
    done = Event()
    with bar(f"{session.day}", minutes) as told:

        def look() -> None:
            while not done.wait(LOOK_S):
                for clock in clocks:
                    passed = (clock.now() - session.open) // timedelta(minutes=1)
                    told(min(max(passed, 0), minutes), None)

        watcher = Thread(target=look, name="watch", daemon=True)
        watcher.start()
        try:
            yield
        finally:
            done.set()
            watcher.join()


# ── where from, where to ──────────────────────────────────────────────────────────────────


def day_of(wanted: DayAsked) -> date:
    """The day that was asked for; a simulated one may be the present or next session."""
    if wanted.day is not None:
        return wanted.day
    if wanted.data is not None:
        days = ", ".join(recorded_days(wanted.data)) or "none"
        raise BadInput(f"--date: say which day; recorded in {wanted.data}: {days}")
    today = ist_date(datetime.now(UTC))
    return today if MARKET.is_session(today) else MARKET.next_session(today)


def market(wanted: DayAsked, day: date) -> Callable[[SteppedClock], MarketData]:
    """Opens the market that was asked for; files are read, and refused, before anything starts."""
    if wanted.data is None:
        return lambda clock: SimulatedMarket(clock, wanted.seed)
    recording = read_recording(recorded(wanted.data, day))
    if recording.day != day:
        raise BadInput(f"--data: {recording.source} holds {recording.day}, not {day}")
    lists = sorted((wanted.data / "instruments").glob(f"{day}_*.csv*"))
    listed = {key: each for path in lists for key, each in read_instruments(path).items()}
    return lambda clock: RecordedMarket([recording], clock, listed)


def recorded(data: Path, day: date) -> Path:
    """The file of that day: in the folder, or in `days` inside of it."""
    for place in (data, data / "days"):
        for form in FORMS:
            path = place / f"{day}{form}"
            if path.is_file():
                return path
    days = ", ".join(recorded_days(data)) or "none"
    raise BadInput(f"--data: {day} is not recorded in {data}; recorded: {days}")


def recorded_days(data: Path) -> list[str]:
    """The days that have a file."""
    found = (path for place in (data, data / "days") for path in place.glob("????-??-??.*"))
    return sorted({path.stem for path in found if path.suffix in FORMS})


@contextmanager
def folder(out: Path | None) -> Iterator[Path]:
    """Where the day's files are written; they come to `out` when all is done, or go again."""
    if out is not None and out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise BadInput(f"--out: {out} is there already and not an empty folder")
    if out is not None:
        out.parent.mkdir(parents=True, exist_ok=True)
    place = Path(mkdtemp(prefix=".atp-day-", dir=out.parent if out else None))
    try:
        yield place
        if out is not None:
            place.rename(out)
    finally:
        shutil.rmtree(place, ignore_errors=True)
