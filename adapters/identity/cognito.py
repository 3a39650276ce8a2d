"""Users of a Cognito pool, behind the same port as local ones; no password is kept anywhere here.

The name of a user in the pool is the platform's own id. Nothing is remembered between requests
but who signed out here, so that any worker can go on with what another began.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from typing import Final

import jwt

from adapters.identity.access import ALGORITHM as OURS
from adapters.identity.access import LIFE, AccessTokens, BadToken
from adapters.identity.cognito_admission import Admission, one_time_for_pool
from adapters.identity.cognito_authenticators import PoolAuthenticators
from adapters.identity.cognito_ended import Ended
from adapters.identity.cognito_pool import (
    CODE,
    ENROL,
    NEW_PASSWORD,
    NotRight,
    Opened,
    Pool,
    PoolUser,
)
from adapters.identity.cognito_tokens import KeysAway, PoolTokens
from adapters.identity.local import wall
from adapters.identity.passwords import check_new
from adapters.identity.terms import (
    Admitted,
    Enrolment,
    IdentityAway,
    PasswordRefused,
    Session,
    SignInRefused,
    Tokens,
)
from adapters.vault.vault import Vault
from domain.user import Role

#: The names of sessions that are none yet.
CHANGING: Final = "new-password"
ENROLLING: Final = "enrolment"


class CognitoIdentity:
    """Signs in through the pool; who still has to choose a password or enrol gets a token of ours.

    `key` signs those. `required`: the pool lets nobody in without an authenticator.
    """

    def __init__(
        self,
        pool: Pool,
        tokens: PoolTokens,
        vault: Vault,
        key: bytes,
        *,
        required: bool = True,
        now: Callable[[], datetime] = wall,
    ) -> None:
        self._pool = pool
        self._tokens = tokens
        self._admission = Admission(pool)
        self._authenticators = PoolAuthenticators(pool, vault)
        self._ours = AccessTokens(key)
        self._ended = Ended()
        self._required = required
        self._now = now

    # ── signing in and out ────────────────────────────────────────────────────────────────

    def sign_in(self, email: str, password: str, otp: str | None, address: str | None) -> Tokens:
        """Tokens for the right password and code; raises SignInRefused, and says no more."""
        email = email.strip().lower()
        opened = self._right(email, password, address)
        username = opened.username or self._known(email).username
        return self._told(self._authenticators.checked(opened, username, otp), username)

    def refresh(self, refresh_token: str, *, again: bool = False) -> Tokens:
        """A new access token; raises SignInRefused."""
        del again  # the pool does not rotate: its token is good again in any case
        try:
            opened = self._pool.refresh(refresh_token)
            username = self._tokens.read(opened.access, self._now()).username
        except (NotRight, BadToken):
            raise SignInRefused("refresh-refused", "sign in again") from None
        except KeysAway as away:
            raise IdentityAway(str(away)) from away
        # Without rotation the pool goes on with the token it was shown.
        return self._tokens_of(opened, username, opened.refresh or refresh_token)

    def session(self, access_token: str) -> Session:
        """Who is calling; raises SignInRefused."""
        try:
            if jwt.get_unverified_header(access_token).get("alg") == OURS:
                return self._unfinished(access_token)
            claims = self._tokens.read(access_token, self._now())
        except (BadToken, jwt.InvalidTokenError):
            raise SignInRefused("not-signed-in", "this is no access token of ours") from None
        except KeysAway as away:
            raise IdentityAway(str(away)) from away
        if self._ended.covers(claims.username, claims.token_id, claims.issued_at):
            raise SignInRefused("not-signed-in", "the session has ended")
        return Session(
            user_id=claims.username,
            session_id=f"{claims.username}:{claims.token_id}",
            must_change_password=False,
            expires_at=claims.expires_at,
            roles=claims.roles,
        )

    def sign_out(self, session_id: str) -> None:
        """The pool ends all sessions of a user, or none."""
        self.sign_out_everywhere(session_id.rpartition(":")[0], "signed out")

    def sign_out_everywhere(self, user_id: str, why: str) -> None:
        """Refresh tokens die at once; to other workers access tokens live out their minutes."""
        del why  # the pool keeps no reasons; the audit has them
        self._ended.add(user_id, int(self._now().timestamp()))
        with suppress(NotRight):
            self._pool.ask("admin_user_global_sign_out", Username=user_id)

    # ── passwords ─────────────────────────────────────────────────────────────────────────

    def change_password(
        self, user_id: str, current: str, new: str, otp: str | None = None
    ) -> Tokens:
        """A new password ends every session and opens one.

        Raises SignInRefused, PasswordRefused; an authenticator's code is asked for as well.
        """
        check_new(new, self._known(user_id).email)
        if new == current:
            raise PasswordRefused("the new password is the old one")
        opened = self._right(user_id, current)
        if opened.challenge == NEW_PASSWORD:
            return self._told(self._pool.respond(opened, user_id, NEW_PASSWORD=new), user_id)
        if opened.challenge != CODE:
            self._pool.set_password(user_id, new, lasting=True)
            self.sign_out_everywhere(user_id, "password changed")
            return self._told(self._right(user_id, new), user_id)
        if otp:
            # Before the code is shown: what is opened by it is the only session that stays.
            self.sign_out_everywhere(user_id, "password changed")
        opened = self._authenticators.checked(opened, user_id, otp)
        self._pool.ask_as_user(
            "change_password",
            AccessToken=opened.access,
            PreviousPassword=current,
            ProposedPassword=new,
        )
        return self._told(opened, user_id)

    def reset(self, user_id: str) -> str:
        """A one-time password, without an authenticator; raises LookupError for a stranger."""
        password = one_time_for_pool()
        try:
            self._pool.set_password(user_id, password, lasting=False)
        except NotRight:
            raise LookupError(f"{user_id} cannot sign in here") from None
        self._pool.ask_for_codes(user_id, False)
        self.sign_out_everywhere(user_id, "password reset")
        return password

    # ── who may sign in, and as what ──────────────────────────────────────────────────────

    def empty(self) -> bool:
        """Whether nobody can sign in yet."""
        return self._admission.empty()

    def admit(
        self, email: str, register: Callable[[], str], password: str | None = None
    ) -> Admitted:
        """Let a user sign in with this address; raises AddressTaken."""
        return self._admission.admit(email, register, password)

    def assign(self, user_id: str, roles: Iterable[Role]) -> None:
        """Make the user's groups these roles; who cannot sign in has none."""
        self._admission.assign(user_id, roles)

    # ── authenticators ────────────────────────────────────────────────────────────────────

    def enrol(self, user_id: str, password: str) -> Enrolment:
        """Offer a secret; it counts once a code of it was confirmed. Raises SignInRefused."""
        return self._authenticators.offer(self._right(user_id, password), self._known(user_id))

    def confirm(self, user_id: str, otp: str) -> None:
        """Ask for codes from here on; raises SignInRefused, LookupError if none was offered."""
        self._authenticators.confirm(user_id, otp)

    def forget_authenticator(self, user_id: str, password: str, otp: str) -> None:
        """Codes are no longer asked for; raises SignInRefused, LookupError if there are none."""
        if self._required:
            detail = "nobody signs in without an authenticator: an administrator can reset it"
            raise SignInRefused("authenticator-required", detail, user_id)
        opened = self._right(user_id, password)
        if opened.challenge != CODE:
            raise LookupError("no authenticator is enrolled")
        self._authenticators.checked(opened, user_id, otp)
        self._pool.ask_for_codes(user_id, False)

    def has_authenticator(self, user_id: str) -> bool:
        """Raises LookupError for a stranger."""
        return self._known(user_id).coded

    # ── what they share ───────────────────────────────────────────────────────────────────

    def _right(self, name: str, password: str, address: str | None = None) -> Opened:
        try:
            return self._pool.open(name, password, address)
        except NotRight:
            known = self._pool.find(name)  # for the audit, whoever it was
        user_id = known.username if known else None
        raise NotRight(user_id)

    def _told(self, opened: Opened, user_id: str) -> Tokens:
        if opened.access:
            return self._tokens_of(opened, user_id, opened.refresh)
        if opened.challenge not in (NEW_PASSWORD, ENROL):
            raise IdentityAway(f"the pool asks for {opened.challenge}")
        changing = opened.challenge == NEW_PASSWORD
        name = CHANGING if changing else ENROLLING
        return Tokens(
            user_id=user_id,
            access=self._ours.issue(user_id, name, self._now(), must_change=changing),
            refresh="",
            expires_in=int(LIFE.total_seconds()),
            must_change_password=changing,
            must_enrol=not changing,
        )

    def _tokens_of(self, opened: Opened, user_id: str, refresh: str) -> Tokens:
        try:
            claims = self._tokens.read(opened.access, self._now())
        except (BadToken, KeysAway) as error:
            raise IdentityAway(f"the pool's own token cannot be read: {error}") from error
        self._ended.spare(user_id, claims.token_id)
        return Tokens(
            user_id=user_id,
            access=opened.access,
            refresh=refresh,
            expires_in=opened.expires_in,
            must_change_password=False,
        )

    def _unfinished(self, token: str) -> Session:
        found = self._ours.read(token, self._now())
        return replace(found, must_enrol=found.session_id == ENROLLING)

    def _known(self, name: str) -> PoolUser:
        found = self._pool.find(name)
        if found is None:
            raise LookupError(f"{name} cannot sign in here")
        return found
