"""A person who uses the platform, and the audit of what they did that moved no money."""

from __future__ import annotations

from enum import StrEnum
from typing import ClassVar, Self

from eventsourcing.domain import triggers

from domain.model import Created, DomainEvent, Refused
from domain.notifications import Channel, Notifications
from domain.resource import Resource
from domain.value import Value


class Role(StrEnum):
    TRADER = "trader"
    VIEWER = "viewer"  # sees what is theirs, changes nothing
    AUDITOR = "auditor"  # reads the audit of all
    ADMIN = "admin"  # users and roles; trades only what is theirs


class UserStatus(StrEnum):
    ACTIVE = "ACTIVE"
    DISABLED = "DISABLED"


class Preferences(Value, frozen=True, extra="forbid"):
    """How things are shown and told; the time zone never moves a schedule."""

    timezone: str = "Asia/Kolkata"
    notifications: Notifications = Notifications()


class User(Resource):
    """Profile, roles and linked accounts; passwords and tokens live in the identity store."""

    TOPIC = "user"

    class Registered(Created, frozen=True):
        TOPIC: ClassVar[str] = "user.registered"
        email: str
        name: str
        roles: tuple[Role, ...]
        preferences: Preferences

    class ProfileUpdated(DomainEvent, frozen=True):
        TOPIC: ClassVar[str] = "user.profile_updated"
        name: str
        preferences: Preferences

    class RolesChanged(DomainEvent, frozen=True):
        TOPIC: ClassVar[str] = "user.roles_changed"
        roles: tuple[Role, ...]

    class Disabled(DomainEvent, frozen=True):
        TOPIC: ClassVar[str] = "user.disabled"
        reason: str

    class Enabled(DomainEvent, frozen=True):
        TOPIC: ClassVar[str] = "user.enabled"

    class AccountLinked(DomainEvent, frozen=True):
        TOPIC: ClassVar[str] = "user.account_linked"
        account_id: str

    class AccountUnlinked(DomainEvent, frozen=True):
        TOPIC: ClassVar[str] = "user.account_unlinked"
        account_id: str

    class SignedIn(DomainEvent, frozen=True):
        TOPIC: ClassVar[str] = "user.signed_in"
        method: str
        address: str | None = None

    class SignInFailed(DomainEvent, frozen=True):
        TOPIC: ClassVar[str] = "user.sign_in_failed"
        reason: str
        address: str | None = None

    class SignedOut(DomainEvent, frozen=True):
        TOPIC: ClassVar[str] = "user.signed_out"

    class CredentialChanged(DomainEvent, frozen=True):
        TOPIC: ClassVar[str] = "user.credential_changed"
        what: str

    class SecretRead(DomainEvent, frozen=True):
        TOPIC: ClassVar[str] = "user.secret_read"
        account_id: str
        purpose: str

    class Exported(DomainEvent, frozen=True):
        TOPIC: ClassVar[str] = "user.exported"
        what: str
        form: str

    class CommandRefused(DomainEvent, frozen=True):
        TOPIC: ClassVar[str] = "user.command_refused"
        command: str
        target: str | None
        code: str
        message: str
        field: str | None = None

    class NoticesAcknowledged(DomainEvent, frozen=True):
        TOPIC: ClassVar[str] = "user.notices_acknowledged"
        notices: tuple[str, ...]

    class ChannelsChosen(DomainEvent, frozen=True):
        """Where they are told; what leads there is secret, and only in the vault."""

        TOPIC: ClassVar[str] = "user.channels_chosen"
        kinds: tuple[Channel, ...]
        count: int

    @triggers(Registered)
    def __init__(
        self, email: str, name: str, roles: tuple[Role, ...], preferences: Preferences
    ) -> None:
        self.email = email
        self.name = name
        self.roles = frozenset(roles)
        self.preferences = preferences
        self.status = UserStatus.ACTIVE
        self.accounts: tuple[str, ...] = ()
        self.acknowledged: frozenset[str] = frozenset()

    @classmethod
    def register(
        cls, user_id: str, *, email: str, name: str, roles: set[Role], preferences: Preferences
    ) -> Self:
        """Register under the id given; e-mail addresses differ by more than case."""
        given = _roles(roles)
        return cls._create(
            cls.Registered,
            id=user_id,
            email=email.strip().lower(),
            name=name,
            roles=given,
            preferences=preferences,
        )

    @property
    def owner(self) -> str:
        return self.id

    # ── what the user or an admin asks ────────────────────────────────────────────────────

    def update_profile(self, email: str | None, name: str, preferences: Preferences) -> None:
        """Change name and preferences; the address is how one signs in, and stays."""
        if email is not None and email.strip().lower() != self.email:
            raise Refused("email-fixed", "the e-mail address cannot be changed", "email")
        if (name, preferences) != (self.name, self.preferences):
            self._profile_updated(name, preferences)

    @triggers(ProfileUpdated)
    def _profile_updated(self, name: str, preferences: Preferences) -> None:
        self.name = name
        self.preferences = preferences
        self.edition += 1

    def change_roles(self, roles: set[Role], by: str) -> None:
        """Give exactly these roles; an admin keeps that role, so that one always remains."""
        if by == self.id and Role.ADMIN in self.roles - roles:
            raise Refused("own-admin-role", "an admin cannot give up that role alone", "roles")
        if roles != self.roles:
            self._roles_changed(_roles(roles))

    @triggers(RolesChanged)
    def _roles_changed(self, roles: tuple[Role, ...]) -> None:
        self.roles = frozenset(roles)
        self.edition += 1

    def disable(self, reason: str, by: str) -> None:
        if by == self.id:
            raise Refused("own-account", "nobody can disable themselves")
        if self.status is UserStatus.ACTIVE:
            self.trigger_event(User.Disabled, reason=reason)

    @triggers(Disabled)
    def _disabled(self) -> None:
        self.status = UserStatus.DISABLED
        self.edition += 1

    def enable(self) -> None:
        if self.status is UserStatus.DISABLED:
            self._enabled()

    @triggers(Enabled)
    def _enabled(self) -> None:
        self.status = UserStatus.ACTIVE
        self.edition += 1

    def link(self, account_id: str) -> None:
        if account_id not in self.accounts:
            self._linked(account_id)

    @triggers(AccountLinked)
    def _linked(self, account_id: str) -> None:
        self.accounts = (*self.accounts, account_id)

    def unlink(self, account_id: str) -> None:
        if account_id in self.accounts:
            self._unlinked(account_id)

    @triggers(AccountUnlinked)
    def _unlinked(self, account_id: str) -> None:
        self.accounts = tuple(each for each in self.accounts if each != account_id)

    def acknowledge(self, notices: tuple[str, ...]) -> None:
        new = tuple(dict.fromkeys(each for each in notices if each not in self.acknowledged))
        if new:
            self._acknowledged(new)

    @triggers(NoticesAcknowledged)
    def _acknowledged(self, notices: tuple[str, ...]) -> None:
        self.acknowledged |= frozenset(notices)

    @triggers(ChannelsChosen)
    def choose_channels(self, kinds: tuple[Channel, ...], count: int) -> None:
        """Be told at these from now on; the same ones again may lead elsewhere, and are news."""
        self.edition += 1

    # ── what happened, for the audit: each time is a fact of its own ──────────────────────

    @triggers(SignedIn)
    def signed_in(self, method: str, address: str | None = None) -> None:
        """Nothing to evolve."""

    @triggers(SignInFailed)
    def sign_in_failed(self, reason: str, address: str | None = None) -> None:
        """Nothing to evolve."""

    @triggers(SignedOut)
    def signed_out(self) -> None:
        """Nothing to evolve."""

    @triggers(CredentialChanged)
    def credential_changed(self, what: str) -> None:
        """Nothing to evolve: credentials live in the identity store."""

    @triggers(SecretRead)
    def secret_read(self, account_id: str, purpose: str) -> None:
        """Nothing to evolve."""

    @triggers(Exported)
    def exported(self, what: str, form: str) -> None:
        """Nothing to evolve."""

    @triggers(CommandRefused)
    def refused(
        self, command: str, target: str | None, code: str, message: str, field: str | None = None
    ) -> None:
        """Nothing to evolve."""


def _roles(roles: set[Role]) -> tuple[Role, ...]:
    if not roles:
        raise Refused("no-role", "a user needs at least one role", "roles")
    return tuple(sorted(roles))
