from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from pydantic import ValidationError

from commands.account import (
    EditAccount,
    LinkAccount,
    RecordConnection,
    RecordSessionEnd,
    ResumeTrading,
    SetLimits,
    StopTrading,
    UnlinkAccount,
)
from commands.drift import RecordReconciliation
from commands.errors import Conflict, NotFound, Refused
from domain.account import BrokerAccount
from domain.account_terms import AccountStatus, FlattenScope, Held, Limits
from domain.user import User
from tests.commands.scene import Asker, CountedTrading, Runs

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
