"""Authenticator apps in the user pool: offered in one request, confirmed in another."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import pyotp

from adapters.identity.authenticators import ISSUER
from adapters.identity.cognito_pool import CODE, NotRight, Opened, Pool, PoolUser, WrongCode
from adapters.identity.terms import Enrolment, SignInRefused
from adapters.vault.vault import SecretMissing, Vault


@dataclass(frozen=True)
class PoolAuthenticators:
    """What waits for its code lies in the vault, as any worker may be asked next."""

    pool: Pool
    vault: Vault = field(repr=False)

    def offer(self, opened: Opened, known: PoolUser) -> Enrolment:
        """A secret to whoever just showed their password; raises SignInRefused."""
        if opened.challenge == CODE:
            detail = "an authenticator is enrolled: an administrator can reset it"
            raise SignInRefused("authenticator-enrolled", detail, known.username)
        proof = {"Session": opened.session} if opened.challenge else {"AccessToken": opened.access}
        told = self.pool.ask_as_user("associate_software_token", **proof)
        if opened.challenge:
            proof = {"Session": told["Session"]}
        self.vault.write(_offer(known.username), proof)
        secret = str(told["SecretCode"])
        uri = pyotp.TOTP(secret).provisioning_uri(name=known.email, issuer_name=ISSUER)
        return Enrolment(secret=secret, uri=uri)

    def confirm(self, user_id: str, otp: str) -> None:
        """Raises SignInRefused for a wrong code, LookupError where none is waited for."""
        try:
            proof = self.vault.anew(_offer(user_id))
            with _code_of(user_id):
                self.pool.ask_as_user("verify_software_token", UserCode=otp, **proof)
        except SecretMissing:
            raise LookupError("no authenticator was offered") from None
        except NotRight:
            raise LookupError("the offer is too old: ask for another") from None
        self.pool.ask_for_codes(user_id, True)
        self.vault.forget(_offer(user_id))

    def checked(self, opened: Opened, user_id: str, otp: str | None) -> Opened:
        """Signed in with the code, where one is asked for; raises SignInRefused."""
        if opened.challenge != CODE:
            return opened
        if not otp:
            raise SignInRefused("otp-required", "a code of your authenticator is needed", None)
        with _code_of(user_id):
            return self.pool.respond(opened, user_id, SOFTWARE_TOKEN_MFA_CODE=otp)


@contextmanager
def _code_of(user_id: str) -> Iterator[None]:
    try:
        yield
    except WrongCode:
        raise WrongCode(user_id) from None


def _offer(user_id: str) -> str:
    """Where what was offered waits for its code; as a session it leaves no copy behind."""
    return f"identity/{user_id}/session"
