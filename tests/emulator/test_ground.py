"""The stacks everything stands on, deployed, and used by our code: tables, vault, people."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import count
from typing import Any

import httpx
import pyotp
import pytest
from eventsourcing.persistence import IntegrityError, StoredEvent

from adapters.identity.cognito import CognitoIdentity
from adapters.identity.cognito_pool import Pool
from adapters.identity.cognito_tokens import PoolKeys, PoolTokens
from adapters.identity.terms import SignInRefused
from adapters.store.commit_item import to_events
from adapters.store.dynamodb import DynamoDBRecorder
from adapters.vault.secrets_manager import SecretsManagerVault
from adapters.vault.vault import SecretMissing
from adapters.views.dynamodb import DynamoDBTables
from adapters.views.dynamodb_source import DynamoDBSource
from bench.history import MAPPER, household, terms, whole_run
from domain.user import Role
from infra.config import Config
from projections.advance import Parked, Projector
from projections.catalogue import CATALOGUE
from projections.feed import Feed
from projections.follower import apply_record
from projections.orders import ORDERS, orders_of
from projections.view import TableView
from tests.emulator.deploying import Deployed, deploy
from tests.emulator.ministack import REGION, MiniStack
from tests.emulator.stage import Rehearsed, ground

STAGE = "ground"
PREFIX = f"atp-{STAGE}-"
EVENTS = f"{PREFIX}events"
RUN = "RUN-STRAT-1-ACC-1-20260804-0920"
_numbers = count()


@pytest.fixture(scope="module")
def deployed(
    emulator: MiniStack,
    rehearsed: Rehearsed,
    known: frozenset[str],
    tmp_path_factory: pytest.TempPathFactory,
) -> Deployed:
    """A stage of its own, as far as its tables."""
    config = Config.model_validate({**rehearsed.config.model_dump(), "stage": STAGE})
    return deploy(emulator, ground(config, tmp_path_factory.mktemp("ground")), known)


# ── the event store and its views ─────────────────────────────────────────────────────────


@pytest.fixture(scope="module")
def recorder(deployed: Deployed) -> DynamoDBRecorder:
    return DynamoDBRecorder(deployed.emulator.client("dynamodb"), EVENTS)


def event(stream: str, version: int) -> StoredEvent:
    return StoredEvent(stream, version, "run.filled", b'{"n":%d}' % version)


def test_commits_are_kept_in_the_deployed_table_and_a_second_of_the_same_is_refused(
    recorder: DynamoDBRecorder,
) -> None:
    stream = f"TEST-{next(_numbers)}"
    recorder.insert_events([event(stream, 1), event(stream, 2)])
    other = DynamoDBRecorder(recorder.client, EVENTS)

    for version in (2, 4):
        with pytest.raises(IntegrityError):
            other.insert_events([event(stream, version)])
    other.insert_events([event(stream, 3)])

    assert [each.originator_version for each in recorder.select_events(stream)] == [1, 2, 3]


def test_every_commit_comes_out_of_the_tables_stream(
    deployed: Deployed, recorder: DynamoDBRecorder
) -> None:
    stream = f"TEST-{next(_numbers)}"

    recorder.insert_events([event(stream, 1), event(stream, 2)])

    images = [each["NewImage"] for each in streamed(deployed) if "NewImage" in each]
    (image,) = [each for each in images if each["pk"]["S"] == stream]
    assert [each.originator_version for each in to_events(image)] == [1, 2]


def streamed(deployed: Deployed) -> Iterator[Mapping[str, Any]]:
    """What the stream of the event table holds."""
    table = deployed.emulator.client("dynamodb").describe_table(TableName=EVENTS)["Table"]
    arn, client = table["LatestStreamArn"], deployed.emulator.client("dynamodbstreams")
    for shard in client.describe_stream(StreamArn=arn)["StreamDescription"]["Shards"]:
        place = client.get_shard_iterator(
            StreamArn=arn, ShardId=shard["ShardId"], ShardIteratorType="TRIM_HORIZON"
        )["ShardIterator"]
        yield from (each["dynamodb"] for each in client.get_records(ShardIterator=place)["Records"])


def test_the_deployed_tables_are_those_that_the_views_are_kept_in(deployed: Deployed) -> None:
    client = deployed.emulator.client("dynamodb")
    before = client.list_tables()["TableNames"]

    DynamoDBTables(client, PREFIX).create(*(model.shape for model in CATALOGUE))

    assert client.list_tables()["TableNames"] == before


def test_a_run_is_projected_into_the_deployed_tables(
    deployed: Deployed, recorder: DynamoDBRecorder
) -> None:
    tables = DynamoDBTables(deployed.emulator.client("dynamodb"), PREFIX)
    source = DynamoDBSource(recorder)
    parked: list[Parked] = []
    projector = Projector(CATALOGUE, tables, source, MAPPER.to_domain_event, parked.append)

    events = [*whole_run(RUN, terms()), *household(1)]
    for each in events:
        recorder.insert_events([each])
        apply_record(projector, Feed(), [each])

    assert parked == []
    orders = orders_of(TableView(ORDERS, tables), "USER-1").rows
    assert [(row.txn_type, row.status) for row in orders] == [
        ("ENTRY", "COMPLETE"),
        ("EXIT", "COMPLETE"),
    ]


# ── the vault ─────────────────────────────────────────────────────────────────────────────


def test_secrets_lie_under_the_stages_path_and_key(deployed: Deployed) -> None:
    client = deployed.emulator.client("secretsmanager")
    path = deployed.parameter(f"/atp/{STAGE}/vault-path")
    vault = SecretsManagerVault(client, prefix=path, kms_key=f"alias/{PREFIX}secrets")

    vault.write("zerodha/ACC-1/app", {"api_key": "key", "api_secret": "secret"})

    assert vault.anew("zerodha/ACC-1/app")["api_secret"] == "secret"
    told = client.describe_secret(SecretId=f"{path}zerodha/ACC-1/app")
    assert told["KmsKeyId"] == f"alias/{PREFIX}secrets"
    vault.forget("zerodha/ACC-1/app")
    with pytest.raises(SecretMissing):
        vault.anew("zerodha/ACC-1/app")


def test_no_bucket_is_public(deployed: Deployed) -> None:
    s3 = deployed.emulator.client("s3")

    for bucket in deployed.of_type("Foundation", "AWS::S3::Bucket"):
        closed = s3.get_public_access_block(Bucket=bucket)["PublicAccessBlockConfiguration"]
        assert all(closed.values())


# ── people ────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def identity(deployed: Deployed) -> CognitoIdentity:
    """As the API signs people in, at the deployed pool."""
    emulator = deployed.emulator
    pool_id = deployed.parameter(f"/atp/{STAGE}/user-pool")
    client_id = deployed.parameter(f"/atp/{STAGE}/user-pool-client")
    vault = SecretsManagerVault(
        emulator.client("secretsmanager"), prefix=deployed.parameter(f"/atp/{STAGE}/vault-path")
    )

    def keys() -> Mapping[str, Any]:
        """The emulator's tokens name AWS as their issuer, and it keeps the keys itself."""
        published: Mapping[str, Any] = httpx.get(
            f"{emulator.endpoint}/{pool_id}/.well-known/jwks.json"
        ).json()
        return published

    issuer = f"https://cognito-idp.{REGION}.amazonaws.com/{pool_id}"
    tokens = PoolTokens(issuer, client_id, PoolKeys(keys))
    pool = Pool(emulator.client("cognito-idp"), pool_id, client_id)
    return CognitoIdentity(pool, tokens, vault, bytes(range(32)))


def test_an_admitted_user_enrols_and_signs_in_with_a_code_into_her_role(
    identity: CognitoIdentity,
) -> None:
    given = identity.admit("asha@example.com", lambda: "USER-ASHA").one_time_password
    assert given is not None
    first = identity.sign_in("asha@example.com", given, None, None)
    assert first.must_change_password
    identity.change_password("USER-ASHA", given, "Correct-horse battery 1")
    app = pyotp.TOTP(identity.enrol("USER-ASHA", "Correct-horse battery 1").secret)
    identity.confirm("USER-ASHA", app.now())
    identity.assign("USER-ASHA", [Role.TRADER])

    with pytest.raises(SignInRefused) as refused:
        identity.sign_in("asha@example.com", "Correct-horse battery 1", None, None)
    tokens = identity.sign_in("asha@example.com", "Correct-horse battery 1", app.now(), None)

    assert refused.value.code == "otp-required"
    session = identity.session(tokens.access)
    assert (session.user_id, session.roles) == ("USER-ASHA", frozenset((Role.TRADER,)))
    assert identity.refresh(tokens.refresh).user_id == "USER-ASHA"


def test_only_an_administrator_makes_users(deployed: Deployed) -> None:
    pool_id = deployed.parameter(f"/atp/{STAGE}/user-pool")

    pool = deployed.emulator.client("cognito-idp").describe_user_pool(UserPoolId=pool_id)

    assert pool["UserPool"]["AdminCreateUserConfig"]["AllowAdminCreateUserOnly"] is True
    assert pool["UserPool"]["MfaConfiguration"] == "ON"
