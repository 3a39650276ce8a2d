"""A stage is deployed where it can be, after it was shown what changes; else it is said why not."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.stub import Stubber
from moto import mock_aws

from infra.config import load
from scripts.deploy import BOOTSTRAPPED, CDK, CannotDeploy, Ground, deploy, main
from scripts.pages import CannotPublish, Desk
from tests.scripts.played_desk import built, laid_out

#: Writes down how it was called.
RECORDS = '#!/bin/sh\necho "$@" >> "$CALLS"\n'
SESSION = boto3.Session("testing", "testing", region_name="ap-south-1")
LIMIT = 1_000


def client(service: str) -> Any:  # Any: a client of whichever service
    """Of an account with the usual limit, which moto does not tell of."""
    connect: Any = SESSION.client  # stubs ask for the service's name as a literal
    made = connect(service)
    if service == "lambda":
        stub = Stubber(made)
        told = {"AccountLimit": {"ConcurrentExecutions": LIMIT}}
        stub.add_response("get_account_settings", told)
        stub.activate()
    return made


@pytest.fixture
def calls(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """What the command line of AWS CDK is asked, on a machine that has all that is needed."""
    tools = tmp_path / "tools"
    tools.mkdir()
    for name in ("npx", "docker"):
        (tools / name).write_text(RECORDS)
        (tools / name).chmod(0o755)
    monkeypatch.setenv("PATH", f"{tools}:/usr/bin:/bin")
    monkeypatch.setenv("CALLS", str(tmp_path / "calls"))
    (tmp_path / "calls").touch()
    return tmp_path / "calls"


@pytest.fixture
def assembly(tmp_path: Path) -> Path:
    (tmp_path / "manifest.json").write_text("{}")
    return tmp_path


@pytest.fixture
def account() -> Iterator[None]:
    """An AWS account that nobody prepared."""
    with mock_aws():
        yield


@pytest.fixture
def bootstrapped(account: None) -> None:  # noqa: ARG001
    SESSION.client("ssm").put_parameter(Name=BOOTSTRAPPED, Value="21", Type="String")


@pytest.fixture
def desk(tmp_path: Path) -> Path:
    """The web client, built."""
    return built(tmp_path / "desk", "a")


@pytest.mark.usefixtures("bootstrapped")
def test_what_changes_is_shown_before_it_is_deployed_and_the_desk_comes_last(
    calls: Path, assembly: Path, desk: Path
) -> None:
    place = laid_out(client)

    assert deploy(load("dev"), assembly, client, built=desk, ask=False) == 0

    shown, done = calls.read_text().splitlines()
    assert shown == f"--yes {CDK} diff --all --app {assembly}"
    assert done.startswith(f"--yes {CDK} deploy --all --require-approval never --app")
    assert Desk.of("dev", client) == place
    assert place.page() is not None


@pytest.mark.usefixtures("bootstrapped", "calls")
def test_where_the_desk_cannot_be_shown_it_is_said_so(assembly: Path, desk: Path) -> None:
    with pytest.raises(CannotPublish, match="no place for the desk"):
        deploy(load("dev"), assembly, client, built=desk, ask=False)


@pytest.mark.usefixtures("bootstrapped")
def test_without_the_desks_build_nothing_is_begun(calls: Path, assembly: Path) -> None:
    with pytest.raises(CannotDeploy, match=r"scripts/web\.sh"):
        deploy(load("dev"), assembly, client, built=assembly / "none")

    assert calls.read_text() == ""


@pytest.mark.usefixtures("bootstrapped")
def test_nothing_is_deployed_where_nobody_can_agree(
    calls: Path, assembly: Path, desk: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    assert deploy(load("dev"), assembly, client, built=desk) == 2

    assert "deploy --all" not in calls.read_text()
    assert "--yes deploys without" in capfd.readouterr().err


@pytest.mark.usefixtures("account", "calls")
def test_an_account_nobody_prepared_is_told_how_to_prepare_it(assembly: Path, desk: Path) -> None:
    with pytest.raises(CannotDeploy, match=r"bootstrap aws://123456789012/ap-south-1"):
        deploy(load("dev"), assembly, client, built=desk, ask=False)


@pytest.mark.usefixtures("bootstrapped")
def test_an_account_too_small_for_what_is_reserved_is_refused(
    calls: Path, assembly: Path, desk: Path
) -> None:
    capacity = load("prod").capacity.model_copy(update={"account_limit": 100_000})
    config = load("prod").model_copy(update={"capacity": capacity})

    with pytest.raises(CannotDeploy, match="executions at once"):
        deploy(config, assembly, client, built=desk, ask=False)

    assert calls.read_text() == ""


@pytest.mark.usefixtures("calls")
def test_without_credentials_nothing_is_begun_and_the_way_is_named(
    assembly: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_CONFIG_FILE", str(assembly / "none"))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(assembly / "none"))

    assert main(["--stage", "dev", "--assembly", str(assembly)]) == 1

    assert "no credentials that AWS takes" in capsys.readouterr().err


@pytest.mark.usefixtures("calls")
def test_what_was_not_synthesized_cannot_be_deployed(tmp_path: Path) -> None:
    with pytest.raises(CannotDeploy, match="make synth"):
        deploy(load("dev"), tmp_path / "nothing", client)


def test_a_machine_without_docker_or_node_is_told_so(
    assembly: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(assembly))

    with pytest.raises(CannotDeploy, match="npx is missing"):
        deploy(load("dev"), assembly, client)


@pytest.mark.usefixtures("account")
def test_a_region_is_known_by_its_account() -> None:
    SESSION.client("ssm").put_parameter(Name=BOOTSTRAPPED, Value="6", Type="String")

    assert Ground.of(load("dev"), client) == Ground("123456789012", "ap-south-1")
