"""What may be asked about broker accounts, and what brokers report of them."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from ipaddress import IPv4Address, IPv6Address

from pydantic import Field

from commands.desk import PLATFORM, Command, Desk
from domain.account import BrokerAccount
from domain.account_session import keep_secrets, remind, see_address, sync
from domain.account_terms import FlattenScope, Limits
from domain.book import Funds
from domain.user import User


class AccountCommand(Command[BrokerAccount], frozen=True):
    KIND = BrokerAccount
    account_id: str

    @property
    def stream(self) -> str:
        return self.account_id


class LinkAccount(Command[BrokerAccount], frozen=True):
    """Link a broker login to the asker; the secrets go to the vault, their reference comes here."""

    KIND = BrokerAccount
    PREFIX = "ACC"
    broker: str = Field(pattern=r"^[a-z][a-z0-9_]{1,30}$")
    account_name: str = Field(min_length=1, max_length=200)
    capabilities: tuple[str, ...] = Field(default=("OPTIONS",), max_length=20)
    secrets_ref: str | None = Field(default=None, max_length=500)
    static_ip: IPv4Address | IPv6Address | None = None


def link_account(command: LinkAccount, desk: Desk) -> None:
    user = desk.load(desk.principal.user_id, User)
    account = BrokerAccount.link(
        desk.stream_id,
        user_id=user.id,
        broker=command.broker,
        account_name=command.account_name,
        capabilities=command.capabilities,
        secrets_ref=command.secrets_ref,
        static_ip=_text(command.static_ip),
    )
    user.link(account.id)
    desk.save(account, user)


class EditAccount(AccountCommand, frozen=True):
    account_name: str = Field(min_length=1, max_length=200)
    secrets_ref: str | None = Field(default=None, max_length=500)
    static_ip: IPv4Address | IPv6Address | None = None


def edit_account(command: EditAccount, desk: Desk) -> None:
    account = desk.load(command.account_id, BrokerAccount)
    account.edit(command.account_name, command.secrets_ref, _text(command.static_ip))
    desk.save(account)


class KeepSecrets(AccountCommand, frozen=True):
    """New keys of the broker's app are about to be put into the vault."""


def keep_account_secrets(command: KeepSecrets, desk: Desk) -> None:
    account = desk.load(command.account_id, BrokerAccount)
    keep_secrets(account)
    desk.save(account)


class UnlinkAccount(AccountCommand, frozen=True):
    pass


def unlink_account(command: UnlinkAccount, desk: Desk) -> None:
    account = desk.load(command.account_id, BrokerAccount)
    user = desk.load(account.user_id, User)
    account.unlink(desk.world.open_runs.of_account(account.id))
    user.unlink(account.id)
    desk.save(account, user)


class SetLimits(AccountCommand, frozen=True):
    limits: Limits


def set_limits(command: SetLimits, desk: Desk) -> None:
    account = desk.load(command.account_id, BrokerAccount)
    account.set_limits(command.limits)
    desk.save(account)


class StopTrading(AccountCommand, frozen=True):
    """The kill switch: nothing new is sent, and what is open is flattened."""

    reason: str = Field(min_length=1, max_length=500)
    scope: FlattenScope = FlattenScope.OWN


def stop_trading(command: StopTrading, desk: Desk) -> None:
    account = desk.load(command.account_id, BrokerAccount)
    account.stop(command.reason, command.scope)
    desk.save(account)


class ResumeTrading(AccountCommand, frozen=True):
    reason: str = Field(min_length=1, max_length=500)


def resume_trading(command: ResumeTrading, desk: Desk) -> None:
    account = desk.load(command.account_id, BrokerAccount)
    account.release(command.reason)
    desk.save(account)


class RecordConnection(AccountCommand, frozen=True):
    """The broker opened a session; its token is in the vault."""

    ALLOWED = PLATFORM
    broker_user_id: str
    capabilities: tuple[str, ...]
    expires_at: datetime | None = None


def record_connection(command: RecordConnection, desk: Desk) -> None:
    account = desk.load(command.account_id, BrokerAccount)
    account.connected(command.broker_user_id, command.capabilities, command.expires_at)
    desk.save(account)


class RecordSessionEnd(AccountCommand, frozen=True):
    ALLOWED = PLATFORM
    reason: str
    expired: bool = True


def record_session_end(command: RecordSessionEnd, desk: Desk) -> None:
    account = desk.load(command.account_id, BrokerAccount)
    account.session_ended(command.reason, expired=command.expired)
    desk.save(account)


class RecordSync(AccountCommand, frozen=True):
    """The broker told the account's money; ₹."""

    ALLOWED = PLATFORM
    available: Decimal
    used: Decimal
    cash: Decimal


def record_sync(command: RecordSync, desk: Desk) -> None:
    account = desk.load(command.account_id, BrokerAccount)
    sync(account, Funds(available=command.available, used=command.used, cash=command.cash))
    desk.save(account)


class RemindOfLogin(AccountCommand, frozen=True):
    """The market opens and nobody is logged in; `due` is the time of this reminder."""

    ALLOWED = PLATFORM
    due: datetime
    opens_at: datetime


def remind_of_login(command: RemindOfLogin, desk: Desk) -> None:
    account = desk.load(command.account_id, BrokerAccount)
    open_runs = len(desk.world.open_runs.of_account(account.id))
    remind(account, command.due, command.opens_at, open_runs)
    desk.save(account)


class RecordAddress(AccountCommand, frozen=True):
    """The address from which orders would leave."""

    ALLOWED = PLATFORM
    found: IPv4Address


def record_address(command: RecordAddress, desk: Desk) -> None:
    account = desk.load(command.account_id, BrokerAccount)
    see_address(account, str(command.found))
    desk.save(account)


def _text(address: IPv4Address | IPv6Address | None) -> str | None:
    return None if address is None else str(address)
