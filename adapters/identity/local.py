"""Local users: e-mail address, password and, once enrolled, a code of their authenticator."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from pathlib import Path
from threading import Lock

from adapters.identity.access import AccessTokens
from adapters.identity.attempts import Attempts
from adapters.identity.authenticators import Authenticators
from adapters.identity.file import IdentityFile
from adapters.identity.keys import IdentityKey
from adapters.identity.known import Known, KnownUsers
from adapters.identity.passwords import Passwords, check_new, one_time
from adapters.identity.sessions import Sessions
from adapters.identity.terms import (
    AddressTaken,
    Admitted,
    Enrolment,
    PasswordRefused,
    Session,
    SignInRefused,
    Tokens,
)
from domain.user import Role

FILE, KEY = "identity.sqlite", "identity.key"


def wall() -> datetime:
    """People sign in by the time on the wall, whatever day the market replays."""
    return datetime.now(UTC)


class LocalIdentity:
    """Users and sessions in a file of their own; who calls records what happened as events."""

    def __init__(
        self,
        folder: Path,
        *,
        passwords: Passwords | None = None,
        now: Callable[[], datetime] = wall,
    ) -> None:
        key = IdentityKey.at(folder / KEY)
        self._file = IdentityFile(folder / FILE)
        self._users = KnownUsers(self._file)
        self._passwords = passwords or Passwords()
        self._sessions = Sessions(self._file, AccessTokens(key.of("access")), key.of("refresh"))
        self._attempts = Attempts(self._file)
        self._authenticators = Authenticators(self._users, key)
        self._admitting = Lock()
        self._now = now

    # ── signing in and out ────────────────────────────────────────────────────────────────

    def sign_in(self, email: str, password: str, otp: str | None, address: str | None) -> Tokens:
        """Tokens for the right password and code; raises SignInRefused, saying no more than that.

        An unknown address costs the same time and earns the same answers as a wrong password.
        """
        email, now = email.strip().lower(), self._now()
        self._attempts.check(email, address, now)
        known = self._checked(self._users.by_email(email), email, password, now)
        if known.totp is not None:
            self._check_code(known, known.totp, otp, now)
        self._attempts.succeeded(email)
        if self._passwords.outdated(known.password):
            hashed = self._passwords.hash(password)
            self._users.keep_password(known.user_id, hashed, must_change=known.must_change)
        return self._sessions.open(known.user_id, now, must_change=known.must_change)

    def refresh(self, refresh_token: str, *, again: bool = False) -> Tokens:
        """The next pair of tokens; raises SignInRefused.

        `again`: whoever asks may have lost the answer to the same question a moment ago.
        """
        return self._sessions.refresh(refresh_token, self._now(), again=again)

    def session(self, access_token: str) -> Session:
        """Who is calling; raises SignInRefused."""
        return self._sessions.read(access_token, self._now())

    def sign_out(self, session_id: str) -> None:
        self._sessions.end(session_id, "signed out")

    def sign_out_everywhere(self, user_id: str, why: str) -> None:
        self._sessions.end_all(user_id, why)

    # ── passwords ─────────────────────────────────────────────────────────────────────────

    def change_password(
        self, user_id: str, current: str, new: str, otp: str | None = None
    ) -> Tokens:
        """A new password ends every session and opens one; raises SignInRefused, PasswordRefused.

        A wrong present password counts as a failed sign-in.
        """
        del otp  # who is signed in here has shown one
        known = self._asked_again(user_id, current)
        check_new(new, known.email)
        if new == current:
            raise PasswordRefused("the new password is the old one")
        self._users.keep_password(user_id, self._passwords.hash(new), must_change=False)
        self._sessions.end_all(user_id, "password changed")
        return self._sessions.open(user_id, self._now(), must_change=False)

    def reset(self, user_id: str) -> str:
        """A one-time password, without an authenticator; raises LookupError for a stranger."""
        known = self._users.by_id(user_id)
        password = one_time()
        self._users.keep_password(user_id, self._passwords.hash(password), must_change=True)
        self._users.forget_authenticator(user_id)
        self._sessions.end_all(user_id, "password reset")
        self._attempts.succeeded(known.email)
        return password

    # ── who may sign in ───────────────────────────────────────────────────────────────────

    def empty(self) -> bool:
        """Whether nobody can sign in yet."""
        return self._users.empty()

    def admit(
        self, email: str, register: Callable[[], str], password: str | None = None
    ) -> Admitted:
        """Let a user sign in with this address; `register` makes the user and tells the id.

        Without a password a one-time one is made, to be changed at the first sign-in. Raises
        AddressTaken before anybody is registered.
        """
        email = email.strip().lower()
        with self._admitting:
            known = self._users.by_email(email)
            if known is not None:
                raise AddressTaken(known.user_id)
            told = password or one_time()
            hashed = self._passwords.hash(told)
            user_id = register()
            self._users.add(user_id, email, hashed, must_change=password is None)
        return Admitted(user_id=user_id, one_time_password=None if password else told)

    def assign(self, user_id: str, roles: Iterable[Role]) -> None:
        """Roles are the user stream's: nothing is kept of them here."""

    # ── authenticators ────────────────────────────────────────────────────────────────────

    def enrol(self, user_id: str, password: str) -> Enrolment:
        """Offer a secret; it counts once a code of it was confirmed. Raises SignInRefused."""
        return self._authenticators.offer(self._asked_again(user_id, password))

    def confirm(self, user_id: str, otp: str) -> None:
        """Ask for codes from here on; raises SignInRefused, LookupError if none was offered."""
        known, now = self._users.by_id(user_id), self._now()
        if known.totp_offered is None:
            raise LookupError("no authenticator was offered")
        self._attempts.check(known.email, None, now)
        self._check_code(known, known.totp_offered, otp, now)
        self._users.enrol(user_id)

    def forget_authenticator(self, user_id: str, password: str, otp: str) -> None:
        """Codes are no longer asked for; raises SignInRefused, LookupError if there are none."""
        known = self._asked_again(user_id, password)
        if known.totp is None:
            raise LookupError("no authenticator is enrolled")
        self._check_code(known, known.totp, otp, self._now())
        self._users.forget_authenticator(user_id)

    def has_authenticator(self, user_id: str) -> bool:
        """Raises LookupError for a stranger."""
        return self._users.by_id(user_id).totp is not None

    def close(self) -> None:
        self._file.close()

    def _asked_again(self, user_id: str, password: str) -> Known:
        """A user who is signed in proves to be there."""
        known, now = self._users.by_id(user_id), self._now()
        self._attempts.check(known.email, None, now)
        checked = self._checked(known, known.email, password, now)
        self._attempts.succeeded(known.email)
        return checked

    def _checked(self, known: Known | None, email: str, password: str, now: datetime) -> Known:
        right = self._passwords.right(known.password if known else None, password)
        if known is None or not right:
            self._attempts.failed(email, now)
            user_id = known.user_id if known else None
            raise SignInRefused("wrong-credentials", "e-mail address or password is wrong", user_id)
        return known

    def _check_code(self, known: Known, sealed: bytes, otp: str | None, now: datetime) -> None:
        try:
            self._authenticators.check(known, sealed, otp, now)
        except SignInRefused as refused:
            if refused.user_id is not None:
                self._attempts.failed(known.email, now)
            raise
