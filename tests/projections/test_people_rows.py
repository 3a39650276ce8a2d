"""What users, accounts, baskets, strategies and due slots show."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import time, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from adapters.store.sqlite import ApplicationEventRecorder
from adapters.views.sqlite import SQLiteTables
from bench.history import DEFINITION, DUE, by, household, stored
from domain.account import BrokerAccount
from domain.account_terms import AccountStatus, Drift, Limits
from domain.basket import Basket, BasketStatus, Target
from domain.definition import Definition
from domain.fault import Fault
from domain.model import Aggregate, acting
from domain.notifications import Notifications
from domain.schedule import Weekday
from domain.strategy import Strategy, StrategyStatus
from domain.user import Preferences, Role, User, UserStatus
from projections.baskets import BASKETS, baskets_of
from projections.broker_accounts import BROKER_ACCOUNTS, AccountRow, accounts_of, all_accounts
from projections.catalogue import BY_NAME, CATALOGUE
from projections.document import document
from projections.due_slots import DUE_SLOTS, due_in, due_on
from projections.strategies import STRATEGIES, strategies_in, strategies_of
from projections.users import USERS, all_users, by_email
from projections.view import TableView
from tests.projections.conftest import ReadSide


@pytest.fixture
def side(recorder: ApplicationEventRecorder, tmp_path: Path) -> Iterator[ReadSide]:
    tables = SQLiteTables(tmp_path / "views.db")
    made = ReadSide(recorder, tables, CATALOGUE)
    yield made
    assert made.alarms == []
    tables.close()


def show(side: ReadSide, aggregate: Aggregate) -> None:
    side.projector.apply(side.store(stored(aggregate)))


def a_user() -> User:
    with acting(by(DUE, "admin")):
        return User.register(
            "USER-1",
            email="Trader@Example.com",
            name="Trader",
            roles={Role.TRADER},
            preferences=Preferences(),
        )


def test_a_user_has_the_form_that_the_requirements_give(side: ReadSide) -> None:
    show(side, a_user())

    view = TableView(USERS, side.tables)

    row = by_email(view, "trader@EXAMPLE.com")
    assert row is not None
    told = document(USERS, row)
    wanted = {
        "user_id": "USER-1",
        "email": "trader@example.com",
        "created_at": "2026-08-04T03:50:00Z",
        "status": "ACTIVE",
    }
    assert {name: told[name] for name in wanted} == wanted
    preferences = told["preferences"]
    assert preferences["timezone"] == "Asia/Kolkata"
    assert {"email": True, "sms": False}.items() <= preferences["notifications"].items()
    assert [each.id for each in all_users(view).rows] == ["USER-1"]


def test_a_users_row_follows_profile_roles_status_and_sign_ins(side: ReadSide) -> None:
    user = a_user()
    with acting(by(DUE + timedelta(hours=1), "USER-1")):
        sms = Preferences(notifications=Notifications(sms=True))
        user.update_profile(None, "Trader T", sms)
        user.change_roles({Role.TRADER, Role.ADMIN}, "USER-9")
        user.link("ACC-1")
        user.link("ACC-2")
        user.unlink("ACC-1")
        user.signed_in("password", "127.0.0.1")
        user.acknowledge(("RUN-1@3", "RUN-1@4"))
        user.disable("left", "USER-9")
    show(side, user)

    row = TableView(USERS, side.tables).get("USER-1")

    assert row is not None
    assert (row.name, row.status, row.accounts) == ("Trader T", UserStatus.DISABLED, ("ACC-2",))
    assert set(row.roles) == {Role.TRADER, Role.ADMIN}
    assert row.preferences == Preferences(notifications=Notifications(sms=True))
    assert row.last_signed_in_at == DUE + timedelta(hours=1)
    assert row.notices_read == 2
    assert row.edition == user.edition


def an_account() -> BrokerAccount:
    with acting(by(DUE, "USER-1")):
        return BrokerAccount.link(
            "ACC-1",
            user_id="USER-1",
            broker="zerodha",
            account_name="Primary Trading Account",
            capabilities=("OPTIONS", "EQUITY"),
            secrets_ref="vault:zerodha-ACC-1",
        )


def account_row(side: ReadSide) -> AccountRow:
    row = TableView(BROKER_ACCOUNTS, side.tables).get("ACC-1")
    assert row is not None
    return row


def test_an_account_shows_connection_limits_and_block_as_the_account_has_them(
    side: ReadSide,
) -> None:
    account = an_account()
    with acting(by(DUE + timedelta(hours=1), "USER-1")):
        account.connected("ZX1", ("OPTIONS",), DUE + timedelta(days=1))
        account.set_limits(Limits(max_daily_loss=Decimal(10000)))
        account.edit("Main", "vault:other", "203.0.113.7")
        account.stop("panic")
        account.reconciled((), (Drift(key="NFO:A", product="MIS", expected=65, found=0),))
    show(side, account)

    row = account_row(side)

    assert (row.status, row.broker_user_id) == (AccountStatus.CONNECTED, "ZX1")
    assert (row.account_name, row.secrets_ref, row.static_ip) == (
        "Main", "vault:other", "203.0.113.7"
    )  # fmt: skip
    assert (row.limits, row.block, row.last_sync) == (
        account.limits, account.block, account.last_sync
    )  # fmt: skip
    (drift,) = row.drifts
    assert (drift.where, drift.units) == (next(iter(account.drifts)), -65)
    assert drift.since == DUE + timedelta(hours=1)
    assert row.edition == account.edition


def test_an_account_set_free_and_agreeing_again_shows_neither_block_nor_drift(
    side: ReadSide,
) -> None:
    account = an_account()
    with acting(by(DUE, "USER-1")):
        account.connected("ZX1", ("OPTIONS",))
        account.stop("panic")
        account.release("calm")
        account.drift_found(Drift(key="NFO:A", product="MIS", expected=65, found=0))
        account.reconciled(())
        account.session_ended("06:00", expired=True)
    show(side, account)

    row = account_row(side)

    assert (row.block, row.drifts, row.status) == (None, (), AccountStatus.EXPIRED)
    view = TableView(BROKER_ACCOUNTS, side.tables)
    assert [each.id for each in accounts_of(view, "USER-1").rows] == ["ACC-1"]
    assert [each.id for each in all_accounts(view).rows] == ["ACC-1"]


def test_an_unlinked_account_is_not_shown(side: ReadSide) -> None:
    account = an_account()
    with acting(by(DUE, "USER-1")):
        account.unlink(())
    show(side, account)

    view = TableView(BROKER_ACCOUNTS, side.tables)

    assert view.get("ACC-1") is None
    assert accounts_of(view, "USER-1").rows == []


def a_basket() -> Basket:
    with acting(by(DUE, "USER-1")):
        return Basket.compose(
            "BASK-1",
            user_id="USER-1",
            name="Weekly NIFTY Iron Condor",
            description="Conservative weekly income strategy",
            strategies=["STRAT-456", "STRAT-2"],
        )


def test_a_basket_lists_members_before_ids_that_are_none(side: ReadSide) -> None:
    basket = a_basket()
    with acting(by(DUE + timedelta(minutes=1), "USER-1")):
        basket.add("STRAT-1")
        basket.add("STRAT-2")
        basket.add("STRAT-3")
        basket.remove("STRAT-3")
    show(side, basket)

    row = TableView(BASKETS, side.tables).get("BASK-1")

    assert row is not None
    assert (row.strategies, row.unknown) == (basket.strategies, basket.unknown)
    assert row.edition == basket.edition
    told = document(BASKETS, row)
    assert (told["basket_id"], told["status"]) == ("BASK-1", "DRAFT")
    assert told["updated_at"] == "2026-08-04T03:51:00Z"


def test_a_basket_follows_edits_and_its_status_until_it_is_deleted(side: ReadSide) -> None:
    basket = a_basket()
    target = Target(account_id="ACC-1", multiplier=2)
    with acting(by(DUE, "USER-1")):
        basket.edit(name="Condor", description="", targets=[target], strategies=[])
        basket.activate(["ACC-1"])
    show(side, basket)
    view = TableView(BASKETS, side.tables)
    (row,) = baskets_of(view, "USER-1").rows
    assert (row.name, row.targets, row.status) == ("Condor", (target,), BasketStatus.ACTIVE)

    with acting(by(DUE, "USER-1")):
        basket.deactivate()
        basket.delete()
    show(side, basket)

    assert baskets_of(view, "USER-1").rows == []


def a_strategy() -> Strategy:
    with acting(by(DUE, "USER-1")):
        return Strategy.draft(
            "STRAT-1",
            user_id="USER-1",
            basket_id="BASK-1",
            definition=DEFINITION,
            faults=[Fault("expired", "legs[0].symbol", "it has expired")],
        )


def test_a_strategy_shows_its_definition_as_the_requirements_give_it(side: ReadSide) -> None:
    show(side, a_strategy())
    view = TableView(STRATEGIES, side.tables)

    row = view.get("STRAT-1")

    assert row is not None
    told = document(STRATEGIES, row)
    assert (told["strategy_id"], told["basket_id"], told["type"]) == (
        "STRAT-1", "BASK-1", "IRON_CONDOR"
    )  # fmt: skip
    assert told["legs"][0] == {
        "symbol": "NIFTY24AUG18000CE", "qty": 50, "action": "SELL", "option_type": "CE"
    }  # fmt: skip
    assert told["risk_params"] == {
        "max_loss": 5000, "target_profit": 2000, "stop_loss_pct": 50
    }  # fmt: skip
    assert told["schedule"]["entry_time"] == "09:20"
    assert told["faults"][0]["field"] == "legs[0].symbol"
    assert [each.id for each in strategies_of(view, "USER-1").rows] == ["STRAT-1"]
    assert [each.id for each in strategies_in(view, "BASK-1").rows] == ["STRAT-1"]


def later(hour: int) -> Definition:
    schedule = DEFINITION.schedule.model_copy(
        update={"entry_time": time(hour, 30), "weekdays": (Weekday.TUE,)}
    )
    return DEFINITION.model_copy(update={"name": "Later", "schedule": schedule})


def test_a_strategy_follows_edits_and_its_status_until_it_is_deleted(side: ReadSide) -> None:
    strategy = a_strategy()
    with acting(by(DUE, "USER-1")):
        strategy.edit(later(10), ())
        strategy.activate(())
    show(side, strategy)
    row = TableView(STRATEGIES, side.tables).get("STRAT-1")
    assert row is not None
    assert (row.name, row.status, row.faults) == ("Later", StrategyStatus.ACTIVE, ())
    assert (row.definition_version, row.edition) == (2, strategy.edition)

    with acting(by(DUE, "USER-1")):
        strategy.deactivate("asked")
        strategy.delete(())
    show(side, strategy)

    assert TableView(STRATEGIES, side.tables).get("STRAT-1") is None


def slots_of(side: ReadSide, weekday: Weekday, minute: time) -> list[str]:
    return [row.strategy_id for row in due_in(TableView(DUE_SLOTS, side.tables), weekday, minute)]


def test_an_active_strategy_is_due_in_its_minutes_of_the_week(side: ReadSide) -> None:
    for number in range(40):
        side.projector.apply(side.store(household(number)))

    due = slots_of(side, Weekday.WED, time(9, 20))

    assert sorted(due) == sorted(f"STRAT-{number}" for number in range(40))
    assert slots_of(side, Weekday.TUE, time(9, 20)) == []
    assert slots_of(side, Weekday.WED, time(9, 21)) == []
    view = TableView(DUE_SLOTS, side.tables)
    assert {row.slot[:9] for row in due_on(view, "STRAT-7")} == {
        "MON-09:20", "WED-09:20", "FRI-09:20"
    }  # fmt: skip


def test_slots_follow_edits_and_end_with_activity(side: ReadSide) -> None:
    strategy = a_strategy()
    show(side, strategy)
    assert slots_of(side, Weekday.WED, time(9, 20)) == []
    with acting(by(DUE, "USER-1")):
        strategy.activate(())
        strategy.edit(later(10), ())
    show(side, strategy)
    assert slots_of(side, Weekday.WED, time(9, 20)) == []
    assert slots_of(side, Weekday.TUE, time(10, 30)) == ["STRAT-1"]

    with acting(by(DUE, "USER-1")):
        strategy.deactivate("asked")
    show(side, strategy)

    assert slots_of(side, Weekday.TUE, time(10, 30)) == []


def test_the_catalogue_names_each_read_model_once() -> None:
    assert set(BY_NAME) >= {
        "users", "broker_accounts", "baskets", "strategies", "runs", "orders",
        "positions", "daily_pnl", "due_slots", "audit_logs",
    }  # fmt: skip
    assert len(BY_NAME) == len(CATALOGUE)
