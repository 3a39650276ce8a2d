"""The lists of a morning, and what follows from them, in a platform on its own files."""

from __future__ import annotations

import random
from collections.abc import Iterator
from contextlib import closing
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from adapters.brokers.paper.desk import Desk
from adapters.brokers.paper.exchange import PaperExchange
from adapters.brokers.paper.local import LocalPaperBroker
from adapters.brokers.zerodha.instruments import Instruments
from adapters.brokers.zerodha.morning import Morning, next_list
from adapters.clock import SteppedClock
from adapters.lane import MemoryLane
from adapters.market.simulated import SimulatedMarket
from adapters.runtime import Platform, Surroundings, assemble, open_read_side, open_trading
from commands.basket import ActivateBasket, ComposeBasket
from commands.desk import Principal, Request
from commands.listing import READER
from commands.strategy import ActivateStrategy, DeleteStrategy, DraftStrategy
from commands.user import RegisterUser
from domain.chain import Chain
from domain.definition import Definition
from domain.listing import ChangeKind, Listing
from domain.run import Run
from domain.strategy import Strategy, StrategyStatus
from domain.user import Role
from projections.inbox import INBOX
from projections.view import TableView
from tests.adapters.brokers.zerodha.lists import MONTH, Exchange, option
from tests.adapters.market.recorded_days import minute

MONDAY, TUESDAY = date(2026, 8, 17), date(2026, 8, 18)
STRIKES = range(24000, 25001, 100)


def nifty(lot: str = "65", strikes: range = STRIKES, first: int = 1000) -> list[str]:
    return [
        option(f"NIFTY26AUG{strike}{kind}", first + n, expiry=MONTH, strike=str(strike), lot=lot)
        for n, (strike, kind) in enumerate((s, k) for s in strikes for k in ("CE", "PE"))
    ]


def other(lot: str = "20") -> list[str]:
    return [
        option(f"OTHER26AUG{strike}{kind}", 9000 + n, name="OTHER", expiry=MONTH,
               strike=str(strike), lot=lot)
        for n, (strike, kind) in enumerate((s, k) for s in STRIKES for k in ("CE", "PE"))
    ]  # fmt: skip


class ListedMarket(SimulatedMarket):
    """Simulated prices of what the lists say is listed."""

    def __init__(self, clock: SteppedClock, lists: Instruments) -> None:
        super().__init__(clock)
        self.lists = lists

    def chain(self, day: date) -> Chain:
        return self.lists.chain(day)


def definition(**leg: Any) -> Definition:  # Any: fields of a leg
    """Buys a call at 09:20."""
    legs = [{"action": "BUY", **leg}]
    schedule = {"entry_time": "09:20", "exit_time": "15:00"}
    body = {"name": "Call", "type": "CUSTOM", "legs": legs, "schedule": schedule}
    return Definition.model_validate(body)


NAMED = definition(symbol="NIFTY26AUG24500CE", qty=65)
CHOSEN = definition(selector={"underlying": "NIFTY", "expiry": "MONTHLY"}, lots=1, option_type="CE")
ELSEWHERE = definition(symbol="OTHER26AUG24500CE", qty=20)


class Days:
    """A platform that lives through some mornings."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.clock = SteppedClock(minute("08:30", MONDAY))
        self.kite = Exchange()
        self.kite.list("NFO", *nifty(), *other())
        self.alarms: list[str] = []
        self.begin()
        self.user = self.ask(RegisterUser(email="trader@example.com"))
        self.basket = self.ask(ComposeBasket(name="Weekly"))
        self.ask(ActivateBasket(basket_id=self.basket.id))

    def begin(self) -> None:
        """The platform starts, or starts again."""
        self.lists = Instruments(self.folder / "lists", self.kite.fetch, self.clock)
        market = ListedMarket(self.clock, self.lists)
        desk = Desk(PaperExchange(market, self.clock), self.clock)
        self.platform: Platform = assemble(
            open_trading(self.folder, random.Random(1).randbytes),
            open_read_side(self.folder),
            Surroundings(
                clock=self.clock,
                market=market,
                broker=lambda account: LocalPaperBroker(desk, account),
                lane=lambda _: MemoryLane(self.clock),
            ),
            install="TEST",
            worker="test",
        )
        self.morning = Morning(self.lists, self.platform, self.alarms.append)
        self.look()

    def close(self) -> None:
        self.platform.reads.close()
        self.platform.trading.close()

    def look(self) -> datetime:
        return self.morning.look("", self.clock.now())

    def next_day(self, *rows: str) -> datetime:
        """Half past eight of the next day, with another list."""
        if rows:
            self.kite.list("NFO", *rows)
        self.clock.advance_to(minute("08:30", TUESDAY))
        return self.look()

    def ask(self, command: Any) -> Any:  # Any: whatever it answers
        principal = READER
        if hasattr(self, "user"):
            principal = Principal(user_id=self.user.id, roles=frozenset((Role.TRADER,)))
        asked = Request(principal=principal, at=self.clock.now(), correlation_id="test")
        return self.platform.bus.execute(command, asked)

    def active(self, definition: Definition) -> str:
        drafted = self.ask(DraftStrategy(basket_id=self.basket.id, definition=definition))
        assert drafted.faults == ()
        return str(self.ask(ActivateStrategy(strategy_id=drafted.id)).id)

    def strategy(self, strategy_id: str) -> Strategy:
        return self.platform.trading.load(strategy_id, Strategy)

    def faults(self, strategy_id: str) -> list[str]:
        return [fault.code for fault in self.strategy(strategy_id).faults]

    def told(self) -> list[str]:
        """What changed, as it was recorded."""
        events = self.platform.trading.history("LIST-NFO")
        changed = [event for event in events if isinstance(event, Listing.Changed)]
        return [
            f"{each.kind} {each.underlying} {each.count}" for e in changed for each in e.changes
        ]


@pytest.fixture
def days(tmp_path: Path) -> Iterator[Days]:
    with closing(Days(tmp_path)) as days:
        yield days


def test_the_first_lists_are_what_later_ones_are_compared_with(days: Days) -> None:
    assert days.told() == []
    assert days.lists.shelves["NFO"].known() is not None
    assert days.alarms == []


def test_a_lot_that_changed_is_recorded_and_whom_it_concerns_looked_at(days: Days) -> None:
    named, chosen, elsewhere = (days.active(each) for each in (NAMED, CHOSEN, ELSEWHERE))

    days.next_day(*nifty(lot="75"), *other())

    assert days.told() == [f"{ChangeKind.LOT} NIFTY 22"]
    assert days.faults(named) == ["not-a-lot-multiple"]
    assert days.faults(chosen) == []
    assert days.faults(elsewhere) == []
    assert days.strategy(named).status is StrategyStatus.ACTIVE
    written = [type(e).__name__ for e in days.platform.trading.history(elsewhere)]
    assert written == ["Drafted", "Activated"]


def test_the_owner_is_told_of_the_faults(days: Days) -> None:
    named = days.active(NAMED)

    days.next_day(*nifty(lot="75"), *other())

    days.platform.reads.catch_up()
    view = TableView(INBOX, days.platform.reads.tables)
    (notice,) = view.page("owner", days.user.id).rows
    assert (notice.strategy_id, notice.gravity) == (named, "WARNING")
    assert notice.text == (
        "Call cannot be traded: 65 is no multiple of the lot, 75 (legs[0].qty). Mend it, or wait "
        "for other contracts: until then it does not enter, what is open goes on."
    )


def test_a_faulty_strategy_does_not_enter_and_its_run_says_why(days: Days) -> None:
    days.active(NAMED)
    days.next_day(*nifty(lot="75"), *other())
    days.clock.advance_to(minute("09:18", TUESDAY))

    (run_id,) = days.platform.engine.planner.plan_minute(minute("09:20", TUESDAY), days.clock.now())

    assert days.platform.trading.load(run_id, Run).skip_reason == "NOT_A_LOT_MULTIPLE"


def test_a_contract_that_vanished_is_a_fault_of_who_named_it(days: Days) -> None:
    named = days.active(NAMED)

    days.next_day(*[row for row in nifty() if "24500CE" not in row], *other())

    assert days.told() == [f"{ChangeKind.VANISHED} NIFTY 1"]
    assert days.faults(named) == ["unknown-symbol"]


def test_a_fault_that_is_over_is_taken_back_the_next_morning(days: Days) -> None:
    named = days.active(NAMED)
    days.next_day(*nifty(lot="75"), *other())
    days.kite.list("NFO", *nifty(), *other())
    days.clock.advance_to(minute("08:30", date(2026, 8, 19)))

    days.look()

    assert days.faults(named) == []


def test_a_morning_without_changes_leaves_no_trace(days: Days) -> None:
    named = days.active(NAMED)

    days.next_day()

    assert days.told() == []
    assert days.faults(named) == []
    assert days.platform.trading.history("LIST-NFO") == ()


def test_who_dies_before_the_list_is_known_records_the_changes_once(days: Days) -> None:
    named = days.active(NAMED)
    days.kite.list("NFO", *nifty(lot="75"), *other())
    days.clock.advance_to(minute("08:30", TUESDAY))
    shelf = days.lists.shelves["NFO"]
    before = shelf.known()
    assert before is not None
    days.look()
    shelf.know(before)  # the files as they were a moment before the end

    days.close()
    days.begin()

    assert days.told() == [f"{ChangeKind.LOT} NIFTY 22"]
    assert days.faults(named) == ["not-a-lot-multiple"]


def test_a_deleted_strategy_is_left_alone(days: Days) -> None:
    gone = days.active(NAMED)
    days.ask(DeleteStrategy(strategy_id=gone))

    days.next_day(*nifty(lot="75"), *other())

    assert days.strategy(gone).faults == ()


def test_a_list_that_cannot_be_had_is_asked_for_again_and_told_once(days: Days) -> None:
    days.kite.down = {"NFO"}

    again = days.next_day()
    days.look()

    assert again == minute("08:30", TUESDAY) + timedelta(seconds=30)
    assert days.alarms == ["no list of NFO: no answer from Kite in time"]

    days.kite.down = set()
    assert days.look() == minute("08:30", date(2026, 8, 19))
    assert days.lists.chain(TUESDAY).get("NFO:NIFTY26AUG24500CE") is not None


def test_a_list_that_was_not_made_anew_is_asked_for_until_shortly_before_the_open(
    days: Days,
) -> None:
    week = option("NIFTY2681724500CE", 5, expiry="2026-08-17")
    again = days.next_day(week, *nifty(), *other())
    assert again == minute("08:30", TUESDAY) + timedelta(seconds=30)
    assert days.alarms == [f"the list of NFO is not of {TUESDAY} yet"]

    days.clock.advance_to(minute("09:12", TUESDAY))

    assert days.look() == minute("08:30", date(2026, 8, 19))


@pytest.mark.parametrize(
    ("now", "then"),
    [
        (minute("08:29", MONDAY), minute("08:30", MONDAY)),
        (minute("08:30", MONDAY), minute("08:30", TUESDAY)),
        (minute("10:00", date(2026, 8, 21)), minute("08:30", date(2026, 8, 24))),
        (minute("07:00", date(2026, 8, 22)), minute("08:30", date(2026, 8, 24))),
    ],
)
def test_lists_are_made_at_half_past_eight_of_each_session(now: datetime, then: datetime) -> None:
    assert next_list(now) == then
