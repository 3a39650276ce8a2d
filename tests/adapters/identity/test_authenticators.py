"""Codes of an authenticator app: offered, confirmed, asked for, and good once."""

from __future__ import annotations

import pyotp
import pytest

from adapters.identity.local import LocalIdentity
from adapters.identity.terms import SignInRefused, TooManyAttempts
from tests.adapters.identity.conftest import ANNA, RIGHT, Wall


@pytest.fixture
def codes(identity: LocalIdentity, anna: str, wall: Wall) -> pyotp.TOTP:
    """The authenticator of a user who enrolled it a minute ago."""
    app = pyotp.TOTP(identity.enrol(anna, RIGHT).secret)
    identity.confirm(anna, app.at(wall.time))
    wall.pass_(minutes=1)
    return app


def test_an_offered_secret_is_not_asked_for_before_it_is_confirmed(
    identity: LocalIdentity, anna: str
) -> None:
    identity.enrol(anna, RIGHT)

    assert identity.sign_in(ANNA, RIGHT, None, None).user_id == anna
    assert not identity.has_authenticator(anna)


def test_once_confirmed_a_password_alone_is_not_enough(
    identity: LocalIdentity, codes: pyotp.TOTP, wall: Wall
) -> None:
    with pytest.raises(SignInRefused) as refused:
        identity.sign_in(ANNA, RIGHT, None, None)

    assert refused.value.code == "otp-required"
    assert identity.sign_in(ANNA, RIGHT, codes.at(wall.time), None).user_id


def test_a_code_is_good_once(identity: LocalIdentity, codes: pyotp.TOTP, wall: Wall) -> None:
    code = codes.at(wall.time)
    identity.sign_in(ANNA, RIGHT, code, None)

    with pytest.raises(SignInRefused) as refused:
        identity.sign_in(ANNA, RIGHT, code, None)

    assert refused.value.code == "wrong-otp"


def test_codes_cannot_be_guessed_without_end(
    identity: LocalIdentity, codes: pyotp.TOTP, wall: Wall
) -> None:
    for _ in range(5):
        with pytest.raises(SignInRefused):
            identity.sign_in(ANNA, RIGHT, "not it", None)

    with pytest.raises(TooManyAttempts):
        identity.sign_in(ANNA, RIGHT, codes.at(wall.time), None)


def test_an_authenticator_is_given_up_with_password_and_code(
    identity: LocalIdentity, anna: str, codes: pyotp.TOTP, wall: Wall
) -> None:
    with pytest.raises(SignInRefused):
        identity.forget_authenticator(anna, RIGHT, "000000")

    identity.forget_authenticator(anna, RIGHT, codes.at(wall.time))

    assert identity.sign_in(ANNA, RIGHT, None, None).user_id == anna


def test_there_is_nothing_to_confirm_or_give_up_without_one(
    identity: LocalIdentity, anna: str
) -> None:
    with pytest.raises(LookupError):
        identity.confirm(anna, "123456")
    with pytest.raises(LookupError):
        identity.forget_authenticator(anna, RIGHT, "123456")
