"""The words of signing in: what is handed out, what is known of a caller, and what is refused."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from domain.user import Role


@dataclass(frozen=True, slots=True, kw_only=True)
class Tokens:
    """What a client signs in with from here on; `access` lives for `expires_in` seconds."""

    user_id: str
    access: str
    refresh: str
    expires_in: int
    must_change_password: bool
    must_enrol: bool = False
    """An authenticator has to be enrolled before anything else is allowed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """A caller who is signed in, by the word of an access token that is still good."""

    user_id: str
    session_id: str
    must_change_password: bool
    expires_at: datetime
    must_enrol: bool = False
    roles: frozenset[Role] | None = None
    """What the identity provider grants at most; None where it knows of no roles."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Admitted:
    """A user who may sign in; the password is told once, and only to a new one."""

    user_id: str
    one_time_password: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Enrolment:
    """A secret for an authenticator app, to be confirmed with a code of it."""

    secret: str
    uri: str


class SignInRefused(Exception):
    """The caller learns no more than `code`; `user_id` is for the audit, where one is known."""

    def __init__(self, code: str, message: str, user_id: str | None = None) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.user_id = user_id


class TooManyAttempts(SignInRefused):
    """Wrong too often: nothing is looked at before `seconds` have passed."""

    def __init__(self, seconds: int, user_id: str | None = None) -> None:
        message = f"too many attempts: try again in {seconds} s"
        super().__init__("too-many-attempts", message, user_id)
        self.seconds = seconds


class IdentityAway(SignInRefused):
    """Nobody can be let in or asked for just now; `why` is for the log."""

    def __init__(self, why: str) -> None:
        super().__init__("identity-unavailable", "signing in is not possible just now")
        self.why = why


class PasswordRefused(ValueError):
    """A new password that is none: too short, too long, or the old one."""


class AddressTaken(ValueError):
    """Somebody already signs in with this e-mail address: `user_id`."""

    def __init__(self, user_id: str) -> None:
        super().__init__("somebody already signs in with this e-mail address")
        self.user_id = user_id
