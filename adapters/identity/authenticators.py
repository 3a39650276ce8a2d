"""Authenticator apps: a secret is offered, confirmed by a code, and then asked for."""

from __future__ import annotations

from datetime import datetime
from typing import Final

import pyotp

from adapters.identity.keys import IdentityKey
from adapters.identity.known import Known, KnownUsers
from adapters.identity.terms import Enrolment, SignInRefused

ISSUER: Final = "Algo Trading Platform"
STEP_S: Final = 30
#: A code counts in its own half minute and in the ones beside it: clocks differ.
NEIGHBOURS: Final = (0, -1, 1)


class Authenticators:
    """Codes by time (RFC 6238); each is good once."""

    def __init__(self, users: KnownUsers, key: IdentityKey) -> None:
        self._users = users
        self._key = key

    def offer(self, known: Known) -> Enrolment:
        secret = pyotp.random_base32()
        self._users.offer(known.user_id, self._key.seal(secret, known.user_id))
        uri = pyotp.TOTP(secret).provisioning_uri(name=known.email, issuer_name=ISSUER)
        return Enrolment(secret=secret, uri=uri)

    def check(self, known: Known, sealed: bytes, otp: str | None, now: datetime) -> None:
        """Raises SignInRefused: the code is missing, wrong, or was used before."""
        if not otp:
            raise SignInRefused("otp-required", "a code of your authenticator is needed", None)
        totp = pyotp.TOTP(self._key.open(sealed, known.user_id))
        present = int(now.timestamp()) // STEP_S
        for step in (present + n for n in NEIGHBOURS):
            right = pyotp.utils.strings_equal(totp.generate_otp(step), otp)
            if right and self._users.accept_step(known.user_id, step):
                return
        raise SignInRefused("wrong-otp", "the code is wrong or was used before", known.user_id)
