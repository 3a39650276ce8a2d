"""A restore drill: the day's events from an export into new tables, views by replay, halted."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest

from adapters.aws.exports import Spelt, scanned
from infra.config import Config
from tests.adapters.aws.exported import PREFIX as EXPORTED
from tests.adapters.aws.exported import export
from tests.emulator.compared import Shown, shown_at
from tests.emulator.day import Day, asked_of, operated
from tests.emulator.deploying import Deployed, deploy
from tests.emulator.member import soon
from tests.emulator.stage import PATH, PREFIX, Rehearsed, ground

NEW = "restored"


@dataclass(frozen=True)
class Backup:
    """Where an export lies, and what the views held that were made of its events."""

    address: str
    views: Shown


@pytest.fixture(scope="module")
def backup(day: Day, deployed: Deployed) -> Backup:
    """An export of the event table, as AWS writes it; the emulator's own holds nothing."""
    del day
    bucket = deployed.parameter(f"{PATH}/bucket/backups")
    items, views = soon(lambda: settled(deployed), "the views to be settled")
    for key, content in export(items).items():
        deployed.emulator.client("s3").put_object(Bucket=bucket, Key=key, Body=content)
    return Backup(f"s3://{bucket}/{EXPORTED}", views)


def settled(deployed: Deployed) -> tuple[list[Spelt], Shown] | None:
    """Commits, and views that hold them all; None while the projector is not that far."""
    client = deployed.emulator.client("dynamodb")
    items = list(scanned(client, f"{PREFIX}events"))
    views = shown_at(deployed, PREFIX)
    events = sum(len(item["events"]["L"]) for item in items)
    audited = [row for row in views["audit_logs"] if row[0] != row[1]]
    return (items, views) if len(audited) == events else None


@pytest.fixture(scope="module")
def restored(
    backup: Backup,
    deployed: Deployed,
    rehearsed: Rehearsed,
    known: frozenset[str],
    tmp_path_factory: pytest.TempPathFactory,
) -> str:
    """What was said of the events' way into the tables of a new stage."""
    config = Config.model_validate({**rehearsed.config.model_dump(), "stage": NEW})
    folder: Path = tmp_path_factory.mktemp("restored")
    deploy(deployed.emulator, ground(config, folder), known)
    return operated(
        deployed, "adapters.aws.restore", "--stage", NEW, "events", "--export", backup.address
    )


def test_the_views_of_a_restored_stage_are_those_of_the_lost_one(
    restored: str, backup: Backup, deployed: Deployed
) -> None:
    assert "the stage is halted" in restored

    operated(deployed, "adapters.aws.restore", "--stage", NEW, "views")

    assert shown_at(deployed, f"atp-{NEW}-") == backup.views


def test_the_restored_chains_hold_against_the_seals_of_the_lost_stage(
    restored: str, deployed: Deployed
) -> None:
    del restored
    digests = deployed.parameter(f"{PATH}/bucket/digests")

    said = operated(deployed, "adapters.aws.restore", "--stage", NEW, "audit", "--seals", digests)

    assert said.splitlines()[1:] == [], said


def test_nothing_is_sent_before_every_account_agrees_with_its_broker(
    restored: str, deployed: Deployed
) -> None:
    del restored

    said = asked_of(
        deployed, "adapters.aws.restore", "--stage", NEW, "release", "--reason", "the drill is over"
    )

    assert (said.returncode, said.stderr.startswith("stopped: ACC-")) == (1, True), said.stderr
