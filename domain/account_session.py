"""What a broker account is told of its session: keys, money, reminders, and where orders leave."""

from __future__ import annotations

from datetime import datetime

from domain.account import BrokerAccount
from domain.account_terms import AccountStatus, no_secret_on_paper
from domain.book import Funds

#: Nobody is logged in, and somebody could be.
WAITING = (AccountStatus.EXPIRED, AccountStatus.DISCONNECTED)


def secrets_place(account: BrokerAccount) -> str:
    """The reference under which the vault keeps the keys of the account's app."""
    return f"{account.broker}/{account.id}/app"


def session_place(account: BrokerAccount) -> str:
    """The reference under which the vault keeps the token of the account's last login."""
    return f"{account.broker}/{account.id}/session"


def keep_secrets(account: BrokerAccount) -> None:
    """The vault gets new keys: a session of older ones is over; raises Refused."""
    ref = secrets_place(account)
    no_secret_on_paper(account.broker, ref)
    account.trigger_event(BrokerAccount.SecretsKept, secrets_ref=ref)
    account.session_ended("the app's keys were replaced: log in again", expired=False)


def sync(account: BrokerAccount, funds: Funds) -> None:
    """The broker told its funds: each time is a fact of its own."""
    account.trigger_event(
        BrokerAccount.Synced, available=funds.available, used=funds.used, cash=funds.cash
    )


def remind(account: BrokerAccount, due: datetime, opens_at: datetime, open_runs: int) -> None:
    """Tell the trader to log in, once for each time of reminding."""
    if account.status in WAITING and (account.reminded is None or account.reminded < due):
        account.trigger_event(
            BrokerAccount.LoginDue, reminder=due, opens_at=opens_at, open_runs=open_runs
        )


def see_address(account: BrokerAccount, found: str) -> None:
    """Orders would leave from this address now: told where that begins, or ends, to matter."""
    declared = account.static_ip
    foreign = found if declared not in (None, found) else None
    if foreign != account.foreign_address:
        account.trigger_event(
            BrokerAccount.AddressSeen, declared=declared, found=found, foreign=foreign is not None
        )
