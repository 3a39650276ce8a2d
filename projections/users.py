"""users: who may do what, and how they like to be told."""

from __future__ import annotations

from datetime import datetime
from typing import Unpack

from domain.model import DomainEvent
from domain.user import Preferences, Role, User, UserStatus
from projections.evolve import evolve
from projections.view import Index, Page, Paging, ReadModel, Row, View, instant


class UserRow(Row, frozen=True, kw_only=True):
    """A user's profile; what they may do follows from their roles."""

    email: str
    name: str
    roles: tuple[Role, ...]
    preferences: Preferences
    status: UserStatus
    accounts: tuple[str, ...] = ()
    last_signed_in_at: datetime | None = None
    notices_read: int = 0
    """How many; every screen that lists their notices hears by it that one was read."""
    edition: int = 1
    created_at: datetime
    updated_at: datetime


def user(row: UserRow | None, event: DomainEvent) -> UserRow | None:
    """The row after the event."""
    if isinstance(event, User.Registered):
        return UserRow(
            id=event.originator_id,
            email=event.email,
            name=event.name,
            roles=event.roles,
            preferences=event.preferences,
            status=UserStatus.ACTIVE,
            created_at=event.timestamp,
            updated_at=event.timestamp,
        )
    if row is None:
        return None
    match event:
        case User.ProfileUpdated():
            return _edited(evolve(row, name=event.name, preferences=event.preferences), event)
        case User.ChannelsChosen():
            return _edited(row, event)
        case User.RolesChanged():
            return _edited(evolve(row, roles=event.roles), event)
        case User.Disabled():
            return _edited(evolve(row, status=UserStatus.DISABLED), event)
        case User.Enabled():
            return _edited(evolve(row, status=UserStatus.ACTIVE), event)
        case User.AccountLinked():
            return evolve(row, accounts=(*row.accounts, event.account_id))
        case User.AccountUnlinked():
            left = tuple(each for each in row.accounts if each != event.account_id)
            return evolve(row, accounts=left)
        case User.SignedIn():
            return evolve(row, last_signed_in_at=event.timestamp)
        case User.NoticesAcknowledged():
            return evolve(row, notices_read=row.notices_read + len(event.notices))
    return row


def _edited(row: UserRow, event: DomainEvent) -> UserRow:
    return evolve(row, edition=row.edition + 1, updated_at=event.timestamp)


USERS: ReadModel[UserRow, UserRow] = ReadModel(
    name="users",
    id_name="user_id",
    reads=("USER-",),
    project=user,
    row=UserRow,
    state=UserRow,
    edition=2,
    sorts={"created": lambda row: instant(row.created_at)},
    indexes=(
        Index("everybody", lambda _: "users", "created"),
        Index("email", lambda row: row.email, "created"),
    ),
)


def all_users(view: View[UserRow], **paging: Unpack[Paging]) -> Page[UserRow]:
    """Every user, by when they registered."""
    return view.page("everybody", "users", **paging)


def by_email(view: View[UserRow], email: str) -> UserRow | None:
    """The user with this address, whatever its case."""
    rows = view.page("email", email.strip().lower(), limit=1).rows
    return rows[0] if rows else None
