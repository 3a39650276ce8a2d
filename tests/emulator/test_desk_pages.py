"""The desk's files put into the deployed bucket, and the deployed distribution told of them."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from adapters.api.desk import POLICY
from infra.config import Config
from scripts.pages import Desk, published
from tests.emulator.assembly import stacks
from tests.emulator.deploying import deploy
from tests.emulator.ministack import ACCOUNT, REGION, MiniStack
from tests.infra.alone import synthesize_alone
from tests.scripts.played_desk import built

STAGE = "pages"
FUNCTION = f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:atp-nobody:live"


@pytest.fixture(scope="module")
def desk(
    emulator: MiniStack, known: frozenset[str], tmp_path_factory: pytest.TempPathFactory
) -> Desk:
    """Where a stage shows its desk, as its stacks have made and noted it."""
    folder = tmp_path_factory.mktemp("pages")
    synthesize_alone(Config(stage=STAGE, kept=False), folder, FUNCTION)
    chosen = [one for one in stacks(folder, ACCOUNT, REGION) if one.id != "Monitoring"]
    deploy(emulator, chosen, known)
    found = Desk.of(STAGE, emulator.client)
    assert found is not None
    return found


def test_a_build_is_shown_and_the_one_before_again(
    emulator: MiniStack, desk: Desk, tmp_path: Path
) -> None:
    first = published(STAGE, emulator.client, built(tmp_path / "a", "a"))
    second = published(STAGE, emulator.client, built(tmp_path / "b", "b"), datetime.now(UTC))

    desk.go_back(first)

    s3 = emulator.client("s3")
    page = s3.get_object(Bucket=desk.bucket, Key="index.html")
    assert b"index-a.js" in page["Body"].read()
    assert (page["ContentType"], page["CacheControl"]) == ("text/html; charset=utf-8", "no-cache")
    assert (desk.page(), desk.has(second)) == (first, True)
    script = s3.head_object(Bucket=desk.bucket, Key="assets/index-a.js")
    assert script["CacheControl"].endswith("immutable")


def test_the_distribution_asks_files_of_the_bucket_and_the_rest_of_the_gateway(
    emulator: MiniStack, desk: Desk
) -> None:
    edge = emulator.client("cloudfront")
    config: Any = edge.get_distribution_config(Id=desk.distribution)["DistributionConfig"]

    origins = {one["Id"]: one["DomainName"] for one in config["Origins"]["Items"]}
    behaviors = {one["PathPattern"]: one for one in config["CacheBehaviors"]["Items"]}

    assert set(behaviors) == {"/", "/index.html", "/assets/*"}
    for one in behaviors.values():
        assert origins[one["TargetOriginId"]].startswith(f"{desk.bucket}.")
    asked = config["DefaultCacheBehavior"]
    assert ".execute-api." in origins[asked["TargetOriginId"]]
    policies = edge.list_response_headers_policies(Type="custom")["ResponseHeadersPolicyList"]
    assert POLICY in json.dumps(policies, default=str)


def test_only_that_distribution_reads_the_bucket(emulator: MiniStack, desk: Desk) -> None:
    told = emulator.client("s3").get_bucket_policy(Bucket=desk.bucket)["Policy"]

    (allowed,) = [one for one in json.loads(told)["Statement"] if one["Effect"] == "Allow"]

    assert allowed["Principal"] == {"Service": "cloudfront.amazonaws.com"}
    assert allowed["Condition"]["StringEquals"]["AWS:SourceArn"].endswith(
        f":distribution/{desk.distribution}"
    )
