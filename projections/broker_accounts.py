"""broker_accounts: where a user trades, whether it is connected, limited or blocked."""

from __future__ import annotations

from datetime import datetime
from typing import Unpack

from msgspec import field

from domain.account import BrokerAccount
from domain.account_terms import AccountStatus, Block, Drift, Limits, Where, status_when_linked
from domain.model import DomainEvent
from projections.evolve import evolve
from projections.view import Index, Page, Paging, ReadModel, Row, View, instant

#: Events that a client's edit of the account has to know of: they raise its edition.
EDITS = (
    BrokerAccount.Edited,
    BrokerAccount.SecretsKept,
    BrokerAccount.LimitsSet,
    BrokerAccount.Blocked,
    BrokerAccount.Released,
    BrokerAccount.PositionAdopted,
    BrokerAccount.PositionIgnored,
)


class Standing(Drift, frozen=True):
    """A drift that goes on: since when, and how the trader explained it."""

    since: datetime
    explained: str | None = None


class AccountRow(Row, frozen=True, kw_only=True):
    """A broker account; its secrets are named, never held."""

    user_id: str
    broker: str
    account_name: str
    secrets_ref: str | None
    static_ip: str | None
    status: AccountStatus
    capabilities: tuple[str, ...]
    broker_user_id: str | None = None
    session_expires_at: datetime | None = None
    last_sync: datetime | None = None
    limits: Limits = field(default_factory=Limits)
    block: Block | None = None
    drifts: tuple[Standing, ...] = ()
    edition: int = 1
    created_at: datetime
    updated_at: datetime


def account(row: AccountRow | None, event: DomainEvent) -> AccountRow | None:
    """The row after the event; an unlinked account is not shown."""
    if isinstance(event, BrokerAccount.Linked):
        return _linked(event)
    if row is None or isinstance(event, BrokerAccount.Unlinked):
        return None
    after = _after(row, event)
    if isinstance(event, EDITS):
        after = evolve(after, edition=row.edition + 1)
    return after if after is row else evolve(after, updated_at=event.timestamp)


def _linked(event: BrokerAccount.Linked) -> AccountRow:
    return AccountRow(
        id=event.originator_id,
        user_id=event.user_id,
        broker=event.broker,
        account_name=event.account_name,
        secrets_ref=event.secrets_ref,
        static_ip=event.static_ip,
        status=status_when_linked(event.broker),
        capabilities=event.capabilities,
        created_at=event.timestamp,
        updated_at=event.timestamp,
    )


def _after(row: AccountRow, event: DomainEvent) -> AccountRow:
    match event:
        case BrokerAccount.Edited():
            return evolve(
                row,
                account_name=event.account_name,
                secrets_ref=event.secrets_ref,
                static_ip=event.static_ip,
            )
        case BrokerAccount.SecretsKept():
            return evolve(row, secrets_ref=event.secrets_ref)
        case BrokerAccount.Connected():
            return evolve(
                row,
                status=AccountStatus.CONNECTED,
                broker_user_id=event.broker_user_id,
                capabilities=event.capabilities,
                session_expires_at=event.expires_at,
            )
        case BrokerAccount.SessionEnded():
            return evolve(row, status=event.status, session_expires_at=None)
        case BrokerAccount.LimitsSet():
            return evolve(row, limits=event.limits)
        case BrokerAccount.Blocked():
            since, actor = event.timestamp, event.actor
            block = Block(reason=event.reason, scope=event.scope, actor=actor, since=since)
            return evolve(row, block=block)
        case BrokerAccount.Released():
            return evolve(row, block=None)
        case BrokerAccount.Synced() | BrokerAccount.Reconciled():
            return evolve(row, last_sync=event.timestamp)
        case BrokerAccount.DriftFound():
            return evolve(row, drifts=_found(row, event))
        case BrokerAccount.DriftResolved():
            return evolve(row, drifts=_resolved(row, event))
    return row


def _found(row: AccountRow, event: BrokerAccount.DriftFound) -> tuple[Standing, ...]:
    where = event.drift.where
    since = next((each.since for each in row.drifts if each.where == where), event.timestamp)
    return (*_without(row, where), Standing(**dict(event.drift), since=since))


def _resolved(row: AccountRow, event: BrokerAccount.DriftResolved) -> tuple[Standing, ...]:
    where = Where(event.kind, event.key, event.product, event.order)
    if not event.explained:
        return _without(row, where)
    told = {"explained": event.how}
    return tuple(
        each.model_copy(update=told) if each.where == where else each for each in row.drifts
    )


def _without(row: AccountRow, where: Where) -> tuple[Standing, ...]:
    return tuple(each for each in row.drifts if each.where != where)


BROKER_ACCOUNTS: ReadModel[AccountRow, AccountRow] = ReadModel(
    name="broker_accounts",
    id_name="account_id",
    reads=("ACC-",),
    project=account,
    row=AccountRow,
    state=AccountRow,
    sorts={"created": lambda row: instant(row.created_at)},
    indexes=(
        Index("owner", lambda row: row.user_id, "created"),
        Index("everyone", lambda _: "accounts", "created"),
    ),
)


def accounts_of(view: View[AccountRow], user_id: str, **paging: Unpack[Paging]) -> Page[AccountRow]:
    """A user's accounts, by when they were linked."""
    return view.page("owner", user_id, **paging)


def all_accounts(view: View[AccountRow], **paging: Unpack[Paging]) -> Page[AccountRow]:
    """Every linked account, for what looks after all of them."""
    return view.page("everyone", "accounts", **paging)
