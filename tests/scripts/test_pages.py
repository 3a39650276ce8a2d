"""The desk's files are put in place so that nobody is shown a page whose files are not there."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import boto3
import pytest
from moto import mock_aws

from scripts.pages import ANEW, FOR_EVER, CannotPublish, Desk, main, published
from tests.scripts.played_desk import built, laid_out

REGION = "ap-south-1"


# Any: a client of whichever service.
def client(service: str) -> Any:
    session: Any = boto3.Session("testing", "testing", region_name=REGION)
    return session.client(service)


@pytest.fixture
def account() -> Iterator[None]:
    with mock_aws():
        yield


@pytest.fixture
def desk(account: None) -> Desk:  # noqa: ARG001
    """Where a stage shows its desk; nothing is there yet."""
    return laid_out(client)


def shown(desk: Desk) -> dict[str, Any]:
    """What the bucket shows, by name."""
    s3 = client("s3")
    found = s3.list_objects_v2(Bucket=desk.bucket).get("Contents", ())
    return {each["Key"]: s3.get_object(Bucket=desk.bucket, Key=each["Key"]) for each in found}


def told(desk: Desk) -> list[list[str]]:
    """What the edge was told to ask for anew, call by call."""
    edge = client("cloudfront")
    kept = edge.list_invalidations(DistributionId=desk.distribution)["InvalidationList"]
    return [
        edge.get_invalidation(DistributionId=desk.distribution, Id=each["Id"])["Invalidation"][
            "InvalidationBatch"
        ]["Paths"]["Items"]
        for each in kept.get("Items", ())
    ]


def now() -> datetime:
    return datetime.now(UTC)


def test_files_are_kept_for_ever_and_the_page_is_asked_for_each_time(
    desk: Desk, tmp_path: Path
) -> None:
    published("dev", client, built(tmp_path / "a", "a"))

    found = shown(desk)
    assert {name: (one["ContentType"], one["CacheControl"]) for name, one in found.items()} == {
        "index.html": ("text/html; charset=utf-8", ANEW),
        "assets/index-a.js": ("text/javascript; charset=utf-8", FOR_EVER),
        "assets/index-same.css": ("text/css; charset=utf-8", FOR_EVER),
    }


def test_the_page_comes_after_all_that_it_asks_for_and_then_the_edges_are_told(
    desk: Desk, tmp_path: Path
) -> None:
    calls: list[str] = []

    def watched(service: str) -> Any:
        made = client(service)
        made.meta.events.register(
            "before-call", lambda model, params, **_: calls.append(f"{model.name} {_key(params)}")
        )
        return made

    desk = Desk(desk.bucket, desk.distribution, watched)
    desk.publish(built(tmp_path / "a", "a"), now())

    assert calls[:4] == [
        "PutObject assets/index-a.js",
        "PutObject assets/index-same.css",
        "PutObject index.html",
        "CreateInvalidation ",
    ]
    assert told(desk) == [["/", "/index.html"]]


def _key(params: Any) -> str:
    path = str(params["url_path"])
    return path.removeprefix("/") if "html" in path or "assets" in path else ""


def test_files_of_the_page_before_stay_for_whoever_has_it_open(desk: Desk, tmp_path: Path) -> None:
    desk.publish(built(tmp_path / "a", "a"), now())

    desk.publish(built(tmp_path / "b", "b"), now())

    assert {"assets/index-a.js", "assets/index-b.js"} < set(shown(desk))


def test_files_that_no_page_has_asked_for_in_a_month_go(desk: Desk, tmp_path: Path) -> None:
    desk.publish(built(tmp_path / "a", "a"), now())

    desk.publish(built(tmp_path / "b", "b"), now() + timedelta(days=31))

    # The style of both is as old, and is asked for.
    assert set(shown(desk)) == {"index.html", "assets/index-b.js", "assets/index-same.css"}


def test_a_page_is_shown_again(desk: Desk, tmp_path: Path) -> None:
    first = desk.publish(built(tmp_path / "a", "a"), now())
    second = desk.publish(built(tmp_path / "b", "b"), now())

    desk.go_back(first)

    page = shown(desk)["index.html"]
    assert b"index-a.js" in page["Body"].read()
    assert (page["ContentType"], page["CacheControl"]) == ("text/html; charset=utf-8", ANEW)
    assert (desk.page(), len(told(desk))) == (first, 3)
    assert desk.has(second)


def test_a_page_that_was_never_shown_is_not_gone_back_to(desk: Desk, tmp_path: Path) -> None:
    desk.publish(built(tmp_path / "a", "a"), now())

    assert not desk.has("another")
    with pytest.raises(CannotPublish, match="gone"):
        desk.go_back("another")


def test_where_nothing_is_shown_yet_there_is_no_page(desk: Desk) -> None:
    assert desk.page() is None


@pytest.mark.usefixtures("account")
def test_a_stage_without_its_stack_has_no_desk(tmp_path: Path) -> None:
    with pytest.raises(CannotPublish, match="deploy its stacks first"):
        published("dev", client, built(tmp_path / "a", "a"))


def test_what_was_not_built_is_not_shown(desk: Desk, tmp_path: Path) -> None:
    with pytest.raises(CannotPublish, match=r"scripts/web\.sh"):
        published("dev", client, tmp_path)

    assert shown(desk) == {}


def test_a_file_of_a_kind_that_nobody_named_is_not_shown(desk: Desk, tmp_path: Path) -> None:
    folder = built(tmp_path / "a", "a")
    (folder / "assets" / "z.exe").write_text("?")

    with pytest.raises(CannotPublish, match=r"z\.exe"):
        published("dev", client, folder)

    assert shown(desk) == {}


def test_a_bucket_that_refuses_is_said_so(desk: Desk, tmp_path: Path) -> None:
    client("s3").delete_bucket(Bucket=desk.bucket)

    with pytest.raises(CannotPublish, match="NoSuchBucket"):
        published("dev", client, built(tmp_path / "a", "a"))


def test_a_stage_that_is_not_configured_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--stage", "moon"]) == 1
    assert "no stage 'moon'" in capsys.readouterr().err
