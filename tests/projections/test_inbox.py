"""What a trader hears of their runs and accounts, and what they are told to do."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import cast

import pytest
from eventsourcing.persistence import StoredEvent

from adapters.store.sqlite import open_sqlite
from adapters.views.source import SQLiteSource
from adapters.views.sqlite import SQLiteTables
from bench.history import DUE, MAPPER, Story, by, stored, terms
from domain.account import BrokerAccount
from domain.account_session import remind, see_address
from domain.account_terms import Drift, FlattenScope
from domain.book import OrderStatus
from domain.gravity import Gravity
from domain.model import DomainEvent, acting
from domain.slices import Phase
from projections.advance import Parked, Projector
from projections.inbox import INBOX, REMEMBERED, Notices, notices
from projections.notice_words import ALERTS, EXITS, PLANNED_EXITS, PLANNED_SKIPS, SKIPS
from projections.notices import TELLERS
from projections.view import TableView

ROOT = Path(__file__).parents[2]
RUN = "RUN-STRAT-1-ACC-1-20260804-0920"
INFO, WARNING, ALARM = Gravity.INFO, Gravity.WARNING, Gravity.ALARM


def told(held: Iterable[StoredEvent]) -> list[tuple[str, Gravity, str]]:
    """Kind, gravity and text of every notice, oldest first."""
    state: Notices | None = None
    for each in held:
        state = notices(state, cast("DomainEvent", MAPPER.to_domain_event(each)))
    rows = INBOX.rows(state) if state and INBOX.rows else {}
    return [(row.kind, row.gravity, row.text) for row in rows.values()]


@pytest.fixture
def story() -> Story:
    return Story(RUN, terms())


def test_a_run_tells_of_its_entry_its_exit_and_what_it_made(story: Story) -> None:
    story.planned()
    story.entered()
    story.left()

    assert told(story.events()) == [
        (
            "ENTERED", INFO,
            "NIFTY Iron Condor on ACC-1 is in the market, ₹4,065.75 of premium received.",
        ),
        ("EXIT", INFO, "NIFTY Iron Condor on ACC-1 leaves: its exit time has come (TIME: 15:00)."),
        (
            "CLOSED", INFO,
            "NIFTY Iron Condor on ACC-1 is closed with a profit of ₹1,473.68 after charges of "
            "₹214.37; done (DONE).",
        ),
    ]  # fmt: skip


def test_an_exit_that_was_asked_for_without_a_word_is_told_without_one(story: Story) -> None:
    story.planned()
    story.entered()
    with acting(story.tick()):
        story.run.request_exit("REQUEST", "")

    *_, (_, _, text) = told(story.events())

    assert text == "NIFTY Iron Condor on ACC-1 leaves: you asked for it (REQUEST)."


def test_a_limit_that_was_hit_is_a_warning(story: Story) -> None:
    story.planned()
    story.entered()
    story.left("STOP_LOSS")

    assert (
        "EXIT",
        WARNING,
        "NIFTY Iron Condor on ACC-1 leaves: its stop loss is hit (STOP_LOSS: 15:00).",
    ) in told(story.events())


def test_an_entry_that_was_skipped_says_why_and_what_helps(story: Story) -> None:
    with acting(story.tick()):
        story.run.skip("MARGIN", "needs ₹90000, ₹50000 may be used")

    assert told(story.events()) == [
        (
            "SKIPPED", WARNING,
            "NIFTY Iron Condor on ACC-1 was not entered at 09:20 IST: the margin does not suffice "
            "(MARGIN: needs ₹90000, ₹50000 may be used). Add funds, or trade fewer lots. "
            "It is tried again at its next slot.",
        )
    ]  # fmt: skip


def test_a_day_that_is_not_its_own_is_no_warning(story: Story) -> None:
    with acting(story.tick()):
        story.run.skip("DTE", "5 days to expiry, 0 to 2 are wanted")

    ((kind, gravity, text),) = told(story.events())
    assert (kind, gravity) == ("SKIPPED", INFO)
    assert "5 days to expiry, 0 to 2 are wanted" in text


def test_an_alert_is_an_alarm_until_it_is_over(story: Story) -> None:
    story.planned()
    with acting(story.tick()):
        story.run.alert("EXIT_BLOCKED", "the broker does not answer")
    with acting(story.tick()):
        story.run.clear_alert("EXIT_BLOCKED")

    raised, over = told(story.events())
    assert raised[:2] == ("EXIT_BLOCKED", ALARM)
    assert raised[2].startswith(
        "NIFTY Iron Condor on ACC-1: it cannot be left (the broker does not answer). "
        "What it holds stays open"
    )
    assert over == (
        "EXIT_BLOCKED", INFO, "NIFTY Iron Condor on ACC-1: this is over: it cannot be left."
    )  # fmt: skip


def test_a_rejected_order_is_named_whoever_tells_of_it(story: Story) -> None:
    story.planned()
    by_answer = story.released(Phase.ENTRY_BUY, 0, "11.20")
    with acting(story.tick()):
        story.run.rejected(by_answer, "strike out of range")
    by_book = story.released(Phase.ENTRY_BUY, 1, "9.80")
    story.accepted(by_book)
    story.seen(by_book, 0, "0", OrderStatus.REJECTED)

    found = told(story.events())
    texts = [text for _, _, text in found]
    assert [(kind, gravity) for kind, gravity, _ in found] == [("ORDER_REJECTED", WARNING)] * 2
    assert "the broker rejected BUY 65 NFO:NIFTY2680424700CE (strike out of range)" in texts[0]
    assert "BUY 65 NFO:NIFTY2680424300PE" in texts[1]


def test_an_order_lost_sight_of_is_told_and_told_again_when_it_is_found(story: Story) -> None:
    story.planned()
    lost = story.released(Phase.ENTRY_BUY, 0, "11.20")
    with acting(story.tick()):
        story.run.unknown(lost, "no answer in 7 s")
    story.seen(lost, 65, "11.20", OrderStatus.COMPLETE)
    gone = story.released(Phase.ENTRY_BUY, 1, "9.80")
    with acting(story.tick()):
        story.run.unknown(gone, "reset")
    with acting(story.tick()):
        story.run.absent(gone, "not in the order book after the close")

    found = told(story.events())
    assert [(kind, gravity) for kind, gravity, _ in found] == [
        ("ORDER_UNKNOWN", WARNING),
        ("ORDER_UNKNOWN", INFO),
        ("ORDER_UNKNOWN", WARNING),
        ("ORDER_UNKNOWN", INFO),
    ]
    assert "may or may not be at the broker (no answer in 7 s)" in found[0][2]
    assert found[1][2].endswith("is at the broker after all, complete.")
    assert found[3][2].endswith("never reached the broker (not in the order book after the close).")


def test_an_expired_leg_is_told_with_its_price(story: Story) -> None:
    story.planned()
    with acting(story.tick()):
        story.run.settle(0, 65, Decimal("12.5"), estimated=True)

    ((kind, _, text),) = told(story.events())
    assert kind == "SETTLED"
    assert "65 units of leg 1 expired at an estimated ₹12.50" in text


def test_an_account_tells_of_blocks_drift_and_its_session_under_its_newest_name() -> None:
    drift = Drift(key="NFO:X", product="MIS", expected=0, found=65)
    with acting(by(DUE, "USER-1")):
        account = BrokerAccount.link("ACC-1", user_id="USER-1", broker="kite", account_name="K")
        account.edit("Kite of mine", None, None)
        account.connected("AB1234", ("OPTIONS",))
        account.stop("enough", FlattenScope.OWN)
        account.release("calm again")
        account.drift_found(drift)
        account.session_ended("a day is over", expired=True)

    found = told(stored(account))

    assert [(kind, gravity) for kind, gravity, _ in found] == [
        ("BLOCKED", ALARM),
        ("RELEASED", INFO),
        ("DRIFT", ALARM),
        ("SESSION_ENDED", WARNING),
    ]
    assert found[0][2].startswith("Trading is stopped on Kite of mine (ACC-1): enough.")
    assert "the broker has 65 of NFO:X (MIS), we expected 0" in found[2][2]
    assert "Log in at the broker" in found[3][2]


def test_an_account_asks_for_a_login_and_all_the_more_where_something_is_open() -> None:
    opens_at = DUE - timedelta(minutes=5)
    with acting(by(DUE, "system")):
        account = BrokerAccount.link("ACC-1", user_id="USER-1", broker="kite", account_name="K")
        remind(account, opens_at - timedelta(minutes=45), opens_at, 0)
        remind(account, opens_at - timedelta(minutes=15), opens_at, 2)

    found = told(stored(account))

    assert [(kind, gravity) for kind, gravity, _ in found] == [
        ("LOGIN_DUE", WARNING),
        ("LOGIN_DUE", ALARM),
    ]
    assert "the market opens at 09:15 IST" in found[0][2]
    assert "2 open run(s)" in found[1][2]


def test_an_account_tells_from_where_orders_would_leave_until_that_is_right_again() -> None:
    with acting(by(DUE, "system")):
        account = BrokerAccount.link(
            "ACC-1", user_id="USER-1", broker="kite", account_name="K", static_ip="203.0.113.7"
        )
        see_address(account, "198.51.100.4")
        see_address(account, "203.0.113.7")

    found = told(stored(account))

    assert [(kind, gravity) for kind, gravity, _ in found] == [
        ("ADDRESS", ALARM),
        ("ADDRESS", INFO),
    ]
    assert "from 198.51.100.4, declared is 203.0.113.7" in found[0][2]


def test_a_run_of_no_strategy_is_called_what_it_does(story: Story) -> None:
    story.run.definition = {}
    opened = cast("DomainEvent", MAPPER.to_domain_event(story.events()[0]))
    nameless = opened.model_copy(update={"definition": {}})

    state = notices(None, nameless)

    assert state is not None
    assert state.about.where == "The closing of positions on ACC-1"


# ── nothing is without its words ──────────────────────────────────────────────────────────


def raised() -> Iterator[tuple[str, str]]:
    """Every alarm anywhere in the product: the file and the kind."""
    paths = [
        p for folder in ("domain", "commands", "adapters") for p in (ROOT / folder).rglob("*.py")
    ]
    trees = {path: ast.parse(path.read_text()) for path in paths}
    constants = {
        target.id: node.value.value
        for tree in trees.values()
        for node in tree.body
        if isinstance(node, ast.Assign | ast.AnnAssign) and isinstance(node.value, ast.Constant)
        for target in (node.targets if isinstance(node, ast.Assign) else [node.target])
        if isinstance(target, ast.Name)
    }
    for path, tree in trees.items():
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and ast.unparse(node.func).endswith(("Alert", ".alert")):
                kind = node.args[0] if node.args else next(
                    (k.value for k in node.keywords if k.arg == "kind"), None
                )  # fmt: skip
                if isinstance(kind, ast.Constant):
                    yield path.name, str(kind.value)
                elif isinstance(kind, ast.Name) and kind.id in constants:
                    yield path.name, str(constants[kind.id])


def test_every_kind_of_alarm_has_its_words_and_says_what_to_do() -> None:
    found = set(raised())

    assert len({kind for _, kind in found}) >= 7
    assert {(path, kind) for path, kind in found if kind not in ALERTS} == set()
    assert [kind for kind, words in ALERTS.items() if not (words.means and words.do)] == []


def test_every_reason_that_is_planned_is_a_reason() -> None:
    assert set(SKIPS) >= PLANNED_SKIPS
    assert set(EXITS) >= PLANNED_EXITS


def test_whatever_is_told_is_told_in_sentences() -> None:
    pieces = [*ALERTS.values(), *SKIPS.values(), *EXITS.values()]

    assert [each for each in pieces if each.means.endswith(".") or each.do.endswith(".")] == []
    assert len(TELLERS) == len(set(TELLERS.values()))


def often_stopped(times: int) -> list[StoredEvent]:
    """An account whose trader pulls the kill switch, and lets go of it, so many times."""
    with acting(by(DUE, "USER-1")):
        account = BrokerAccount.link("ACC-1", user_id="USER-1", broker="kite", account_name="K")
    for number in range(times):
        with acting(by(DUE + timedelta(minutes=number), "USER-1")):
            account.stop("enough", FlattenScope.OWN)
            account.release("calm again")
    return stored(account)


@pytest.mark.parametrize("batch", [1, 7, 1_000])
def test_an_account_never_tells_too_much_for_one_row_and_every_notice_stays(
    tmp_path: Path, batch: int
) -> None:
    events, tables = often_stopped(150), SQLiteTables(tmp_path / "views.db")
    recorder = open_sqlite(tmp_path / "events.db")
    projector = Projector((INBOX,), tables, SQLiteSource(recorder), MAPPER.to_domain_event, refuse)

    for start in range(0, len(events), batch):
        some = events[start : start + batch]
        recorder.insert_events(some)
        projector.apply(some)

    view, cursor, found = TableView(INBOX, tables), None, 0
    while True:
        page = view.page("owner", "USER-1", cursor=cursor, limit=100)
        found += len(page.rows)
        if (cursor := page.cursor) is None:
            break
    gate = tables.live(INBOX.shape).gates(["ACC-1"])["ACC-1"].body
    assert found == 300
    assert isinstance(gate, Notices)
    assert len(gate.notices) == len(gate.versions) == REMEMBERED
    tables.close()
    recorder.datastore.close()


def refuse(parked: Parked) -> None:
    raise AssertionError(parked)
