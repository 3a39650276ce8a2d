"""The platform on AWS as its API shows it: what is asked is stored, shown, and handed on."""

from __future__ import annotations

from datetime import time, timedelta
from pathlib import Path

import pytest

from adapters.aws.mornings import Attending
from adapters.aws.verify import verified
from domain.account import BrokerAccount
from domain.account_session import secrets_place
from domain.account_terms import AccountStatus
from domain.calendar import at_ist, ist_date
from domain.run import Run
from domain.strategy import Strategy, StrategyStatus
from domain.user import Role, User
from projections.due_slots import DUE_SLOTS, due_on
from projections.view import TableView
from tests.adapters.api.practice import Json, Person, condor, made, ok, refused
from tests.adapters.aws.house import House

ENTRY, NOON = time(9, 20), time(12)


def basket_on(trader: Person, account_id: str) -> str:
    targets = [{"account_id": account_id, "multiplier": 1}]
    return str(trader.basket(targets=targets)["basket_id"])


def active_condor(house: House, trader: Person, account_id: str) -> str:
    basket_id = basket_on(trader, account_id)
    strategy = made(trader.post(f"/baskets/{basket_id}/strategies", condor()))
    assert strategy["faults"] == []
    ok(trader.post(f"/strategies/{strategy['strategy_id']}/activate"))
    ok(trader.post(f"/baskets/{basket_id}/activate"))
    house.project()
    return str(strategy["strategy_id"])


def follow(run_id: str, account_id: str) -> Json:
    return {"what": "follow", "key": run_id, "account_id": account_id}


def test_a_strategy_is_stored_activated_and_due_in_its_minute(
    house: House, trader: Person, account_id: str
) -> None:
    strategy_id = active_condor(house, trader, account_id)

    stored = house.platform.trading.load(strategy_id, Strategy)
    slots = due_on(TableView(DUE_SLOTS, house.platform.tables), strategy_id)
    assert stored.status is StrategyStatus.ACTIVE
    assert {slot.slot.partition("#")[0] for slot in slots} >= {"MON-09:20", "TUE-09:20"}
    assert [each["strategy_id"] for each in ok(trader.get("/strategies"))["items"]] == [strategy_id]


@pytest.mark.usefixtures("account_id")
def test_another_worker_reads_the_lists_that_the_morning_fetched(
    house: House, tmp_path: Path
) -> None:
    other = house.worker(tmp_path / "other")
    today = ist_date(house.clock.now())

    with other.at_work():
        listed = other.market.chain(today)

    assert len(listed.contracts) == len(house.platform.market.chain(today).contracts) > 0


def test_a_login_that_one_worker_began_is_finished_by_another(
    house: House, trader: Person, tmp_path: Path
) -> None:
    account_id = house.at_zerodha(trader)
    other = house.worker(tmp_path / "other")
    _, ticket = house.platform.care.sessions.begin(account_id, trader.user_id)

    login = other.care.sessions.logins.finish(ticket.state, proof=ticket.proof)

    assert (login.account_id, login.user_id) == (account_id, trader.user_id)


def test_a_start_by_hand_is_handed_to_the_dispatcher_and_its_workflow(
    house: House, trader: Person, account_id: str
) -> None:
    strategy_id = active_condor(house, trader, account_id)
    house.clock.advance_to(at_ist(ist_date(house.clock.now()), NOON))
    house.messages("dispatch")

    started = made(trader.post(f"/strategies/{strategy_id}/runs", key="now"))["runs"]

    (run_id,) = [each["run_id"] for each in started]
    assert house.messages("dispatch") == [follow(run_id, account_id)]
    assert [each["run_id"] for each in house.workflows()] == [run_id]


def test_the_kill_switch_is_handed_to_the_dispatcher(
    house: House, trader: Person, account_id: str
) -> None:
    ok(trader.post(f"/accounts/{account_id}/block", {"reason": "enough"}))

    assert house.platform.trading.load(account_id, BrokerAccount).block is not None
    assert house.messages("dispatch") == [
        {"what": "kill", "key": account_id, "account_id": account_id}
    ]


def test_runs_that_another_worker_opened_are_known_once_the_views_name_them(
    house: House, trader: Person, account_id: str, tmp_path: Path
) -> None:
    strategy_id = active_condor(house, trader, account_id)
    at = at_ist(ist_date(house.clock.now()), ENTRY)
    other = house.worker(tmp_path / "other")
    assert other.runs.of_account(account_id) == []

    (run_id,) = house.platform.platform.engine.planner.open_strategy(
        strategy_id, at, house.clock.now()
    )
    house.project()
    other.runs.doubt()

    assert other.runs.of_account(account_id) == [run_id]
    assert [run.id for run in other.runs.touching(account_id, ist_date(at))] == [run_id]
    refused(trader.delete(f"/strategies/{strategy_id}"), 409, "open-runs")


def test_a_paper_account_has_no_exchange_here(house: House, trader: Person) -> None:
    assert house.platform.ready(trader.account_id) is not None
    refused(trader.get(f"/accounts/{trader.account_id}/funds"), 503, "broker-unavailable")


def test_health_feels_the_beat_of_the_schedule(house: House, trader: Person) -> None:
    house.clock.advance_to(at_ist(ist_date(house.clock.now()), NOON))
    assert trader.get("/health").status_code == 503

    house.platform.beat()

    assert ok(trader.get("/health"))["schedule"]["late_s"] == 0
    house.clock.advance_to(house.clock.now() + timedelta(minutes=3))
    assert trader.get("/health").status_code == 503


def test_a_halted_platform_follows_nothing(house: House, trader: Person, account_id: str) -> None:
    strategy_id = active_condor(house, trader, account_id)
    engine, now = house.platform.platform.engine, house.clock.now()
    at = at_ist(ist_date(now), ENTRY)
    (run_id,) = engine.planner.open_strategy(strategy_id, at, now)
    house.clock.advance_to(at)

    house.platform.halting.halt("restored, and not reconciled yet", now)

    assert engine.follow(run_id, at) is not None
    assert len(house.platform.trading.history(run_id)) == 1
    assert house.platform.halting.release()
    assert house.platform.trading.load(run_id, Run).stage == "PENDING"


def test_each_morning_dead_sessions_end_and_traders_are_reminded(
    house: House, account_id: str
) -> None:
    tomorrow = ist_date(house.clock.now()) + timedelta(days=1)
    house.clock.advance_to(at_ist(tomorrow, time(8, 30, 5)))

    told = Attending(house.platform).morning()
    house.attend()

    account = house.platform.trading.load(account_id, BrokerAccount)
    facts = [type(event).__name__ for event in house.platform.trading.history(account_id)]
    assert told == 1
    assert account.status is not AccountStatus.CONNECTED
    assert facts[-1] == "LoginDue"


def test_secrets_that_were_read_are_noted_now_and_then(
    house: House, trader: Person, account_id: str
) -> None:
    def noted() -> int:
        history = house.platform.trading.history(trader.user_id)
        return sum(isinstance(event, User.SecretRead) for event in history)

    ref = secrets_place(house.platform.trading.load(account_id, BrokerAccount))
    for _ in range(3):
        with house.platform.at_work() as working:
            working.vault.read(ref)
    assert noted() == 1

    house.clock.advance_to(house.clock.now() + timedelta(minutes=15))
    with house.platform.at_work() as working:
        working.vault.read(ref)
    assert noted() == 2


def test_a_request_is_answered_though_nobody_can_be_told_of_it(
    house: House, trader: Person, account_id: str
) -> None:
    gone = {"dispatch_queue": f"{house.platform.settings.dispatch_queue}-gone.fifo"}
    house.platform.settings = house.platform.settings.model_copy(update=gone)

    ok(trader.post(f"/accounts/{account_id}/block", {"reason": "enough"}))

    assert house.platform.trading.load(account_id, BrokerAccount).block is not None


@pytest.mark.usefixtures("account_id")
def test_the_whole_log_is_verified_by_an_operator_s_command(house: House) -> None:
    auditor = house.admit("auditor@example.com", Role.AUDITOR)

    problem = refused(auditor.get("/audit/verify"), 409, "verified-elsewhere")
    report = verified(house.platform)

    assert "adapters.aws.verify --stage house" in problem["detail"]
    assert report.sound
    assert report.streams > 3


def test_prices_come_through_the_account_that_is_traded_else_through_the_last_logged_in(
    house: House, account_id: str, tmp_path: Path
) -> None:
    other = house.worker(tmp_path / "other")
    assert other.venue.carrier.chosen() == account_id

    second = house.admit("second@example.com", Role.TRADER)
    linked = house.at_zerodha(second)
    house.log_in(second, linked)
    other.broker(linked)

    assert other.venue.carrier.chosen() == linked
    other.broker(account_id)
    assert other.venue.carrier.chosen() == account_id
