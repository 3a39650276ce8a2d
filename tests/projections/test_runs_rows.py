"""What runs, orders, positions and daily P&L show of a run."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date, time, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from eventsourcing.persistence import StoredEvent

from adapters.store.sqlite import ApplicationEventRecorder
from adapters.views.sqlite import SQLiteTables
from bench.history import CONDOR, DUE, Story, by, household, stored, terms
from domain.account import BrokerAccount
from domain.account_terms import Held
from domain.book import OrderStatus
from domain.calendar import at_ist
from domain.charging import run_charges
from domain.ledger import cash, held
from domain.model import acting
from domain.run_terms import Stage
from domain.slices import Phase
from projections.catalogue import CATALOGUE
from projections.daily_pnl import DAILY_PNL, daily
from projections.document import document
from projections.orders import ORDERS, OrderRow, orders_by, orders_in, orders_of, orders_of_run
from projections.positions import POSITIONS, Kind, positions_of, positions_on
from projections.runs import RUNS, open_runs, runs_by, runs_in, runs_of, runs_on, runs_touching
from projections.view import TableView
from tests.projections.conftest import ReadSide

RUN = "RUN-STRAT-1-ACC-1-20260804-0920"
DAY = date(2026, 8, 4)


class Shown:
    """A run being told, and what the views make of it so far."""

    def __init__(self, side: ReadSide) -> None:
        self.side = side
        self.story = Story(RUN, terms())

    def told(self) -> Shown:
        """Store what happened since, and apply it."""
        events = self.story.events()
        self.side.projector.apply(self.side.store(events))
        return self

    @property
    def entry(self) -> OrderRow:
        return self.order("ENTRY-1")

    def order(self, which: str) -> OrderRow:
        row = TableView(ORDERS, self.side.tables).get(f"{RUN}-{which}")
        assert row is not None
        return row

    def statuses(self) -> tuple[str, list[str]]:
        return self.entry.status, [leg.status for leg in self.entry.legs]


@pytest.fixture
def side(recorder: ApplicationEventRecorder, tmp_path: Path) -> Iterator[ReadSide]:
    tables = SQLiteTables(tmp_path / "views.db")
    made = ReadSide(recorder, tables, CATALOGUE)
    yield made
    assert made.alarms == []
    tables.close()


@pytest.fixture
def shown(side: ReadSide) -> Shown:
    made = Shown(side)
    made.story.planned()
    return made


def test_an_order_has_the_form_that_the_requirements_give(shown: Shown) -> None:
    shown.story.entered()

    told = document(ORDERS, shown.told().entry)

    leg = told["legs"][2]
    assert {k: told[k] for k in ("order_id", "strategy_id", "basket_id", "broker")} == {
        "order_id": f"{RUN}-ENTRY-1",
        "strategy_id": "STRAT-1",
        "basket_id": "BASK-1",
        "broker": "paper",
    }
    assert (told["account_id"], told["txn_type"], told["status"]) == ("ACC-1", "ENTRY", "COMPLETE")
    assert told["created_at"] == "2026-08-04T03:50:02Z"
    assert {k: leg[k] for k in ("symbol", "qty", "action", "price", "filled_qty", "status")} == {
        "symbol": "NIFTY2680424600CE",
        "qty": 65,
        "action": "SELL",
        "price": 45.5,
        "filled_qty": 65,
        "status": "COMPLETE",
    }
    assert told["broker_order_id"] == told["legs"][0]["slices"][0]["broker_order_id"]


def test_legs_whose_turn_has_not_come_keep_the_order_open(shown: Shown) -> None:
    shown.story.traded(Phase.ENTRY_BUY, 0, "11.30")

    assert shown.told().statuses() == ("PARTIAL", ["COMPLETE", "PENDING", "PENDING", "PENDING"])


def test_an_order_is_open_once_released_and_names_its_broker_order_when_known(
    shown: Shown,
) -> None:
    tag = shown.story.released(Phase.ENTRY_BUY, 0, "11.30")
    assert (shown.told().entry.status, shown.entry.broker_order_id) == ("OPEN", None)

    shown.story.accepted(tag)

    assert shown.told().entry.broker_order_id == f"2608040000{tag[:6]}"
    assert shown.entry.legs[0].slices[0].status == "OPEN"


def test_the_worst_live_leg_is_the_status_of_the_order(shown: Shown) -> None:
    first = shown.story.released(Phase.ENTRY_BUY, 0, "11.30")
    second = shown.story.released(Phase.ENTRY_BUY, 1, "9.85")
    shown.story.accepted(first)
    shown.story.seen(first, 30, "11.30", OrderStatus.OPEN)
    with acting(shown.story.tick()):
        shown.story.run.unknown(second, "timed out")

    assert shown.told().statuses() == ("UNKNOWN", ["PARTIAL", "UNKNOWN", "PENDING", "PENDING"])


def test_an_entry_given_up_shows_legs_never_sent_as_cancelled(shown: Shown) -> None:
    tag = shown.story.released(Phase.ENTRY_BUY, 0, "11.30")
    with acting(shown.story.tick()):
        shown.story.run.rejected(tag, "margin")
        shown.story.run.request_exit("HEDGE_FAILED", "the broker refused a hedge")

    assert shown.told().statuses() == ("REJECTED", ["REJECTED", *["CANCELLED"] * 3])
    assert shown.entry.legs[0].slices[0].message == "margin"


def test_what_we_withdrew_before_it_was_sent_is_cancelled_and_not_rejected(shown: Shown) -> None:
    tag = shown.story.released(Phase.ENTRY_BUY, 0, "11.30")
    with acting(shown.story.tick()):
        shown.story.run.unsent(tag, "the trader cancelled the entry")
        shown.story.run.request_exit("CANCELLED", "cancelled by the trader")

    assert shown.told().statuses() == ("CANCELLED", ["CANCELLED"] * 4)


def test_a_second_attempt_continues_the_leg_with_what_was_left(shown: Shown) -> None:
    first = shown.story.released(Phase.ENTRY_BUY, 0, "11.30")
    shown.story.accepted(first)
    shown.story.seen(first, 25, "11.30", OrderStatus.CANCELLED)
    second = shown.story.released(Phase.ENTRY_BUY, 0, "11.40", attempt=2)
    shown.story.accepted(second)
    shown.story.seen(second, 40, "11.40", OrderStatus.OPEN)

    leg = shown.told().entry.legs[0]

    assert (leg.status, leg.filled_qty, len(leg.slices)) == ("PARTIAL", 65, 2)
    assert leg.price == (25 * Decimal("11.30") + 40 * Decimal("11.40")) / 65


def test_a_repriced_slice_shows_its_new_price_until_it_fills(shown: Shown) -> None:
    tag = shown.story.released(Phase.ENTRY_BUY, 0, "11.30")
    with acting(shown.story.tick()):
        shown.story.run.reprice(tag, Decimal("11.55"))

    assert shown.told().entry.legs[0].price == Decimal("11.55")


def test_an_exit_is_an_order_of_its_own_with_the_other_sides(shown: Shown) -> None:
    shown.story.entered()
    shown.story.left()

    leaving = shown.told().order("EXIT-1")

    assert (leaving.txn_type, leaving.status) == ("EXIT", "COMPLETE")
    assert [leg.action for leg in leaving.legs] == ["SELL", "SELL", "BUY", "BUY"]
    assert [leg.qty for leg in leaving.legs] == [65] * 4
    view = TableView(ORDERS, shown.side.tables)
    both = [leaving.id.replace("EXIT", "ENTRY"), leaving.id]
    for rows in (
        orders_of(view, "USER-1").rows,
        orders_by(view, "STRAT-1").rows,
        orders_in(view, "BASK-1").rows,
        orders_of_run(view, RUN),
    ):
        assert [row.id for row in rows] == both


def test_a_run_is_listed_while_it_is_open_and_found_ever_after(shown: Shown) -> None:
    view = TableView(RUNS, shown.side.tables)
    shown.told()
    assert [(row.id, row.stage) for row in open_runs(view)] == [(RUN, Stage.ENTERING)]

    shown.story.entered()
    shown.story.left()
    shown.told()

    assert list(open_runs(view)) == []
    row = view.get(RUN)
    assert row is not None
    assert (row.stage, row.outcome, row.exit_reason) == (Stage.CLOSED, "DONE", "TIME")
    assert (row.net_premium, row.realised) == (Decimal("4065.75"), Decimal("1688.05"))
    assert [leg.symbol for leg in row.legs] == [leg.contract.tradingsymbol for leg in CONDOR]
    for page in (
        runs_of(view, "USER-1"),
        runs_on(view, "ACC-1"),
        runs_by(view, "STRAT-1"),
        runs_in(view, "BASK-1"),
    ):
        assert [each.id for each in page.rows] == [RUN]


def test_a_run_touches_the_day_it_is_due_on_and_the_day_it_was_carried_into(shown: Shown) -> None:
    view = TableView(RUNS, shown.side.tables)
    shown.story.entered()
    shown.story.tick(86400)
    shown.story.left()
    shown.told()

    days = [at_ist(DAY + timedelta(days=n), time.min) for n in range(3)]
    touched = [[row.id for row in runs_touching(view, "ACC-1", day)] for day in days]

    assert touched == [[RUN], [RUN], []]


def test_a_skipped_run_tells_its_reason(side: ReadSide) -> None:
    shown = Shown(side)
    with acting(shown.story.tick()):
        shown.story.run.skip("MARGIN", "needs 1,20,000")

    row = TableView(RUNS, shown.told().side.tables).get(RUN)

    assert row is not None
    assert (row.stage, row.skip_reason, row.open) == (Stage.SKIPPED, "MARGIN", False)


def test_alerts_are_shown_until_they_are_cleared(shown: Shown) -> None:
    view = TableView(RUNS, shown.side.tables)
    with acting(shown.story.tick()):
        shown.story.run.alert("STALE", "no quote for 40 s")
    row = view.get(RUN) if shown.told() else None
    assert row is not None
    assert row.alerts == {"STALE": "no quote for 40 s"}

    with acting(shown.story.tick()):
        shown.story.run.clear_alert("STALE")

    row = view.get(RUN) if shown.told() else None
    assert row is not None
    assert row.alerts == {}


def test_positions_are_what_the_run_holds(shown: Shown) -> None:
    shown.story.entered()
    shown.told()

    found = positions_on(TableView(POSITIONS, shown.side.tables), "ACC-1", None)

    by_key = {position.key: position for position in found}
    for number, leg in enumerate(CONDOR):
        assert by_key[leg.contract.key].quantity == held(shown.story.run, number)
    short = by_key["NFO:NIFTY2680424600CE"]
    assert (short.average_price, short.realised, short.product) == (
        Decimal("45.5"),
        Decimal(0),
        "MIS",
    )


def test_positions_closed_today_show_what_they_made(shown: Shown) -> None:
    shown.story.entered()
    shown.story.left()
    shown.told()
    view = TableView(POSITIONS, shown.side.tables)

    assert positions_of(view, "USER-1", None) == []
    closed = positions_of(view, "USER-1", DAY)
    assert sum(position.realised for position in closed) == cash(shown.story.run)
    assert positions_on(view, "ACC-1", DAY + timedelta(days=1)) == []


def test_two_runs_in_one_contract_are_one_position(shown: Shown) -> None:
    shown.story.traded(Phase.ENTRY_BUY, 0, "10")
    other = Story("RUN-STRAT-2-ACC-1-20260804-0920", terms(strategy="STRAT-2"))
    other.planned()
    other.traded(Phase.ENTRY_BUY, 0, "20")
    shown.told().side.projector.apply(shown.side.store(other.events()))

    (position,) = positions_on(TableView(POSITIONS, shown.side.tables), "ACC-1", None)

    assert (position.quantity, position.average_price, len(position.parts)) == (130, Decimal(15), 2)


def account(*then: Callable[[BrokerAccount], None]) -> list[StoredEvent]:
    with acting(by(DUE)):
        linked = BrokerAccount.link("ACC-1", user_id="USER-1", broker="paper", account_name="P")
        for each in then:
            each(linked)
    return stored(linked)


def test_adopted_and_external_positions_are_parts_of_the_account(side: ReadSide) -> None:
    long = Held(key="NFO:A", product="NRML", quantity=65, average_price=Decimal(10))
    short = Held(key="NFO:B", product="NRML", quantity=-65, average_price=Decimal(20))
    view = TableView(POSITIONS, side.tables)

    side.projector.apply(side.store(account(lambda a: a.adopt(long), lambda a: a.ignore(short))))

    found = [(p.key, p.quantity, p.parts[0].kind) for p in positions_on(view, "ACC-1", None)]
    assert found == [("NFO:A", 65, Kind.ADOPTED), ("NFO:B", -65, Kind.EXTERNAL)]


def test_an_external_position_that_is_gone_is_not_shown(side: ReadSide) -> None:
    short = Held(key="NFO:B", product="NRML", quantity=-65, average_price=Decimal(20))
    view = TableView(POSITIONS, side.tables)

    side.projector.apply(side.store(account(lambda a: a.ignore(short), lambda a: a.reconciled(()))))

    assert positions_on(view, "ACC-1", None) == []


def test_a_day_is_what_the_run_made_less_its_charges(shown: Shown) -> None:
    shown.story.entered()
    view = TableView(DAILY_PNL, shown.side.tables)
    shown.told()
    (day,) = daily(view, "owner", "USER-1", DAY, DAY + timedelta(days=1))
    assert (day.runs, day.unmarked, day.gross) == (1, 1, Decimal(0))
    assert day.charges == run_charges(shown.story.run)

    shown.story.left()
    shown.told()

    (day,) = daily(view, "account", "ACC-1", DAY, DAY + timedelta(days=1))
    assert (day.gross, day.charges) == (cash(shown.story.run), Decimal("214.37"))
    assert day.net == day.gross - day.charges


def test_over_night_a_day_is_the_change_of_its_mark(shown: Shown) -> None:
    shown.story.entered()
    with acting(shown.story.tick(20000)):
        shown.story.run.mark("2026-08-04", Decimal("-500"))
    shown.story.tick(86400)
    with acting(shown.story.tick()):
        shown.story.run.mark("2026-08-05", Decimal("700"))
    shown.story.tick(86400)
    shown.story.left()
    shown.told()

    days = daily(
        TableView(DAILY_PNL, shown.side.tables), "strategy", "STRAT-1", DAY, date(2026, 9, 1)
    )

    made = cash(shown.story.run)
    assert [(day.day.day, day.gross) for day in days] == [(4, -500), (5, 1200), (6, made - 700)]
    assert sum(day.charges for day in days) == Decimal("214.37")


def test_an_order_whose_last_fill_is_learned_of_overnight_changes_both_days(
    shown: Shown,
) -> None:
    tag = shown.story.released(Phase.ENTRY_BUY, 0, "11.30")
    shown.story.accepted(tag)
    shown.story.seen(tag, 30, "11.30", OrderStatus.OPEN)
    shown.told()
    shown.story.tick(86400)
    whole = shown.story.run.legs[0].quantity

    shown.story.seen(tag, whole, "11.30", OrderStatus.COMPLETE)
    shown.told()

    view = TableView(DAILY_PNL, shown.side.tables)
    rows = [view.get(f"{RUN}@2026-08-0{day}") for day in (4, 5)]
    assert [row.cash for row in rows if row] == [0, -whole * Decimal("11.30")]


def test_a_long_option_that_expires_in_the_money_pays_exercise_tax(shown: Shown) -> None:
    shown.story.traded(Phase.ENTRY_BUY, 0, "11.30")
    with acting(shown.story.tick(20000)):
        shown.story.run.settle(0, 65, Decimal("40"), True)
    shown.told()

    (day,) = daily(
        TableView(DAILY_PNL, shown.side.tables), "owner", "USER-1", DAY, DAY + timedelta(days=1)
    )

    assert day.gross == 65 * (Decimal(40) - Decimal("11.30"))
    assert day.charges == run_charges(shown.story.run)
    assert day.charges > Decimal("3.90")  # 0.15 % of 2,600


def test_whatever_order_its_events_arrive_in_a_run_ends_the_same(
    shown: Shown, tmp_path: Path
) -> None:
    shown.story.entered()
    shown.story.left()
    events = shown.side.store(household(1), shown.story.events())
    in_order = SQLiteTables(tmp_path / "in_order.db")
    ReadSide(shown.side.recorder, in_order, CATALOGUE).projector.apply(events)

    for event in [*events[::-3], *events[1::2]]:
        shown.side.projector.apply([event])
    shown.side.projector.compare_heads()

    streams = sorted({str(event.originator_id) for event in events})
    for model in CATALOGUE:
        one, other = shown.side.tables.live(model.shape), in_order.live(model.shape)
        assert one.gates(streams) == other.gates(streams)
        views = TableView(model, shown.side.tables), TableView(model, in_order)
        for stream in () if model.single else streams:
            rows = [view.page(None, stream, limit=200).rows for view in views]
            assert rows[0] == rows[1]
    in_order.close()
