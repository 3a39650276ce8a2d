from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from ipaddress import IPv4Address
from typing import Any

import pytest
from pydantic import ValidationError

from commands.account import (
    EditAccount,
    KeepSecrets,
    LinkAccount,
    RecordAddress,
    RecordConnection,
    RecordSessionEnd,
    RecordSync,
    RemindOfLogin,
    ResumeTrading,
    SetLimits,
    StopTrading,
    UnlinkAccount,
)
from commands.desk import Command
from commands.drift import RecordReconciliation
from commands.errors import Conflict, Forbidden, NotFound, Refused
from domain.account import BrokerAccount
from domain.account_terms import AccountStatus, FlattenScope, Held, Limits
from domain.user import User
from tests.commands.scene import MONDAY, Asker, CountedTrading, Runs

Facts = Callable[[str], list[str]]

CALL = "NFO:NIFTY2680424500CE"
HELD = Held(key=CALL, product="NRML", quantity=-65, average_price=Decimal("101.5"))


@pytest.fixture
def zerodha(ask: Asker) -> BrokerAccount:
    return ask(LinkAccount(broker="zerodha", account_name="Primary", secrets_ref="vault:1"))


def linked(trading: CountedTrading, ask: Asker) -> tuple[str, ...]:
    return trading.load(ask.principal.user_id, User).accounts


def test_several_accounts_can_be_linked(
    ask: Asker, zerodha: BrokerAccount, trading: CountedTrading
) -> None:
    assert linked(trading, ask)[1:] == (zerodha.id,)
    assert zerodha.owner == ask.principal.user_id


def test_an_account_is_unlinked_from_its_user_too(
    ask: Asker, zerodha: BrokerAccount, trading: CountedTrading
) -> None:
    ask(UnlinkAccount(account_id=zerodha.id), key="K1")
    ask(UnlinkAccount(account_id=zerodha.id), key="K1")

    assert zerodha.id not in linked(trading, ask)
    with pytest.raises(NotFound):
        ask(EditAccount(account_id=zerodha.id, account_name="Again"))


def test_an_account_with_open_runs_stays_linked(
    ask: Asker, zerodha: BrokerAccount, runs: Runs, trading: CountedTrading
) -> None:
    runs.accounts[zerodha.id] = ["RUN-1"]

    with pytest.raises(Conflict, match="still open"):
        ask(UnlinkAccount(account_id=zerodha.id))

    assert zerodha.id in linked(trading, ask)


def test_an_account_is_edited_as_a_whole(ask: Asker, zerodha: BrokerAccount) -> None:
    change = EditAccount.model_validate(
        {"account_id": zerodha.id, "account_name": "Second", "static_ip": "203.0.113.7"}
    )

    edited = ask(change, edition=1)

    assert (edited.account_name, edited.static_ip, edited.secrets_ref, edited.edition) == (
        "Second",
        "203.0.113.7",
        None,
        2,
    )


@pytest.mark.parametrize(
    "wrong",
    [
        {"broker": "Zerodha Kite", "account_name": "Primary"},
        {"broker": "zerodha", "account_name": ""},
        {"broker": "zerodha", "account_name": "Primary", "static_ip": "localhost"},
        {"broker": "zerodha", "account_name": "Primary", "password": "secret"},
    ],
)
def test_a_malformed_link_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        LinkAccount.model_validate(wrong)


def test_a_secret_for_a_paper_account_is_refused(ask: Asker) -> None:
    with pytest.raises(Refused, match="no secret"):
        ask(LinkAccount(broker="paper", account_name="Paper 2", secrets_ref="vault:2"))


def test_the_kill_switch_blocks_until_it_is_released(ask: Asker, trader: User) -> None:
    (paper,) = trader.accounts

    stopped = ask(StopTrading(account_id=paper, reason="runaway", scope=FlattenScope.ALL))
    released = ask(ResumeTrading(account_id=paper, reason="looked into"))

    assert stopped.block is not None
    assert (stopped.block.actor, stopped.block.scope) == (trader.id, FlattenScope.ALL)
    assert not stopped.tradable
    assert released.tradable


def test_nobody_stops_the_account_of_another(stranger: Asker, trader: User) -> None:
    with pytest.raises(NotFound):
        stranger(StopTrading(account_id=trader.accounts[0], reason="mischief"))


def test_limits_of_an_account_are_kept(ask: Asker, zerodha: BrokerAccount) -> None:
    limits = Limits(max_lots=10, max_daily_loss=Decimal(20000))

    assert ask(SetLimits(account_id=zerodha.id, limits=limits)).limits == limits


def test_a_session_begins_and_ends(platform: Asker, zerodha: BrokerAccount, facts: Facts) -> None:
    opened = platform(
        RecordConnection(account_id=zerodha.id, broker_user_id="AB1", capabilities=("OPTIONS",))
    )
    ended = platform(RecordSessionEnd(account_id=zerodha.id, reason="logged out", expired=False))

    assert opened.status is AccountStatus.CONNECTED
    assert ended.status is AccountStatus.DISCONNECTED
    assert facts(zerodha.id) == ["Linked", "Connected", "SessionEnded"]


def test_a_fact_about_an_account_that_is_gone_is_recorded_all_the_same(
    platform: Asker, ask: Asker, zerodha: BrokerAccount, facts: Facts
) -> None:
    ask(UnlinkAccount(account_id=zerodha.id))

    account = platform(RecordReconciliation(account_id=zerodha.id, external=(HELD,)))

    assert account.status is AccountStatus.UNLINKED
    assert facts(zerodha.id) == ["Linked", "Unlinked", "Reconciled"]


# ── the session at the broker ─────────────────────────────────────────────────────────────


def test_new_keys_are_told_by_their_place_and_end_the_session(
    platform: Asker, ask: Asker, zerodha: BrokerAccount, facts: Facts
) -> None:
    platform(
        RecordConnection(account_id=zerodha.id, broker_user_id="AB1", capabilities=("OPTIONS",))
    )

    kept = ask(KeepSecrets(account_id=zerodha.id), edition=1)

    assert kept.secrets_ref == f"zerodha/{zerodha.id}/app"
    assert (kept.status, kept.edition) == (AccountStatus.DISCONNECTED, 2)
    assert facts(zerodha.id) == ["Linked", "Connected", "SecretsKept", "SessionEnded"]


def test_keys_of_another_traders_account_cannot_be_replaced(
    stranger: Asker, zerodha: BrokerAccount
) -> None:
    with pytest.raises(NotFound):
        stranger(KeepSecrets(account_id=zerodha.id))


def test_the_money_at_the_broker_is_a_fact_each_time(
    platform: Asker, zerodha: BrokerAccount, facts: Facts
) -> None:
    money = {
        "available": Decimal("412345.50"),
        "used": Decimal("87654.50"),
        "cash": Decimal(500000),
    }

    platform(RecordSync(account_id=zerodha.id, **money))
    synced = platform(RecordSync(account_id=zerodha.id, **money))

    assert synced.last_sync is not None
    assert facts(zerodha.id) == ["Linked", "Synced", "Synced"]
    assert synced.edition == 1


def test_a_reminder_counts_what_is_open_and_comes_once(
    platform: Asker, zerodha: BrokerAccount, runs: Runs, trading: CountedTrading
) -> None:
    runs.accounts[zerodha.id] = ["RUN-1", "RUN-2"]
    due = MONDAY + timedelta(minutes=30)
    told = RemindOfLogin(account_id=zerodha.id, due=due, opens_at=MONDAY + timedelta(hours=1))

    platform(told)
    platform(told)

    reminders = [e for e in trading.history(zerodha.id) if isinstance(e, BrokerAccount.LoginDue)]
    assert [each.open_runs for each in reminders] == [2]


def test_who_is_logged_in_is_not_reminded(
    platform: Asker, zerodha: BrokerAccount, facts: Facts
) -> None:
    platform(RecordConnection(account_id=zerodha.id, broker_user_id="AB1", capabilities=()))

    platform(RemindOfLogin(account_id=zerodha.id, due=MONDAY, opens_at=MONDAY))

    assert facts(zerodha.id) == ["Linked", "Connected"]


def test_an_address_is_told_where_it_begins_and_ends_to_differ(
    platform: Asker, ask: Asker, zerodha: BrokerAccount, facts: Facts
) -> None:
    def seen(address: str) -> None:
        platform(RecordAddress(account_id=zerodha.id, found=IPv4Address(address)))

    seen("198.51.100.4")  # nothing is declared yet
    declared = {"account_id": zerodha.id, "account_name": "Primary", "static_ip": "203.0.113.7"}
    ask(EditAccount.model_validate(declared))
    for address in ("203.0.113.7", "198.51.100.4", "198.51.100.4", "203.0.113.7", "203.0.113.7"):
        seen(address)

    assert facts(zerodha.id) == ["Linked", "Edited", "AddressSeen", "AddressSeen"]


@pytest.mark.parametrize(
    "fact",
    [
        RecordSync(account_id="ACC-1", available=Decimal(1), used=Decimal(1), cash=Decimal(1)),
        RemindOfLogin(account_id="ACC-1", due=MONDAY, opens_at=MONDAY),
        RecordAddress(account_id="ACC-1", found=IPv4Address("203.0.113.7")),
    ],
)
def test_facts_of_a_session_are_the_platforms_to_tell(
    ask: Asker, fact: Command[BrokerAccount]
) -> None:
    with pytest.raises(Forbidden):
        ask(fact)
