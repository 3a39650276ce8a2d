"""The caller's own profile; and, for admins, everybody who may sign in and in which roles."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter
from pydantic import BaseModel, BeforeValidator, Field
from starlette.responses import Response

from adapters.api.auth import record
from adapters.api.callers import Caller, Editing, Posting, Reading, without
from adapters.api.context import ApiContext
from adapters.api.documents import Paged as PagedShown
from adapters.api.documents import Shown, UserShown
from adapters.api.openapi import problems
from adapters.api.problems import Declined
from adapters.api.reading import Paged, answer, listed, shown, state_of, tagged, view_of
from adapters.identity.terms import AddressTaken
from commands.desk import ADMINS
from commands.errors import NotFound
from commands.identity import derived_id
from commands.user import (
    ChangeRoles,
    DisableUser,
    EnableUser,
    RecordCredentialChange,
    RegisterUser,
    UpdateProfile,
)
from domain.user import Preferences, Role, User
from projections.document import document
from projections.users import USERS, UserRow, all_users

router = APIRouter(prefix="/users")

READ_ONLY = (
    "user_id", "created_at", "updated_at", "status", "roles", "accounts", "edition",
    "last_signed_in_at", "notices_read",
)  # fmt: skip


class Profile(BaseModel, frozen=True, extra="forbid"):
    """Name and preferences; the e-mail address is how one signs in, and stays."""

    email: str | None = Field(default=None, max_length=254)
    name: str = Field(default="", max_length=200)
    preferences: Preferences = Preferences()


ProfileSent = Annotated[Profile, BeforeValidator(without(*READ_ONLY))]


class NewUser(BaseModel, frozen=True, extra="forbid"):
    email: str = Field(pattern=r"^[^@\s]+@[^@\s]+$", max_length=254)
    name: str = Field(default="", max_length=200)
    roles: tuple[Role, ...] = (Role.TRADER,)
    preferences: Preferences = Preferences()


class RolesSent(BaseModel, frozen=True, extra="forbid"):
    roles: tuple[Role, ...]


class Reason(BaseModel, frozen=True, extra="forbid"):
    reason: str = Field(default="", max_length=500)


class NewUserShown(UserShown):
    one_time_password: str | None
    """Told this once, and to be changed at the first sign-in."""


@router.get("/profile", response_model=UserShown)
def profile(caller: Reading) -> Response:
    """The caller, as they now are."""
    return user_shown(caller.context, caller.user_id)


@router.put("/profile", response_model=UserShown, responses=problems(412))
def update_profile(body: ProfileSent, caller: Editing) -> Response:
    """Change name and preferences."""
    command = UpdateProfile(
        user_id=caller.user_id, email=body.email, name=body.name, preferences=body.preferences
    )
    caller.ask(command)
    return user_shown(caller.context, caller.user_id)


@router.get("", response_model=PagedShown[UserShown])
def users(caller: Reading, paging: Paged) -> Response:
    """Everybody, by when they registered; for admins."""
    caller.needs(ADMINS, "ListUsers")
    return listed(all_users(view_of(caller.context, USERS), **paging.paging), USERS)


@router.post("", status_code=201, response_model=NewUserShown, responses=problems(409))
def register(body: NewUser, caller: Posting) -> Response:
    """Admit a user, with a one-time password; for admins."""
    caller.needs(ADMINS, "RegisterUser")
    command = RegisterUser(**body.model_dump())

    def registered() -> str:
        return caller.ask(command).id

    try:
        admitted = caller.context.identity.admit(body.email, registered)
        user_id, told = admitted.user_id, admitted.one_time_password
    except AddressTaken as taken:
        user_id, told = _asked_before(caller, taken, command), None
    row = user_row(caller.context, user_id)
    caller.context.identity.assign(user_id, row.roles)
    known = {**document(USERS, row), "one_time_password": told}
    return answer(known, 201, tagged(row.edition, f"/users/{user_id}"))


def _asked_before(caller: Caller, taken: AddressTaken, command: RegisterUser) -> str:
    """The same request again is answered again, but its password is told only once."""
    key = caller.idempotency_key
    if key is None or derived_id("USER", caller.user_id, key) != taken.user_id:
        raise Declined(409, "email-taken", str(taken))
    return caller.ask(command).id


@router.get("/{user_id}", response_model=UserShown)
def user(user_id: str, caller: Reading) -> Response:
    """One user; admins see any, everybody sees themselves."""
    if user_id != caller.user_id:
        caller.needs(ADMINS, "SeeUser", user_id)
    return user_shown(caller.context, user_id)


@router.put("/{user_id}/roles", response_model=UserShown, responses=problems(412))
def change_roles(user_id: str, body: RolesSent, caller: Editing) -> Response:
    """Give exactly these roles; for admins."""
    changed = caller.ask(ChangeRoles(user_id=user_id, roles=body.roles))
    caller.context.identity.assign(user_id, changed.roles)
    return user_shown(caller.context, user_id)


@router.post("/{user_id}/disable", response_model=UserShown, responses=problems(409))
def disable(user_id: str, body: Reason, caller: Posting) -> Response:
    """Let the user sign in no more, and end their sessions; runs go on. For admins."""
    caller.ask(DisableUser(user_id=user_id, reason=body.reason))
    caller.context.identity.sign_out_everywhere(user_id, "disabled")
    return user_shown(caller.context, user_id)


@router.post("/{user_id}/enable", response_model=UserShown, responses=problems(409))
def enable(user_id: str, caller: Posting) -> Response:
    """Let the user sign in again; for admins."""
    caller.ask(EnableUser(user_id=user_id))
    return user_shown(caller.context, user_id)


class PasswordShown(Shown):
    """Null where the same request was answered before: it is told only once."""

    user_id: str
    one_time_password: str | None


@router.post("/{user_id}/reset-password", response_model=PasswordShown)
def reset_password(user_id: str, caller: Posting) -> Response:
    """A new one-time password, without an authenticator; ends every session. For admins."""
    caller.needs(ADMINS, "ResetPassword", user_id)
    context, key = caller.context, caller.idempotency_key
    if key is not None and key in context.bus.trading.load(user_id, User).answered:
        return answer({"user_id": user_id, "one_time_password": None})
    try:
        told = context.identity.reset(user_id)
    except LookupError as stranger:
        raise NotFound("User", user_id) from stranger
    changed = RecordCredentialChange(user_id=user_id, what="password reset")
    record(context, changed, caller.request_id, caller.user_id, key)
    return answer({"user_id": user_id, "one_time_password": told})


def user_shown(context: ApiContext, user_id: str) -> Response:
    """A user as they now are; raises NotFound."""
    row = user_row(context, user_id)
    return shown(USERS, row, row.edition)


def user_row(context: ApiContext, user_id: str) -> UserRow:
    row = state_of(context, USERS, user_id) if user_id.startswith(USERS.reads) else None
    if row is None:
        raise NotFound("User", user_id)
    return row
