"""What is asked of the user pool, and what its refusals mean; none of them repeats a secret."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from botocore.exceptions import BotoCoreError, ClientError

from adapters.identity.terms import IdentityAway, PasswordRefused, SignInRefused, TooManyAttempts

NEW_PASSWORD: Final = "NEW_PASSWORD_REQUIRED"
CODE: Final = "SOFTWARE_TOKEN_MFA"
ENROL: Final = "MFA_SETUP"

#: What the pool says, in the words of signing in.
WRONG: Final = frozenset(
    ("NotAuthorizedException", "UserNotFoundException", "UserNotConfirmedException",
     "PasswordResetRequiredException")
)  # fmt: skip
WRONG_CODE: Final = frozenset(
    ("CodeMismatchException", "ExpiredCodeException", "EnableSoftwareTokenMFAException")
)
POOR: Final = frozenset(("InvalidPasswordException", "PasswordHistoryPolicyViolationException"))
OFTEN: Final = frozenset(
    ("TooManyRequestsException", "LimitExceededException", "TooManyFailedAttemptsException")
)
TAKEN: Final = frozenset(("UsernameExistsException", "AliasExistsException"))
#: The pool does not say how long; its own lockout doubles from a second to a quarter of an hour.
WAIT_S: Final = 30
POLICY: Final = (
    "a password has capital and small letters, a digit and a sign, and is none of your last ones"
)


class NotRight(SignInRefused):
    """E-mail address, password or token are not right, or there is no such user."""

    def __init__(self, user_id: str | None = None) -> None:
        super().__init__("wrong-credentials", "e-mail address or password is wrong", user_id)


class WrongCode(SignInRefused):
    """The code is not right, or was shown before."""

    def __init__(self, user_id: str | None = None) -> None:
        super().__init__("wrong-otp", "the code is wrong or was used before", user_id)


class NameTaken(Exception):
    """There is such a user already."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """How far signing in got: tokens, or what is asked next."""

    username: str | None
    challenge: str | None
    session: str = field(repr=False)
    access: str = field(repr=False)
    refresh: str = field(repr=False)
    expires_in: int


@dataclass(frozen=True, slots=True)
class PoolUser:
    username: str
    email: str
    coded: bool = False
    """Whether a code is asked for."""


@dataclass(frozen=True)
class Pool:
    """One user pool, asked as its administrator on behalf of one client."""

    client: Any = field(repr=False)  # Any: the stubs of this service are not installed
    pool_id: str
    client_id: str

    def open(self, name: str, password: str, address: str | None = None) -> Opened:
        """Begin to sign in; raises NotRight, TooManyAttempts, IdentityAway."""
        seen = {"ContextData": _context(address)} if address else {}
        return _opened(
            self.ask(
                "admin_initiate_auth",
                ClientId=self.client_id,
                AuthFlow="ADMIN_USER_PASSWORD_AUTH",
                AuthParameters={"USERNAME": name, "PASSWORD": password},
                **seen,
            )
        )

    def respond(self, opened: Opened, username: str, **answers: str) -> Opened:
        """Go on; raises NotRight, WrongCode, PasswordRefused besides."""
        return _opened(
            self.ask(
                "admin_respond_to_auth_challenge",
                ClientId=self.client_id,
                ChallengeName=opened.challenge,
                Session=opened.session,
                ChallengeResponses={"USERNAME": username, **answers},
            )
        )

    def refresh(self, token: str) -> Opened:
        return _opened(
            self.ask(
                "admin_initiate_auth",
                ClientId=self.client_id,
                AuthFlow="REFRESH_TOKEN_AUTH",
                AuthParameters={"REFRESH_TOKEN": token},
            )
        )

    def find(self, name: str) -> PoolUser | None:
        """Whoever has this name or e-mail address."""
        try:
            found = self.ask("admin_get_user", Username=name)
        except NotRight:
            return None
        emails = [each["Value"] for each in found["UserAttributes"] if each["Name"] == "email"]
        coded = CODE in found.get("UserMFASettingList", ())
        return PoolUser(str(found["Username"]), str(emails[0]) if emails else "", coded)

    def set_password(self, username: str, password: str, *, lasting: bool) -> None:
        """Raises NotRight for a stranger, PasswordRefused."""
        self.ask("admin_set_user_password", Username=username, Password=password, Permanent=lasting)

    def ask_for_codes(self, username: str, whether: bool) -> None:
        """Ask for codes at every sign-in, or forget the authenticator."""
        preferred = {"Enabled": whether, "PreferredMfa": whether}
        self.ask(
            "admin_set_user_mfa_preference", Username=username, SoftwareTokenMfaSettings=preferred
        )

    def groups(self, username: str) -> frozenset[str]:
        told = self.ask("admin_list_groups_for_user", Username=username)
        return frozenset(str(group["GroupName"]) for group in told["Groups"])

    def ask(self, what: str, **how: Any) -> Mapping[str, Any]:
        """An operation on this pool; raises what this module and `terms` name."""
        return _asked(getattr(self.client, what), UserPoolId=self.pool_id, **how)

    def ask_as_user(self, what: str, **how: Any) -> Mapping[str, Any]:
        """An operation that a user's token or session stands for."""
        return _asked(getattr(self.client, what), **how)


def _asked(ask: Any, **how: Any) -> Mapping[str, Any]:
    # Raised outside of its handler: what it came of carries the request, with its password.
    try:
        answer: Mapping[str, Any] = ask(**how)
        return answer
    except ClientError as error:
        failure = _meant(error)
    except BotoCoreError as error:
        failure = IdentityAway(type(error).__name__)
    raise failure


def _meant(error: ClientError) -> Exception:
    told = error.response.get("Error", {})
    code, message = str(told.get("Code", "")), str(told.get("Message", ""))
    if code in OFTEN or (code in WRONG and "attempts exceeded" in message):
        return TooManyAttempts(WAIT_S)
    if code in WRONG:
        return NotRight()
    if code in WRONG_CODE:
        return WrongCode()
    if code in POOR:
        return PasswordRefused(POLICY)
    if code in TAKEN:
        return NameTaken(code)
    return IdentityAway(code)


def _opened(told: Mapping[str, Any]) -> Opened:
    tokens = told.get("AuthenticationResult") or {}
    if not tokens and not told.get("ChallengeName"):
        raise SignInRefused("wrong-credentials", "the identity provider let nobody in")
    return Opened(
        username=(told.get("ChallengeParameters") or {}).get("USER_ID_FOR_SRP"),
        challenge=told.get("ChallengeName"),
        session=told.get("Session") or "",
        access=tokens.get("AccessToken", ""),
        refresh=tokens.get("RefreshToken", ""),
        expires_in=tokens.get("ExpiresIn", 0),
    )


def _context(address: str) -> Mapping[str, object]:
    """Whence somebody signs in, for the pool's protection against guessing."""
    return {"IpAddress": address, "ServerName": "api", "ServerPath": "/auth", "HttpHeaders": []}
