"""Mornings of accounts: what expired is marked, who is not logged in is reminded, runs skip."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from pathlib import Path

import pytest

from adapters.brokers.paper.client import PaperBroker
from adapters.brokers.paper.faults import Fault, FaultKind
from adapters.mornings import following, reminder
from adapters.sessions import expiry
from adapters.watched import Closable
from commands.ports import Broker
from domain.account import BrokerAccount
from domain.account_terms import AccountStatus
from domain.book import AddressRefused, BookOrder, SessionExpired, Ticket
from domain.calendar import at_ist
from domain.run import Run
from domain.user import Role, User
from tests.adapters.api.practice import Person, Practice, made, ok, refused
from tests.adapters.brokers.zerodha.tickets import BUY

MONDAY, TUESDAY = date(2026, 8, 3), date(2026, 8, 4)


@pytest.fixture
def practice(tmp_path: Path) -> Practice:
    return Practice(tmp_path)


@pytest.fixture
def trader(practice: Practice) -> Person:
    return practice.admit("trader@example.com", Role.TRADER)


@pytest.fixture
def account_id(trader: Person) -> str:
    """The trader's only account: no paper account, though the paper broker serves it."""
    accounts = f"/users/{trader.user_id}/broker-accounts"
    sent = {"broker": "kite", "account_name": "Mine"}
    account_id = str(made(trader.post(accounts, sent))["account_id"])
    assert trader.delete(f"{accounts}/{trader.account_id}").status_code == 204
    return account_id


def connect(practice: Practice, trader: Person, account_id: str) -> None:
    path = f"/users/{trader.user_id}/broker-accounts/{account_id}"
    practice.care.vault.write(f"kite/{account_id}/app", {"api_key": "k"})
    ok(trader.post(path + "/connect", {"request_token": "any"}))


def short_condor(trader: Person) -> str:
    """An active strategy that is entered at 09:20 and left at 09:30."""
    basket = trader.basket()["basket_id"]
    schedule = {"entry_time": "09:20", "exit_time": "09:30"}
    strategy = str(trader.strategy(basket, schedule=schedule)["strategy_id"])
    ok(trader.post(f"/strategies/{strategy}/activate"))
    ok(trader.post(f"/baskets/{basket}/activate"))
    return strategy


def morning(practice: Practice, at: time, day: date = TUESDAY) -> datetime:
    """Let it become that time in India, and do what is to be done then."""
    now = at_ist(day, at)
    practice.clock.advance_to(now)
    again = practice.care.mornings.look("", now)
    practice.catch_up()
    return again


def account(practice: Practice, account_id: str) -> BrokerAccount:
    return practice.platform.trading.load(account_id, BrokerAccount)


def facts(practice: Practice, account_id: str) -> list[str]:
    return [type(event).__name__ for event in practice.platform.trading.history(account_id)]


# ── the morning ───────────────────────────────────────────────────────────────────────────


def test_at_six_a_session_is_over(practice: Practice, trader: Person, account_id: str) -> None:
    connect(practice, trader, account_id)

    morning(practice, time(5, 59))
    assert account(practice, account_id).status is AccountStatus.CONNECTED
    again = morning(practice, time(6, 0))

    assert account(practice, account_id).status is AccountStatus.EXPIRED
    assert again == at_ist(TUESDAY, time(8, 30))


def test_a_trader_is_reminded_at_half_past_eight_and_at_nine_until_logged_in(
    practice: Practice, trader: Person, account_id: str
) -> None:
    connect(practice, trader, account_id)

    for at in (time(6, 0), time(8, 30), time(8, 30), time(9, 0)):
        morning(practice, at)
    connect(practice, trader, account_id)
    morning(practice, time(9, 10))

    assert facts(practice, account_id).count("LoginDue") == 2
    reminders = [e for e in ok(trader.get("/inbox"))["items"] if e["kind"] == "LOGIN_DUE"]
    assert len(reminders) == 2
    assert "09:15 IST" in reminders[0]["text"]


def test_who_started_late_is_reminded_once(
    practice: Practice, trader: Person, account_id: str
) -> None:
    assert trader

    morning(practice, time(11, 0))
    morning(practice, time(11, 5))

    assert facts(practice, account_id).count("LoginDue") == 1


@pytest.mark.parametrize("day", [date(2026, 8, 8), date(2026, 8, 15)])
def test_on_a_holiday_nobody_is_reminded(
    practice: Practice, trader: Person, account_id: str, day: date
) -> None:
    assert trader

    morning(practice, time(9, 0), day)

    assert "LoginDue" not in facts(practice, account_id)


def test_paper_accounts_need_no_login(practice: Practice, trader: Person) -> None:
    morning(practice, time(9, 0))

    assert facts(practice, trader.account_id) == ["Linked"]


def test_a_connected_account_is_looked_at_and_one_found_dead_is_reminded_of(
    practice: Practice, trader: Person, account_id: str
) -> None:
    practice.clock.advance_to(at_ist(TUESDAY, time(7, 40)))
    connect(practice, trader, account_id)
    morning(practice, time(8, 30))
    assert account(practice, account_id).last_sync == at_ist(TUESDAY, time(8, 30))
    practice.desk.faults.expire_session(account_id)

    morning(practice, time(9, 0))

    assert facts(practice, account_id)[-2:] == ["SessionEnded", "LoginDue"]


def test_a_broker_that_does_not_answer_in_the_morning_is_an_alarm(
    practice: Practice, trader: Person, account_id: str
) -> None:
    practice.clock.advance_to(at_ist(TUESDAY, time(7, 40)))
    connect(practice, trader, account_id)
    practice.desk.faults.inject(account_id, Fault(kind=FaultKind.FAIL, method="funds"))

    morning(practice, time(8, 30))

    assert f"{account_id} cannot be read" in practice.alarms[0]
    assert account(practice, account_id).status is AccountStatus.CONNECTED


def test_secrets_of_an_account_that_was_unlinked_elsewhere_are_forgotten(
    practice: Practice, trader: Person, account_id: str
) -> None:
    connect(practice, trader, account_id)
    path = f"/users/{trader.user_id}/broker-accounts/{account_id}"
    assert trader.delete(path).status_code == 204
    practice.vault.write(f"kite/{account_id}/app", {"api_key": "left over"})
    practice.vault.write("notify/USER-1/chat", {"url": "somebody else's"})

    morning(practice, time(6, 0))

    assert practice.vault.refs() == ("notify/USER-1/chat",)


@pytest.mark.parametrize(
    ("at", "due"),
    [(time(8, 29), None), (time(8, 30), time(8, 30)), (time(9, 14), time(9)), (time(15, 30), None)],
)
def test_reminders_have_their_times(at: time, due: time | None) -> None:
    assert reminder(at_ist(MONDAY, at)) == (None if due is None else at_ist(MONDAY, due))


@pytest.mark.parametrize(
    ("at", "day", "next_at"),
    [
        (time(5), MONDAY, time(6)),
        (time(6), MONDAY, time(8, 30)),
        (time(8, 45), MONDAY, time(9)),
        (time(9), TUESDAY, time(6)),
    ],
)
def test_it_is_looked_at_again_when_something_is_due(at: time, day: date, next_at: time) -> None:
    assert following(at_ist(MONDAY, at)) == at_ist(day, next_at)


@pytest.mark.parametrize(
    ("at", "day"), [(time(5, 59), MONDAY), (time(6), TUESDAY), (time(23), TUESDAY)]
)
def test_no_session_outlives_the_night(at: time, day: date) -> None:
    assert expiry(at_ist(MONDAY, at)) == at_ist(day, time(6))


def test_an_account_of_a_broker_nobody_knows_is_refused_by_name(
    practice: Practice, trader: Person, account_id: str
) -> None:
    def nobody(_: str) -> Broker:
        raise LookupError("'kite' is none of paper, zerodha")

    practice.care.vault.write(f"kite/{account_id}/app", {"api_key": "k"})
    practice.care.sessions.broker = nobody
    path = f"/users/{trader.user_id}/broker-accounts/{account_id}"

    refused(trader.get(path + "/login"), 422, "unknown-broker")
    refused(trader.post(path + "/connect", {"request_token": "t"}), 422, "unknown-broker")


# ── what is noticed ───────────────────────────────────────────────────────────────────────


class Elsewhere(PaperBroker):
    """A broker that takes orders from one address only, and this is not it."""

    def __init__(self) -> None:
        super().__init__(Path("nowhere"), "ACC-1")
        self.ended = 0

    def place(self, ticket: Ticket) -> str:
        raise AddressRefused(f"orders are not taken from 198.51.100.4 ({ticket.tag})")

    def orders(self) -> list[BookOrder]:
        raise SessionExpired("token expired")

    def end_session(self) -> None:
        self.ended += 1


def test_an_address_that_is_refused_disables_the_account_and_is_named(
    practice: Practice, trader: Person, account_id: str
) -> None:
    connect(practice, trader, account_id)
    broker: Broker = practice.care.sessions.watched(Elsewhere(), account_id)

    for _ in range(3):
        with pytest.raises(AddressRefused):
            broker.place(BUY)
    practice.platform.engine.turn(practice.clock.now())

    assert account(practice, account_id).status is AccountStatus.DISCONNECTED
    ended = [
        event.reason
        for event in practice.platform.trading.history(account_id)
        if isinstance(event, BrokerAccount.SessionEnded)
    ]
    assert len(ended) == 1
    assert "198.51.100.4" in ended[0]


def test_a_loss_is_told_again_after_a_minute_whoever_logged_in_meanwhile(
    practice: Practice, trader: Person, account_id: str
) -> None:
    connect(practice, trader, account_id)
    broker = practice.care.sessions.watched(Elsewhere(), account_id)
    for pause in (0, 10, 61):
        practice.clock.sleep(pause)
        with pytest.raises(SessionExpired):
            broker.orders()
        practice.platform.engine.turn(practice.clock.now())
        connect(practice, trader, account_id)

    # Having logged in here, a session that is lost at once is told at once.
    assert facts(practice, account_id).count("SessionEnded") == 3


def test_a_session_is_ended_at_the_broker_where_that_can_be_done(practice: Practice) -> None:
    elsewhere = Elsewhere()
    broker = practice.care.sessions.watched(elsewhere, "ACC-1")

    assert isinstance(broker, Closable)
    broker.end_session()

    assert elsewhere.ended == 1


# ── runs ──────────────────────────────────────────────────────────────────────────────────


def test_a_run_of_an_account_nobody_logged_in_to_is_skipped_with_the_reason(
    practice: Practice, trader: Person, account_id: str
) -> None:
    connect(practice, trader, account_id)
    _, strategy = trader.active_condor()
    path = f"/users/{trader.user_id}/broker-accounts/{account_id}"
    ok(trader.post(path + "/disconnect"))
    practice.pass_until(at_ist(MONDAY, time(9, 21)))

    run_id = f"RUN-{strategy}-{account_id}-20260803T092000"
    (skipped,) = [
        e for e in practice.platform.trading.history(run_id) if isinstance(e, Run.Skipped)
    ]
    assert (skipped.reason, skipped.detail) == (
        "NOT_CONNECTED",
        "the account is DISCONNECTED: log in at the broker",
    )


def test_with_something_open_logging_out_is_refused_unless_forced_and_then_alarmed(
    practice: Practice, trader: Person, account_id: str
) -> None:
    connect(practice, trader, account_id)
    strategy = short_condor(trader)
    path = f"/users/{trader.user_id}/broker-accounts/{account_id}"
    practice.pass_until(at_ist(MONDAY, time(9, 25)))
    refused(trader.post(path + "/disconnect"), 409, "open-runs")

    ok(trader.post(path + "/disconnect", {"force": True}))
    practice.desk.faults.expire_session(account_id)  # as a broker does that ends its session
    practice.pass_until(at_ist(MONDAY, time(9, 32)))

    run_id = f"RUN-{strategy}-{account_id}-20260803T092000"
    run = practice.platform.trading.load(run_id, Run)
    assert "EXIT_BLOCKED" in run.alerts
    alerts = [e for e in practice.platform.trading.history(run_id) if isinstance(e, Run.Alerted)]
    assert [e.kind for e in alerts].count("EXIT_BLOCKED") >= 2
    connect(practice, trader, account_id)
    practice.pass_until(at_ist(MONDAY, time(9, 35)))
    assert practice.platform.trading.load(run_id, Run).outcome == "TIME"


def test_a_reminder_tells_how_many_runs_wait_for_the_login(
    practice: Practice, trader: Person, account_id: str
) -> None:
    connect(practice, trader, account_id)
    short_condor(trader)
    practice.pass_until(at_ist(MONDAY, time(9, 25)))
    path = f"/users/{trader.user_id}/broker-accounts/{account_id}"
    ok(trader.post(path + "/disconnect", {"force": True}))
    practice.care.mornings.look("", practice.clock.now())

    (due,) = [
        event
        for event in practice.platform.trading.history(account_id)
        if isinstance(event, BrokerAccount.LoginDue)
    ]
    assert due.open_runs == 1


# ── what was read ─────────────────────────────────────────────────────────────────────────


def test_reads_of_a_secret_are_counted_and_recorded_later(
    practice: Practice, trader: Person, account_id: str
) -> None:
    ref = f"kite/{account_id}/session"
    practice.care.vault.write(ref, {"access_token": "t"})
    for _ in range(3):
        practice.care.vault.read(ref)
    before = practice.platform.trading.version_of(trader.user_id)
    now = practice.clock.now()

    again = practice.care.mornings.note_reads("", now)
    practice.care.mornings.note_reads("", again)

    history = practice.platform.trading.history(trader.user_id)
    read = [event for event in history if isinstance(event, User.SecretRead)]
    assert [(each.account_id, each.purpose) for each in read] == [
        (account_id, "the session's token, to trade (3 times)")
    ]
    assert practice.platform.trading.version_of(trader.user_id) == before + 1
    assert again - now == timedelta(minutes=1)
