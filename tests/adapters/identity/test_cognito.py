"""Users of a Cognito pool: played by moto as far as it goes, else in AWS's documented words."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyotp
import pytest
from botocore.exceptions import ReadTimeoutError
from botocore.stub import Stubber
from moto import mock_aws

from adapters.api.context import Identity
from adapters.identity.cognito import CognitoIdentity
from adapters.identity.cognito_admission import one_time_for_pool
from adapters.identity.terms import (
    IdentityAway,
    PasswordRefused,
    SignInRefused,
    TooManyAttempts,
)
from adapters.vault.file import FileVault
from domain.user import Role
from tests.adapters.identity.cognito_pool import PlayedPool, with_codes
from tests.contracts.identity_contract import ANNA, BETTER, RIGHT, IdentityContract


@pytest.fixture
def played(monkeypatch: pytest.MonkeyPatch) -> Iterator[PlayedPool]:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"):
        monkeypatch.setenv(name, "testing")
    with_codes(monkeypatch)
    with mock_aws():
        yield PlayedPool()


@pytest.fixture
def vault(tmp_path: Path) -> FileVault:
    return FileVault(tmp_path / "vault.json", bytes(range(32)))


@pytest.fixture
def identity(played: PlayedPool, vault: FileVault) -> CognitoIdentity:
    return played.identity(vault)


@pytest.fixture
def anna(identity: CognitoIdentity) -> str:
    return identity.admit(ANNA, lambda: "USER-ANNA", RIGHT).user_id


class TestContract(IdentityContract):
    """A pool's users keep to what all identities keep to."""


def test_it_is_an_identity(identity: CognitoIdentity) -> None:
    known: Identity = identity

    assert known


def test_a_pool_is_empty_until_somebody_is_admitted(identity: CognitoIdentity) -> None:
    assert identity.empty()
    identity.admit(ANNA, lambda: "USER-ANNA")
    assert not identity.empty()


# ── roles ─────────────────────────────────────────────────────────────────────────────────


def test_groups_are_the_roles_that_a_session_has_at_most(
    identity: CognitoIdentity, anna: str
) -> None:
    identity.assign(anna, [Role.TRADER, Role.ADMIN])
    identity.assign(anna, [Role.TRADER, Role.AUDITOR])

    session = identity.session(identity.sign_in(ANNA, RIGHT, None, None).access)

    assert session.roles == frozenset((Role.TRADER, Role.AUDITOR))


def test_groups_that_are_no_roles_are_let_be(
    identity: CognitoIdentity, anna: str, played: PlayedPool
) -> None:
    played.client.create_group(UserPoolId=played.id, GroupName="family")
    played.client.admin_add_user_to_group(UserPoolId=played.id, Username=anna, GroupName="family")

    identity.assign(anna, [])

    told = played.client.admin_list_groups_for_user(UserPoolId=played.id, Username=anna)
    assert [group["GroupName"] for group in told["Groups"]] == ["family"]
    assert identity.session(identity.sign_in(ANNA, RIGHT, None, None).access).roles == frozenset()


def test_who_cannot_sign_in_is_in_no_group(identity: CognitoIdentity) -> None:
    identity.assign("USER-NOBODY", [Role.TRADER])

    assert identity.empty()


# ── authenticators ────────────────────────────────────────────────────────────────────────


@pytest.fixture
def codes(identity: CognitoIdentity, anna: str) -> pyotp.TOTP:
    """The authenticator of a user who enrolled it."""
    app = pyotp.TOTP(identity.enrol(anna, RIGHT).secret)
    identity.confirm(anna, app.now())
    return app


def test_an_offered_secret_can_be_scanned_and_is_kept_in_the_vault_only(
    identity: CognitoIdentity, anna: str, vault: FileVault
) -> None:
    offered = identity.enrol(anna, RIGHT)

    assert pyotp.parse_uri(offered.uri).name == ANNA
    assert pyotp.parse_uri(offered.uri).secret == offered.secret
    assert vault.refs() == (f"identity/{anna}/session",)


def test_once_confirmed_a_password_alone_is_not_enough(
    identity: CognitoIdentity, codes: pyotp.TOTP, vault: FileVault
) -> None:
    with pytest.raises(SignInRefused) as refused:
        identity.sign_in(ANNA, RIGHT, None, None)

    assert refused.value.code == "otp-required"
    assert identity.sign_in(ANNA, RIGHT, codes.now(), "192.0.2.1").user_id == "USER-ANNA"
    assert vault.refs() == ()


def test_a_wrong_code_lets_nobody_in_and_confirms_nothing(
    identity: CognitoIdentity, anna: str
) -> None:
    app = pyotp.TOTP(identity.enrol(anna, RIGHT).secret)
    wrong = f"{(int(app.now()) + 1) % 1_000_000:06}"

    with pytest.raises(SignInRefused) as refused:
        identity.confirm(anna, wrong)

    assert (refused.value.code, refused.value.user_id) == ("wrong-otp", anna)
    assert identity.sign_in(ANNA, RIGHT, None, None).user_id == anna


def test_who_is_enrolled_is_offered_no_other_secret(
    identity: CognitoIdentity, anna: str, codes: pyotp.TOTP
) -> None:
    assert codes
    with pytest.raises(SignInRefused) as refused:
        identity.enrol(anna, RIGHT)

    assert refused.value.code == "authenticator-enrolled"


def test_who_is_enrolled_changes_the_password_with_a_code(
    identity: CognitoIdentity, anna: str, codes: pyotp.TOTP
) -> None:
    before = identity.sign_in(ANNA, RIGHT, codes.now(), None)
    with pytest.raises(SignInRefused, match="code"):
        identity.change_password(anna, RIGHT, BETTER)
    assert identity.session(before.access).user_id == anna

    after = identity.change_password(anna, RIGHT, BETTER, codes.now())

    assert identity.session(after.access).user_id == anna
    with pytest.raises(SignInRefused):
        identity.session(before.access)
    assert identity.sign_in(ANNA, BETTER, codes.now(), None).user_id == anna


def test_a_reset_takes_the_authenticator_away(
    identity: CognitoIdentity, anna: str, codes: pyotp.TOTP
) -> None:
    assert codes
    told = identity.reset(anna)

    tokens = identity.change_password(anna, told, BETTER)

    assert identity.session(tokens.access).user_id == anna


def test_an_authenticator_is_given_up_where_the_pool_needs_none(
    identity: CognitoIdentity, anna: str, codes: pyotp.TOTP
) -> None:
    identity.forget_authenticator(anna, RIGHT, codes.now())

    assert identity.sign_in(ANNA, RIGHT, None, None).user_id == anna
    with pytest.raises(LookupError):
        identity.forget_authenticator(anna, RIGHT, codes.now())


def test_an_authenticator_is_not_given_up_where_the_pool_needs_one(
    played: PlayedPool, vault: FileVault, anna: str
) -> None:
    with pytest.raises(SignInRefused) as refused:
        played.identity(vault, required=True).forget_authenticator(anna, RIGHT, "000000")

    assert refused.value.code == "authenticator-required"


# ── a pool that lets nobody in without an authenticator, in AWS's words ───────────────────


@pytest.fixture
def words(played: PlayedPool) -> Iterator[Stubber]:
    """Answers as AWS documents them, where moto has no such answer."""
    with Stubber(played.client) as stubber:
        yield stubber


def challenge(name: str, **parameters: str) -> dict[str, Any]:
    told = {"USER_ID_FOR_SRP": "USER-ANNA", **parameters}
    return {"ChallengeName": name, "Session": "S" * 40, "ChallengeParameters": told}


OFFERED = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
USER = {"Username": "USER-ANNA", "UserAttributes": [{"Name": "email", "Value": ANNA}]}


def test_who_has_no_authenticator_may_do_nothing_but_enrol(
    played: PlayedPool, vault: FileVault, words: Stubber
) -> None:
    identity = played.identity(vault, required=True)
    setup = challenge("MFA_SETUP", MFAS_CAN_SETUP='["SOFTWARE_TOKEN_MFA"]')
    words.add_response("admin_initiate_auth", setup)

    tokens = identity.sign_in("USER-ANNA", RIGHT, None, None)

    session = identity.session(tokens.access)
    assert (session.user_id, session.must_enrol) == ("USER-ANNA", True)
    assert not session.must_change_password
    assert (tokens.must_enrol, tokens.refresh) == (True, "")


def test_a_first_sign_in_goes_by_password_and_authenticator_to_a_session(
    played: PlayedPool, vault: FileVault, words: Stubber
) -> None:
    identity = played.identity(vault, required=True)
    setup = challenge("MFA_SETUP", MFAS_CAN_SETUP='["SOFTWARE_TOKEN_MFA"]')
    words.add_response("admin_initiate_auth", challenge("NEW_PASSWORD_REQUIRED"))
    words.add_response("admin_get_user", USER)
    words.add_response("admin_initiate_auth", challenge("NEW_PASSWORD_REQUIRED"))
    words.add_response("admin_respond_to_auth_challenge", setup)
    words.add_response("admin_initiate_auth", setup)
    words.add_response("admin_get_user", USER)
    words.add_response("associate_software_token", {"SecretCode": OFFERED, "Session": "T" * 40})
    words.add_response(
        "verify_software_token",
        {"Status": "SUCCESS", "Session": "U" * 40},
        {"UserCode": "123456", "Session": "T" * 40},
    )
    words.add_response("admin_set_user_mfa_preference", {})

    first = identity.sign_in("USER-ANNA", "one-time", None, None)
    changed = identity.change_password("USER-ANNA", "one-time", BETTER)
    offered = identity.enrol("USER-ANNA", BETTER)
    identity.confirm("USER-ANNA", "123456")

    assert first.must_change_password
    assert (changed.must_change_password, changed.must_enrol) == (False, True)
    assert offered.secret == OFFERED
    words.assert_no_pending_responses()


@pytest.mark.parametrize(
    ("code", "message", "kind"),
    [
        ("NotAuthorizedException", "Password attempts exceeded", TooManyAttempts),
        ("TooManyRequestsException", "Too many requests", TooManyAttempts),
        ("InternalErrorException", "Internal error", IdentityAway),
        ("ResourceNotFoundException", "User pool does not exist.", IdentityAway),
    ],
)
def test_a_refusal_is_told_in_the_words_of_signing_in(
    identity: CognitoIdentity, words: Stubber, code: str, message: str, kind: type[SignInRefused]
) -> None:
    words.add_client_error("admin_initiate_auth", code, message)

    with pytest.raises(kind) as refused:
        identity.sign_in("USER-ANNA", RIGHT, None, None)

    assert refused.value.__context__ is None


@pytest.mark.parametrize(
    ("code", "message"),
    [
        ("NotAuthorizedException", "Incorrect username or password."),
        ("NotAuthorizedException", "Temporary password has expired and must be reset by an ..."),
        ("UserNotFoundException", "User does not exist."),
        ("PasswordResetRequiredException", "Password reset required for the user"),
    ],
)
def test_whatever_is_wrong_with_a_password_has_one_answer(
    identity: CognitoIdentity, words: Stubber, code: str, message: str
) -> None:
    words.add_client_error("admin_initiate_auth", code, message)
    words.add_client_error("admin_get_user", "UserNotFoundException", "User does not exist.")

    with pytest.raises(SignInRefused) as refused:
        identity.sign_in("USER-ANNA", RIGHT, None, None)

    assert refused.value.code == "wrong-credentials"
    assert refused.value.message == "e-mail address or password is wrong"


@pytest.mark.parametrize("code", ["CodeMismatchException", "ExpiredCodeException"])
def test_a_code_that_was_used_before_is_no_code(
    identity: CognitoIdentity, words: Stubber, code: str
) -> None:
    words.add_response("admin_initiate_auth", challenge("SOFTWARE_TOKEN_MFA"))
    words.add_client_error(
        "admin_respond_to_auth_challenge", code, "Your software token has already been used once."
    )

    with pytest.raises(SignInRefused) as refused:
        identity.sign_in("USER-ANNA", RIGHT, "123456", None)

    assert (refused.value.code, refused.value.user_id) == ("wrong-otp", "USER-ANNA")


def test_an_offer_that_is_too_old_has_to_be_asked_for_again(
    identity: CognitoIdentity, words: Stubber, vault: FileVault
) -> None:
    vault.write("identity/USER-ANNA/session", {"Session": "T" * 40})
    words.add_client_error(
        "verify_software_token", "NotAuthorizedException", "Invalid session for the user."
    )

    with pytest.raises(LookupError, match="too old"):
        identity.confirm("USER-ANNA", "123456")


def test_a_password_of_before_is_refused(identity: CognitoIdentity, words: Stubber) -> None:
    words.add_response("admin_get_user", USER)
    words.add_response("admin_initiate_auth", challenge("NEW_PASSWORD_REQUIRED"))
    words.add_client_error(
        "admin_respond_to_auth_challenge", "PasswordHistoryPolicyViolationException", "used before"
    )

    with pytest.raises(PasswordRefused):
        identity.change_password("USER-ANNA", RIGHT, BETTER)


def test_a_challenge_nobody_knows_here_lets_nobody_in(
    identity: CognitoIdentity, words: Stubber
) -> None:
    words.add_response("admin_initiate_auth", challenge("SMS_MFA"))

    with pytest.raises(IdentityAway):
        identity.sign_in("USER-ANNA", RIGHT, None, None)


def test_a_pool_that_does_not_answer_is_away_and_nobody_s_fault(
    identity: CognitoIdentity, played: PlayedPool
) -> None:
    def silent(**_: object) -> None:
        raise ReadTimeoutError(endpoint_url="https://cognito-idp")

    played.client.meta.events.register("before-send.cognito-idp", silent)

    with pytest.raises(IdentityAway) as away:
        identity.sign_in("USER-ANNA", RIGHT, None, None)

    assert away.value.why == "ReadTimeoutError"


# ── secrets ───────────────────────────────────────────────────────────────────────────────


def test_no_secret_is_logged_or_shown(
    identity: CognitoIdentity, anna: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)

    tokens = identity.sign_in(ANNA, RIGHT, None, None)
    secret = identity.enrol(anna, RIGHT).secret
    with pytest.raises(SignInRefused):
        identity.sign_in(ANNA, "another secret", None, None)

    shown = caplog.text + repr(identity) + repr(vars(identity))
    held = (RIGHT, "another secret", secret, tokens.access, tokens.refresh)
    assert [each for each in held if each in shown] == []


def test_a_one_time_password_has_every_kind_of_sign() -> None:
    for _ in range(50):
        told = one_time_for_pool()
        assert any(c.islower() for c in told)
        assert any(c.isupper() for c in told)
        assert any(c.isdigit() for c in told)
        assert "-" in told
