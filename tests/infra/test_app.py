"""Synthesis needs no network, says the same every time, and passes both reviews."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from aws_cdk import App, Stack, Validations, aws_s3
from cdk_nag import AwsSolutionsChecks

from infra.app import main
from tests.infra.templates import Stage

ROOT = Path(__file__).parents[2]


def test_without_network_and_account_the_same_templates_come_out(
    prod: Stage, reviewed: Stage
) -> None:
    assert list(prod.stacks) == list(reviewed.stacks)
    for one, other in zip(prod.files, reviewed.files, strict=True):
        assert one.read_bytes() == other.read_bytes()


def test_the_security_review_of_aws_solutions_finds_nothing(reviewed: Stage, spread: Stage) -> None:
    for stage in (reviewed, spread):
        report = json.loads((stage.folder / "validation-report.json").read_text())
        assert report["pluginReports"] == []


def test_the_security_review_does_look(tmp_path: Path) -> None:
    app = App(outdir=str(tmp_path), analytics_reporting=False)
    aws_s3.Bucket(Stack(app, "Open"), "Bucket")
    Validations.of(app).add_plugins(AwsSolutionsChecks(app))

    with pytest.raises(RuntimeError, match="server access logs disabled"):
        app.synth()


def test_what_is_reviewed_has_everything_that_configuration_can_ask_for(spread: Stage) -> None:
    desks = {"Desk-family-rao", "Desk-desk", "Monitoring-family-rao", "Monitoring-desk"}

    assert desks < set(spread.stacks)
    assert all(len(table["Replicas"]) == 2 for table in spread.tables().values())
    plan = spread.only("AWS::Backup::BackupPlan")["BackupPlan"]
    assert all(rule["CopyActions"] for rule in plan["BackupPlanRule"])


def test_cloudformation_would_take_every_template(either: Stage) -> None:
    templates = [str(file) for file in either.files]
    linter = str(Path(sys.executable).with_name("cfn-lint"))
    # W3005: the construct library says twice that a function needs its role.
    command = [linter, "--regions", "ap-south-1", "-i", "W3005", "-t", *templates]

    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)

    assert (done.returncode, done.stdout + done.stderr) == (0, "")


def test_every_template_is_within_cloudformations_limits(either: Stage) -> None:
    for file in either.files:
        assert len(file.read_text()) < 1_000_000
        assert len(json.loads(file.read_text())["Resources"]) <= 500


def test_a_stage_that_is_not_configured_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--stage", "moon"]) == 2
    assert "no stage 'moon'" in capsys.readouterr().err


def test_functions_stand_in_their_own_stack_and_no_custom_resource_is_needed(prod: Stage) -> None:
    kinds = {
        (stack, resource["Type"])
        for stack, template in prod.stacks.items()
        for resource in template["Resources"].values()
    }

    assert {stack for stack, kind in kinds if kind == "AWS::Lambda::Function"} == {"Compute"}
    assert not {kind for _, kind in kinds if kind.startswith("Custom::")}


def test_without_bundles_it_is_said_how_to_make_them(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    given = ["--stage", "prod", "--bundles", str(tmp_path), "--out", str(tmp_path / "out")]

    assert main(given) == 2

    said = capsys.readouterr().err
    assert "code.zip, libraries.zip, market.zip, watcher/Dockerfile" in said
    assert "make bundle STAGE=prod" in said
