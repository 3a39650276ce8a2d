"""What is released is noted once it is well, and gone back to when what follows is not."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import boto3
import pytest
from moto import mock_aws

from scripts.pages import Desk
from scripts.pipeline import ADDRESS, DESK, Pipeline, promoted
from scripts.release import CannotRelease, Releases, main, roll_back
from tests.scripts.played_desk import built, laid_out

REGION = "ap-south-1"
NOW = datetime(2026, 11, 20, 4, 0, tzinfo=UTC)
FIRST, SECOND, THIRD = (letter * 40 for letter in "abc")
URL, DESK_URL = "https://api.example.com", "https://desk.example.com"


class Stage:
    """Two functions by their aliases, and a watcher, in an account that moto plays."""

    def __init__(self) -> None:
        session: Any = boto3.Session("testing", "testing", region_name=REGION)
        self.client = session.client
        self.functions, self.ecs = self.client("lambda"), self.client("ecs")
        trust = {"Version": "2012-10-17", "Statement": []}
        role = self.client("iam").create_role(
            RoleName="r", AssumeRolePolicyDocument=json.dumps(trust)
        )["Role"]["Arn"]
        for name in ("atp-dev-api", "atp-dev-reactor", "somebody-elses"):
            self.functions.create_function(
                FunctionName=name, Role=role, Runtime="python3.13", Handler="x.y",
                Code={"ZipFile": zipped("0")}, Publish=True,
            )  # fmt: skip
            self.functions.create_alias(FunctionName=name, Name="live", FunctionVersion="1")
        self.ecs.create_cluster(clusterName="atp-dev-desk")
        self.ecs.create_service(
            cluster="atp-dev-desk", serviceName="atp-dev-watcher", taskDefinition=self.task(),
            desiredCount=0,
        )  # fmt: skip
        for what, url in ((ADDRESS, URL), (DESK, DESK_URL)):
            self.client("ssm").put_parameter(
                Name=what.format(stage="dev"), Value=url, Type="String"
            )
        self.deployed = 0

    @property
    def releases(self) -> Releases:
        return Releases("dev", self.client)

    def task(self) -> str:
        made = self.ecs.register_task_definition(
            family="atp-dev-watcher",
            containerDefinitions=[{"name": "w", "image": "i", "memory": 512}],
        )
        return str(made["taskDefinition"]["taskDefinitionArn"])

    def deploy(self, *names: str) -> None:
        """As CloudFormation does: new versions, aliases that call them, and another task."""
        self.deployed += 1
        for name in names or ("api", "reactor"):
            full = f"atp-dev-{name}"
            self.functions.update_function_code(
                FunctionName=full, ZipFile=zipped(str(self.deployed))
            )
            version = self.functions.publish_version(FunctionName=full)["Version"]
            self.functions.update_alias(FunctionName=full, Name="live", FunctionVersion=version)
        self.ecs.update_service(
            cluster="atp-dev-desk", service="atp-dev-watcher", taskDefinition=self.task()
        )

    def live(self) -> dict[str, str]:
        names = ("atp-dev-api", "atp-dev-reactor", "somebody-elses")
        return {
            name: self.functions.get_alias(FunctionName=name, Name="live")["FunctionVersion"]
            for name in names
        }

    def watching(self) -> str:
        found = self.ecs.describe_services(cluster="atp-dev-desk", services=["atp-dev-watcher"])
        return str(found["services"][0]["taskDefinition"]).rpartition(":")[2]

    def pipeline(self, *, well: bool, code: int = 0) -> Pipeline:
        def deploy(stage: str) -> int:
            assert stage == "dev"
            if code == 0:
                self.deploy()
            return code

        looks = (lambda address: well and address == URL), (lambda address: address == DESK_URL)
        return Pipeline("dev", self.client, deploy, *looks)


def zipped(text: str) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("x.py", text)
    return packed.getvalue()


@pytest.fixture
def stage(monkeypatch: pytest.MonkeyPatch) -> Iterator[Stage]:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    with mock_aws():
        yield Stage()


def test_a_release_is_what_aliases_call_and_watchers_run(stage: Stage) -> None:
    found = stage.releases.record(FIRST, NOW)

    assert found.functions == {"api": "1", "reactor": "1"}
    assert list(found.watchers) == ["atp-dev-watcher"]
    assert stage.releases.known() == [found]


def test_the_same_is_not_noted_twice(stage: Stage) -> None:
    stage.releases.record(FIRST, NOW)

    stage.releases.record(SECOND, NOW)

    assert [each.commit for each in stage.releases.known()] == [FIRST]


def test_going_back_is_to_the_last_that_was_well(stage: Stage) -> None:
    stage.releases.record(FIRST, NOW)
    stage.deploy()
    stage.releases.record(SECOND, NOW)
    stage.deploy("api")  # never found well

    assert roll_back(stage.releases, None, ask=False) == 0

    assert stage.live() == {"atp-dev-api": "2", "atp-dev-reactor": "2", "somebody-elses": "1"}
    assert stage.watching() == "2"


def test_going_back_twice_is_to_the_one_before(stage: Stage) -> None:
    stage.releases.record(FIRST, NOW)
    stage.deploy()
    stage.releases.record(SECOND, NOW)

    assert roll_back(stage.releases, None, ask=False) == 0

    assert stage.live()["atp-dev-api"] == "1"
    assert stage.watching() == "1"
    with pytest.raises(CannotRelease, match="no release to go back to"):
        stage.releases.target()  # and never forward again to what was gone back from


def test_one_goes_back_to_a_commit_by_its_name(stage: Stage) -> None:
    for commit in (FIRST, SECOND, THIRD):
        stage.releases.record(commit, NOW)
        stage.deploy()

    assert roll_back(stage.releases, FIRST, ask=False) == 0

    assert set(stage.live().values()) == {"1"}
    with pytest.raises(CannotRelease, match="no release ffff"):
        stage.releases.target("ffff")


def test_a_version_that_is_gone_is_not_gone_back_to(stage: Stage) -> None:
    stage.releases.record(FIRST, NOW)
    stage.deploy()
    stage.functions.delete_function(FunctionName="atp-dev-reactor", Qualifier="1")

    with pytest.raises(CannotRelease, match="version 1 of reactor is gone"):
        roll_back(stage.releases, None, ask=False)

    assert stage.live()["atp-dev-api"] == "2"


def test_where_nothing_was_released_there_is_nothing_to_go_back_to(
    stage: Stage, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["rollback", "--stage", "dev", "--yes"]) == 1
    assert "no release to go back to" in capsys.readouterr().err
    assert main(["list", "--stage", "dev"]) == 0
    with pytest.raises(CannotRelease, match="deploy it first"):
        Releases("prod", stage.client).record(FIRST, NOW)


def test_nobody_is_rolled_back_unasked(stage: Stage) -> None:
    stage.releases.record(FIRST, NOW)
    stage.deploy()

    assert roll_back(stage.releases, None, ask=True) == 2

    assert stage.live()["atp-dev-api"] == "2"


# ── the way there ─────────────────────────────────────────────────────────────────────────


def test_what_is_found_well_is_released(stage: Stage) -> None:
    assert stage.pipeline(well=True).run(FIRST, NOW) == 0

    assert [each.commit for each in stage.releases.known()] == [FIRST]
    assert stage.live()["atp-dev-api"] == "2"


def test_what_is_not_well_is_gone_back_from(
    stage: Stage, capsys: pytest.CaptureFixture[str]
) -> None:
    stage.pipeline(well=True).run(FIRST, NOW)

    assert stage.pipeline(well=False).run(SECOND, NOW) == 1

    assert stage.live()["atp-dev-api"] == "2"
    assert [each.commit for each in stage.releases.known()] == [FIRST]
    assert f"back to {FIRST[:12]}" in capsys.readouterr().err


def test_a_first_deployment_that_is_not_well_stays_to_be_looked_at(
    stage: Stage, capsys: pytest.CaptureFixture[str]
) -> None:
    assert stage.pipeline(well=False).run(FIRST, NOW) == 1

    assert "no release to go back to" in capsys.readouterr().err


def test_what_could_not_be_deployed_is_not_released(stage: Stage) -> None:
    assert stage.pipeline(well=True, code=1).run(FIRST, NOW) == 1

    assert stage.releases.known() == []


def test_only_what_is_released_elsewhere_is_promoted(stage: Stage) -> None:
    with pytest.raises(CannotRelease, match="released nothing"):
        promoted(stage.releases, FIRST)
    stage.releases.record(FIRST, NOW)
    stage.deploy()

    promoted(stage.releases, FIRST)
    with pytest.raises(CannotRelease, match=f"here is {SECOND[:12]}"):
        promoted(stage.releases, SECOND)


# ── the page of the desk ──────────────────────────────────────────────────────────────────────


@pytest.fixture
def desk(stage: Stage) -> Desk:
    """Where the stage shows its desk."""
    return laid_out(stage.client)


def test_the_page_goes_back_with_what_answers_it(
    stage: Stage, desk: Desk, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    first = desk.publish(built(tmp_path / "a", "a"), NOW)
    stage.releases.record(FIRST, NOW)
    stage.deploy()
    desk.publish(built(tmp_path / "b", "b"), NOW)

    assert roll_back(stage.releases, None, ask=False) == 0

    assert desk.page() == first
    assert f"-> {first}" in capsys.readouterr().out
    # It is that release again: what is before it is older.
    assert stage.releases.running(FIRST, NOW).same_as(stage.releases.known()[0])


def test_a_new_page_is_a_release_of_its_own(stage: Stage, desk: Desk, tmp_path: Path) -> None:
    desk.publish(built(tmp_path / "a", "a"), NOW)
    stage.releases.record(FIRST, NOW)
    desk.publish(built(tmp_path / "b", "b"), NOW)

    stage.releases.record(SECOND, NOW)

    assert [each.commit for each in stage.releases.known()] == [SECOND, FIRST]


def test_a_release_whose_page_is_gone_is_not_gone_back_to(
    stage: Stage, desk: Desk, tmp_path: Path
) -> None:
    desk.publish(built(tmp_path / "a", "a"), NOW)
    stage.releases.record(FIRST, NOW)
    s3 = stage.client("s3")
    for each in s3.list_object_versions(Bucket=desk.bucket)["Versions"]:
        s3.delete_object(Bucket=desk.bucket, Key=each["Key"], VersionId=each["VersionId"])
    desk.publish(built(tmp_path / "b", "b"), NOW)

    with pytest.raises(CannotRelease, match="page of the desk is gone"):
        roll_back(stage.releases, None, ask=False)


def test_a_desk_that_is_not_well_is_no_release(stage: Stage, desk: Desk, tmp_path: Path) -> None:
    first = desk.publish(built(tmp_path / "a", "a"), NOW)
    stage.releases.record(FIRST, NOW)

    def deploy(_: str) -> int:
        desk.publish(built(tmp_path / "b", "b"), NOW)
        return 0

    pipeline = Pipeline("dev", stage.client, deploy, lambda _: True, lambda _: False)

    assert pipeline.run(SECOND, NOW) == 1
    assert desk.page() == first
