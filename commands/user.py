"""What may be asked about users, and what the platform reports of them."""

from __future__ import annotations

from typing import ClassVar
from zoneinfo import available_timezones

from pydantic import Field

from commands.desk import ADMINS, ANYONE, PLATFORM, Command, Desk
from domain.account import BrokerAccount
from domain.account_terms import PAPER
from domain.model import Refused
from domain.notifications import Channel
from domain.user import Preferences, Role, User


class UserCommand(Command[User], frozen=True):
    KIND = User
    user_id: str

    @property
    def stream(self) -> str:
        return self.user_id


class RegisterUser(Command[User], frozen=True):
    """Admit a user, who starts with a paper account."""

    KIND = User
    PREFIX = "USER"
    ALLOWED = ADMINS
    FOREIGN = ADMINS  # whom one request admitted, its repetition finds
    email: str = Field(pattern=r"^[^@\s]+@[^@\s]+$", max_length=254)
    name: str = Field(default="", max_length=200)
    roles: tuple[Role, ...] = (Role.TRADER,)
    preferences: Preferences = Preferences()


def register_user(command: RegisterUser, desk: Desk) -> None:
    user = User.register(
        desk.stream_id,
        email=command.email,
        name=command.name,
        roles=set(command.roles),
        preferences=_known_zone(command.preferences),
    )
    paper = BrokerAccount.link(
        desk.new_id("ACC"), user_id=user.id, broker=PAPER, account_name="Paper"
    )
    user.link(paper.id)
    desk.save(user, paper)


class UpdateProfile(UserCommand, frozen=True):
    ALLOWED = ANYONE
    email: str | None = None
    name: str = Field(default="", max_length=200)
    preferences: Preferences = Preferences()


def update_profile(command: UpdateProfile, desk: Desk) -> None:
    user = desk.load(command.user_id, User)
    user.update_profile(command.email, command.name, _known_zone(command.preferences))
    desk.save(user)


class ChangeRoles(UserCommand, frozen=True):
    ALLOWED: ClassVar[frozenset[Role]] = ADMINS
    FOREIGN = ADMINS
    roles: tuple[Role, ...]


def change_roles(command: ChangeRoles, desk: Desk) -> None:
    user = desk.load(command.user_id, User)
    user.change_roles(set(command.roles), desk.principal.user_id)
    desk.save(user)


class DisableUser(UserCommand, frozen=True):
    ALLOWED = ADMINS
    FOREIGN = ADMINS
    reason: str = Field(default="", max_length=500)


def disable_user(command: DisableUser, desk: Desk) -> None:
    user = desk.load(command.user_id, User)
    user.disable(command.reason, desk.principal.user_id)
    desk.save(user)


class EnableUser(UserCommand, frozen=True):
    ALLOWED = ADMINS
    FOREIGN = ADMINS


def enable_user(command: EnableUser, desk: Desk) -> None:
    user = desk.load(command.user_id, User)
    user.enable()
    desk.save(user)


class AcknowledgeNotices(UserCommand, frozen=True):
    ALLOWED = ANYONE
    notices: tuple[str, ...] = Field(max_length=1000)


def acknowledge_notices(command: AcknowledgeNotices, desk: Desk) -> None:
    user = desk.load(command.user_id, User)
    user.acknowledge(command.notices)
    desk.save(user)


class ChooseChannels(UserCommand, frozen=True):
    """Be told at so many places of these kinds; where they are is between caller and vault."""

    ALLOWED = ANYONE
    kinds: tuple[Channel, ...] = Field(max_length=100)
    count: int = Field(ge=0)


def choose_channels(command: ChooseChannels, desk: Desk) -> None:
    user = desk.load(command.user_id, User)
    user.choose_channels(tuple(sorted(set(command.kinds))), command.count)
    desk.save(user)


class RecordSignIn(UserCommand, frozen=True):
    ALLOWED = PLATFORM
    method: str
    address: str | None = None


def record_sign_in(command: RecordSignIn, desk: Desk) -> None:
    user = desk.load(command.user_id, User)
    user.signed_in(command.method, command.address)
    desk.save(user)


class RecordSignInFailure(UserCommand, frozen=True):
    ALLOWED = PLATFORM
    reason: str
    address: str | None = None


def record_sign_in_failure(command: RecordSignInFailure, desk: Desk) -> None:
    user = desk.load(command.user_id, User)
    user.sign_in_failed(command.reason, command.address)
    desk.save(user)


class RecordSignOut(UserCommand, frozen=True):
    ALLOWED = PLATFORM


def record_sign_out(command: RecordSignOut, desk: Desk) -> None:
    user = desk.load(command.user_id, User)
    user.signed_out()
    desk.save(user)


class RecordCredentialChange(UserCommand, frozen=True):
    """A password or an authenticator was changed; which one is all that is told."""

    ALLOWED = PLATFORM
    what: str


def record_credential_change(command: RecordCredentialChange, desk: Desk) -> None:
    user = desk.load(command.user_id, User)
    user.credential_changed(command.what)
    desk.save(user)


class RecordSecretRead(UserCommand, frozen=True):
    ALLOWED = PLATFORM
    account_id: str
    purpose: str


def record_secret_read(command: RecordSecretRead, desk: Desk) -> None:
    user = desk.load(command.user_id, User)
    user.secret_read(command.account_id, command.purpose)
    desk.save(user)


class RecordExport(UserCommand, frozen=True):
    ALLOWED = PLATFORM
    what: str
    form: str


def record_export(command: RecordExport, desk: Desk) -> None:
    user = desk.load(command.user_id, User)
    user.exported(command.what, command.form)
    desk.save(user)


def _known_zone(preferences: Preferences) -> Preferences:
    if preferences.timezone not in available_timezones():
        raise Refused(
            "unknown-timezone",
            f"{preferences.timezone} is no time zone of the IANA list",
            "preferences.timezone",
        )
    return preferences
