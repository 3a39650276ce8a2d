"""The vault in Secrets Manager: cached, locked by our key, and silent about what it holds."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime
from traceback import format_exception
from typing import Any

import pytest
from botocore.exceptions import ClientError, ReadTimeoutError
from botocore.stub import Stubber
from moto import mock_aws

from adapters.clock import SteppedClock
from adapters.cloud import service
from adapters.vault.secrets_manager import REMEMBERED_S, SecretsManagerVault
from adapters.vault.vault import (
    BadReference,
    NotAllowed,
    SecretMissing,
    Tampered,
    Vault,
    VaultAway,
    VaultBusy,
    VaultError,
    WrongKey,
)
from tests.contracts.vault_contract import APP, SESSION, VaultContract

PREFIX = "atp/test/"
SECRET = {"api_key": "kite-app-key", "api_secret": "kite-app-secret"}

Client = Any  # the stubs of this service are not installed


@pytest.fixture(autouse=True)
def caller(monkeypatch: pytest.MonkeyPatch) -> None:
    """Somebody whom no real account knows."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"):
        monkeypatch.setenv(name, "testing")


@pytest.fixture
def client() -> Iterator[Client]:
    with mock_aws():
        client = service("secretsmanager", region="ap-south-1")
        client.meta.events.register(
            "provide-client-params.secrets-manager.PutSecretValue",
            lambda params, **_: refuse_deleted(client, params["SecretId"]),
        )
        yield client


def refuse_deleted(client: Client, name: str) -> None:
    """AWS puts no value into a secret that is marked as deleted; moto does, and keeps the mark."""
    with suppress(client.exceptions.ResourceNotFoundException):
        if "DeletedDate" in client.describe_secret(SecretId=name):
            raise ClientError({"Error": {"Code": "InvalidRequestException"}}, "PutSecretValue")


@pytest.fixture
def time() -> SteppedClock:
    return SteppedClock(datetime(2026, 8, 4, 3, 50, tzinfo=UTC))


@pytest.fixture
def vault(client: Client, time: SteppedClock) -> SecretsManagerVault:
    return opened(client, time)


def opened(client: Client, time: SteppedClock, key: str | None = None) -> SecretsManagerVault:
    return SecretsManagerVault(
        client, prefix=PREFIX, kms_key=key, monotonic=time.monotonic, sleep=time.sleep
    )


class TestContract(VaultContract):
    """Secrets Manager keeps to what all vaults keep to."""


def asked(client: Client) -> list[str]:
    """The names of the operations that are asked of the service from here on."""
    seen: list[str] = []
    client.meta.events.register(
        "before-call.secrets-manager", lambda model, **_: seen.append(model.name)
    )
    return seen


def test_it_is_a_vault(vault: SecretsManagerVault) -> None:
    kept: Vault = vault

    assert kept.refs() == ()


# ── names, keys, deletion ─────────────────────────────────────────────────────────────────


def test_names_lie_under_the_prefix_and_others_are_let_be(
    vault: SecretsManagerVault, client: Client
) -> None:
    client.create_secret(Name="atp/testing/else", SecretString="{}")
    vault.write(APP, SECRET)

    assert client.get_secret_value(SecretId=PREFIX + APP)["Name"] == PREFIX + APP
    assert vault.refs() == (APP,)


def test_signs_that_a_name_may_not_hold_come_back_in_the_reference(
    vault: SecretsManagerVault,
) -> None:
    refs = ("notify/a:b", "notify/a=3Ab", "notify/a=b")
    for ref in refs:
        vault.write(ref, {"ref": ref})

    assert vault.refs() == tuple(sorted(refs))
    assert [vault.anew(ref) for ref in refs] == [{"ref": ref} for ref in refs]


def test_a_reference_that_makes_no_name_is_refused(vault: SecretsManagerVault) -> None:
    with pytest.raises(BadReference):
        vault.write("a" + ":" * 200, SECRET)


def test_new_secrets_are_locked_with_the_platforms_key(client: Client, time: SteppedClock) -> None:
    opened(client, time, key="alias/atp-vault").write(APP, SECRET)

    assert client.describe_secret(SecretId=PREFIX + APP)["KmsKeyId"] == "alias/atp-vault"


def test_a_session_is_gone_at_once_and_an_app_may_be_restored(
    vault: SecretsManagerVault, client: Client
) -> None:
    for ref in (APP, SESSION):
        vault.write(ref, SECRET)
        vault.forget(ref)

    client.restore_secret(SecretId=PREFIX + APP)
    assert vault.read(APP) == SECRET
    with pytest.raises(client.exceptions.ResourceNotFoundException):
        client.restore_secret(SecretId=PREFIX + SESSION)


def test_more_secrets_than_a_page_are_all_told(vault: SecretsManagerVault) -> None:
    refs = tuple(f"zerodha/ACC-{number:03}/app" for number in range(120))
    for ref in refs:
        vault.write(ref, SECRET)

    assert vault.refs() == refs


# ── the cache ─────────────────────────────────────────────────────────────────────────────


def test_a_secret_is_asked_for_once_until_it_is_too_old(
    vault: SecretsManagerVault, client: Client, time: SteppedClock
) -> None:
    vault.write(APP, SECRET)
    seen = asked(client)

    for _ in range(3):
        vault.read(APP)
    assert seen == ["GetSecretValue"]

    time.sleep(REMEMBERED_S)
    vault.read(APP)
    assert seen == ["GetSecretValue"] * 2


def test_whoever_was_refused_reads_what_another_process_wrote(
    vault: SecretsManagerVault, client: Client, time: SteppedClock
) -> None:
    vault.write(SESSION, {"access_token": "monday"})
    vault.read(SESSION)
    opened(client, time).write(SESSION, {"access_token": "tuesday"})

    assert vault.read(SESSION) == {"access_token": "monday"}
    assert vault.anew(SESSION) == {"access_token": "tuesday"}
    assert vault.read(SESSION) == {"access_token": "tuesday"}


def test_what_was_read_before_a_change_is_not_remembered_after_it(
    vault: SecretsManagerVault, client: Client
) -> None:
    vault.write(SESSION, {"access_token": "monday"})

    def meanwhile(**_: object) -> None:
        client.meta.events.unregister("after-call.secrets-manager.GetSecretValue", meanwhile)
        vault.write(SESSION, {"access_token": "tuesday"})

    client.meta.events.register("after-call.secrets-manager.GetSecretValue", meanwhile)

    assert vault.read(SESSION) == {"access_token": "monday"}
    assert vault.read(SESSION) == {"access_token": "tuesday"}


def test_what_another_process_forgot_is_not_answered_once_it_was_looked_for(
    vault: SecretsManagerVault, client: Client, time: SteppedClock
) -> None:
    vault.write(SESSION, {"access_token": "monday"})
    vault.read(SESSION)
    opened(client, time).forget(SESSION)

    with pytest.raises(SecretMissing):
        vault.anew(SESSION)
    with pytest.raises(SecretMissing):
        vault.read(SESSION)


# ── what goes wrong, as the service words it ──────────────────────────────────────────────


@pytest.fixture
def words() -> Iterator[Stubber]:
    """Answers of the service, word by word, where moto knows no such word."""
    with Stubber(service("secretsmanager", region="ap-south-1")) as stubber:
        yield stubber


@pytest.fixture
def worded(words: Stubber, time: SteppedClock) -> SecretsManagerVault:
    return opened(words.client, time)


@pytest.mark.parametrize(
    ("code", "status", "kind"),
    [
        ("ResourceNotFoundException", 400, SecretMissing),
        ("InvalidRequestException", 400, SecretMissing),
        ("AccessDeniedException", 400, NotAllowed),
        ("ExpiredTokenException", 400, NotAllowed),
        ("DecryptionFailure", 400, WrongKey),
        ("ThrottlingException", 400, VaultAway),
        ("InternalServiceError", 500, VaultAway),
        ("SomethingNew", 503, VaultAway),
        ("InvalidParameterException", 400, VaultError),
    ],
)
def test_a_failure_is_told_in_the_vaults_words_and_without_the_services(
    worded: SecretsManagerVault, words: Stubber, code: str, status: int, kind: type[VaultError]
) -> None:
    words.add_client_error("get_secret_value", code, "kite-app-secret", status)

    with pytest.raises(kind, match=APP) as failed:
        worded.read(APP)

    assert "kite-app-secret" not in "".join(format_exception(failed.value))


def test_a_refused_write_carries_no_secret(worded: SecretsManagerVault, words: Stubber) -> None:
    words.add_client_error("put_secret_value", "InvalidParameterException", "kite-app-secret")

    with pytest.raises(VaultError) as failed:
        worded.write(APP, SECRET)

    assert "kite-app-secret" not in "".join(format_exception(failed.value))


def test_a_service_that_does_not_answer_is_away(vault: SecretsManagerVault, client: Client) -> None:
    def silent(**_: object) -> None:
        raise ReadTimeoutError(endpoint_url="https://secretsmanager")

    client.meta.events.register("before-send.secrets-manager", silent)

    with pytest.raises(VaultAway, match="ReadTimeoutError"):
        vault.write(APP, SECRET)


@pytest.mark.parametrize("text", ["", "no json", "[]", '{"a": {"b": 1}}'])
def test_what_is_no_secret_of_ours_is_told_without_repeating_it(
    vault: SecretsManagerVault, client: Client, text: str
) -> None:
    client.create_secret(Name=PREFIX + APP, SecretString=text or " ")

    with pytest.raises(Tampered) as told:
        vault.read(APP)

    assert str(told.value) == f"{APP} is not what was written"


GONE = "You can't perform this operation on the secret because it was marked for deletion."
SOON = "a secret with this name is already scheduled for deletion."


def test_a_name_that_is_still_being_deleted_is_waited_for(
    worded: SecretsManagerVault, words: Stubber, time: SteppedClock
) -> None:
    began = time.monotonic()
    words.add_client_error("put_secret_value", "ResourceNotFoundException", "no such secret")
    words.add_client_error("create_secret", "InvalidRequestException", SOON)
    words.add_client_error("put_secret_value", "ResourceNotFoundException", "no such secret")
    words.add_response("create_secret", {"Name": PREFIX + SESSION})

    worded.write(SESSION, {"access_token": "tuesday"})

    words.assert_no_pending_responses()
    assert time.monotonic() > began


def test_what_was_deleted_is_restored_to_be_written(
    worded: SecretsManagerVault, words: Stubber
) -> None:
    words.add_client_error("put_secret_value", "InvalidRequestException", GONE)
    words.add_response("restore_secret", {"Name": PREFIX + APP})
    words.add_response("put_secret_value", {"Name": PREFIX + APP})

    worded.write(APP, SECRET)

    words.assert_no_pending_responses()


def test_who_loses_the_race_for_a_name_writes_after_the_winner(
    worded: SecretsManagerVault, words: Stubber
) -> None:
    words.add_client_error("put_secret_value", "ResourceNotFoundException", "no such secret")
    words.add_client_error("create_secret", "ResourceExistsException", "already exists")
    words.add_response("put_secret_value", {"Name": PREFIX + APP})

    worded.write(APP, SECRET)

    words.assert_no_pending_responses()


def test_a_name_that_is_never_free_is_told(worded: SecretsManagerVault, words: Stubber) -> None:
    for _ in range(5):
        words.add_client_error("put_secret_value", "InvalidRequestException", GONE)
        words.add_client_error("restore_secret", "ResourceNotFoundException", "no such secret")

    with pytest.raises(VaultBusy, match=SESSION):
        worded.write(SESSION, {"access_token": "tuesday"})


def test_no_secret_is_logged_or_shown_at_any_level(
    vault: SecretsManagerVault, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)

    vault.write(APP, SECRET)
    vault.read(APP)
    vault.forget(APP)

    assert "kite-app" not in caplog.text + repr(vault) + repr(vars(vault))
