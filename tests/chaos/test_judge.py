"""The judge of the campaign finds what is wrong in a ledger that tells of it."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import replace
from datetime import time
from pathlib import Path

import pytest

from adapters.brokers.paper.entries import Filled, Line, Placed
from adapters.brokers.paper.ledger import PaperLedger
from adapters.market.scenario import Scenario
from domain.contract import Side
from tests.chaos.drawing import DAYS, drawn
from tests.chaos.judge import Court
from tests.chaos.script import Script
from tests.chaos.world import LEDGER, World
from tests.kill.judging import Case

STRANGER = "AAAAAAAAAAAAAAAAAAAA"


def quiet() -> Script:
    """A spread that is entered and left, and nothing happens to it."""
    legs = [("BUY", 0), ("SELL", 4)]
    at = {"underlying": "NIFTY", "expiry": "WEEKLY"}
    spread = {
        "name": "Spread",
        "type": "BULL_CALL_SPREAD",
        "legs": [
            {"action": action, "option_type": "CE", "lots": 1, "selector": {**at, "atm_offset": n}}
            for action, n in legs
        ],
        "schedule": {"entry_time": "09:16", "exit_time": "09:17", "weekdays": ["WED"]},
    }
    base = drawn(1)
    return replace(
        base,
        day=DAYS[0],
        multipliers=(1,),
        strategies=(spread,),
        settings=base.settings.model_copy(update={"partial_rate": 0, "rejection_rate": 0}),
        scenario=Scenario(),
        happenings=(),
        wakes=time(8, 25),
    )


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The files of a quiet day."""
    world = World(tmp_path_factory.mktemp("quiet"), quiet())
    world.play()
    world.close()
    return world.home


@pytest.fixture
def home(played: Path, tmp_path: Path) -> Path:
    """A copy of them that may be spoiled."""
    shutil.copytree(played, tmp_path / "home")
    return tmp_path / "home"


def violations(home: Path) -> list[str]:
    case = Case.of(home, home / LEDGER)
    return list(Court(case=case, sent=(), jumped=False).violations())


def spoil(home: Path, more: Callable[[list[Line]], Line]) -> None:
    """Write another line into the ledger."""
    ledger = PaperLedger(home / LEDGER)
    ledger.append(more(list(ledger.lines())))
    ledger.close()


def placed(lines: list[Line], side: Side) -> Placed:
    """The first order of that side."""
    return next(x for x in lines if isinstance(x, Placed) and x.ticket.side is side)


def fill_of(lines: list[Line], order: Placed) -> Filled:
    return next(x for x in lines if isinstance(x, Filled) and x.order_id == order.order_id)


def test_a_day_on_which_all_went_well_is_not_blamed(home: Path) -> None:
    assert violations(home) == []


def test_an_order_that_was_placed_twice_is_found(home: Path) -> None:
    spoil(home, lambda lines: placed(lines, Side.BUY).model_copy(update={"order_id": "AGAIN"}))

    assert any("was placed twice" in each for each in violations(home))


def test_an_order_that_no_run_knows_is_found(home: Path) -> None:
    def stranger(lines: list[Line]) -> Line:
        order = placed(lines, Side.BUY)
        ticket = replace(order.ticket, tag=STRANGER)
        return order.model_copy(update={"order_id": "STRANGE", "ticket": ticket})

    spoil(home, stranger)

    assert violations(home) == [f"order STRANGE with tag {STRANGER} is no run's"]


def test_a_sale_before_its_hedge_is_found(home: Path) -> None:
    def early(lines: list[Line]) -> Line:
        hedge = fill_of(lines, placed(lines, Side.BUY))
        sale = fill_of(lines, placed(lines, Side.SELL))
        return sale.model_copy(update={"at": hedge.at.replace(microsecond=0), "trade_id": "EARLY"})

    spoil(home, early)

    assert any("65 units uncovered after" in each for each in violations(home))


def test_an_exit_beyond_what_is_held_is_found(home: Path) -> None:
    def again(lines: list[Line]) -> Line:
        last = [line for line in lines if isinstance(line, Filled)][-1]
        return last.model_copy(update={"trade_id": "MORE"})

    spoil(home, again)

    found = violations(home)
    assert any("traded beyond its own" in each for each in found)
    assert any("units of" in each and "the broker 130" in each for each in found)
