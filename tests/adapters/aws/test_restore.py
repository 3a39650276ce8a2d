"""A stage is restored from the operator's command line, step by step, while its broker goes on."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import time, timedelta
from pathlib import Path

import boto3
import pytest

from adapters.aws import restore
from adapters.aws.deployed import KNOWN_AS
from adapters.aws.platform import AwsPlatform, open_platform
from adapters.aws.restore import parsed, told
from adapters.reconciling import StillHalted
from adapters.store.dynamodb_table import create_table
from domain.calendar import at_ist, ist_date
from domain.run import Run
from domain.run_terms import Stage
from domain.user import Role
from projections.catalogue import CATALOGUE
from tests.adapters.api.practice import Person, condor, made, ok
from tests.adapters.aws.exported import PREFIX, export
from tests.adapters.aws.house import MORNING, REGION, House
from tests.adapters.identity.cognito_pool import PlayedPool

OPEN = at_ist(ist_date(MORNING), time(9, 30))


def step(aws: AwsPlatform, *arguments: str) -> list[str]:
    """What that step of the restore says."""
    return list(told(aws, parsed(arguments)))


def passed(house: House, seconds: float) -> None:
    house.clock.advance_to(house.clock.now() + timedelta(seconds=seconds))


def follow(house: House, aws: AwsPlatform, run_id: str) -> None:
    """A minute in which somebody follows the run."""
    for _ in range(60):
        aws.platform.engine.follow(run_id, house.clock.now())
        passed(house, 1)


@pytest.fixture
def entered(house: House, trader: Person, account_id: str) -> str:
    """A run that holds its four legs."""
    house.clock.advance_to(OPEN)
    targets = [{"account_id": account_id, "multiplier": 1}]
    basket_id = trader.basket(targets=targets)["basket_id"]
    strategy_id = made(trader.post(f"/baskets/{basket_id}/strategies", condor()))["strategy_id"]
    ok(trader.post(f"/strategies/{strategy_id}/activate"))
    ok(trader.post(f"/baskets/{basket_id}/activate"))
    run_id: str = made(trader.post(f"/strategies/{strategy_id}/runs"))["runs"][0]["run_id"]
    follow(house, house.platform, run_id)
    assert house.platform.trading.load(run_id, Run).stage is Stage.OPEN
    house.project()
    return run_id


@pytest.fixture
def new(house: House, tmp_path: Path) -> Iterator[AwsPlatform]:
    """Another stage, deployed as far as its data; the vault is the one that was."""
    old = house.platform.settings
    prefix = f"{old.prefix}again-"
    settings = old.model_copy(update={"prefix": prefix, "events_table": f"{prefix}events"})
    create_table(house.platform.recorder.client, settings.events_table)
    aws = open_platform(settings, house.platform.clients, tmp_path / "again", house.clock)
    aws.tables.create(*(model.shape for model in CATALOGUE))
    yield aws
    aws.close()


def test_a_restored_stage_sends_nothing_until_its_accounts_agree(
    house: House, account_id: str, entered: str, new: AwsPlatform
) -> None:
    events = step(new, "events", "--table", house.platform.settings.events_table)
    assert events[-1] == "the stage is halted until every account was compared"
    shares = [step(new, "views", "--share", each) for each in ("1/2", "2/2")]
    assert all("when all have done their share" in each[1] for each in shares)
    assert step(new, "views")[1] == "the views are complete"
    assert step(new, "audit")[0].endswith("0 seals")
    before = new.broker(account_id).orders()
    new.trading.load(entered, Run)

    follow(house, new, entered)

    assert new.broker(account_id).orders() == before
    assert step(new, "compare")[0] == f"{account_id}: agrees"
    (record,) = step(new, "release", "--reason", "compared")
    assert '"released": "compared"' in record
    assert new.halting.reason() is None
    assert step(new, "release", "--reason", "again") == ["it was not halted"]


def test_the_released_stage_leaves_what_the_lost_one_had_entered(
    house: House, account_id: str, entered: str, new: AwsPlatform
) -> None:
    step(new, "events", "--table", house.platform.settings.events_table)
    step(new, "views")
    step(new, "release", "--reason", "compared")

    house.clock.advance_to(at_ist(ist_date(MORNING), time(15, 0)))
    for _ in range(4):
        follow(house, new, entered)

    assert new.trading.load(entered, Run).stage.ended
    assert {each.quantity for each in new.broker(account_id).positions()} <= {0}


def test_a_stage_restored_from_before_its_entry_is_released_by_naming_what_is_there(
    house: House, entered: str, new: AwsPlatform
) -> None:
    objects = [
        item
        for page in house.platform.recorder.client.get_paginator("scan").paginate(
            TableName=house.platform.settings.events_table
        )
        for item in page["Items"]
        if item["pk"]["S"] != entered
    ]
    client = house.platform.clients.s3
    bucket = house.platform.settings.told("artifacts_bucket")
    for key, content in export(objects).items():
        client.put_object(Bucket=bucket, Key=key, Body=content)

    step(new, "events", "--export", f"s3://{bucket}/{PREFIX}")
    step(new, "views")
    (compared, _) = step(new, "compare")

    names = compared.partition(": ")[2].split("; ")
    assert len(names) == 4  # the legs of a run of which nothing is known any more
    with pytest.raises(StillHalted):
        step(new, "release", "--reason", "hoping")
    accepted = [argument for name in names for argument in ("--accept", name)]
    (record,) = step(new, "release", "--reason", "closed by hand", *accepted)
    assert "accepted: " in record


def test_what_stops_a_restore_is_said(
    house: House, new: AwsPlatform, capsys: pytest.CaptureFixture[str]
) -> None:
    house.admit("trader@example.com", Role.TRADER)
    ssm = boto3.client("ssm")
    settings = house.platform.settings.model_copy(update={"writer_region": REGION})
    for name, known_as in KNOWN_AS.items():
        value = str(getattr(settings, known_as))
        ssm.put_parameter(Name=f"/atp/house/{name}", Value=value, Type="String")

    code = restore.main(["--stage", "house", "events", "--table", new.settings.events_table])

    assert code == 1
    assert "holds events already" in capsys.readouterr().err


def test_everybody_is_let_in_again_where_the_pool_was_lost_too(
    house: House, new: AwsPlatform, trader: Person
) -> None:
    house.admit("gone@example.com", Role.VIEWER)
    step(new, "events", "--table", house.platform.settings.events_table)
    step(new, "views")
    pool = PlayedPool()
    found = {"user_pool": pool.id, "user_pool_client": pool.client_id}
    aws = open_platform(new.settings.model_copy(update=found), new.clients, new.folder, house.clock)

    told_first, again = step(aws, "people"), step(aws, "people")

    passwords = dict(each.split(" ") for each in told_first)
    assert set(passwords) == {trader.email, "gone@example.com"}
    assert all(len(each) > 20 for each in passwords.values())
    assert again == [f"{email} can sign in already" for email in passwords]
    groups = pool.client.admin_list_groups_for_user(UserPoolId=pool.id, Username=trader.user_id)
    assert [each["GroupName"] for each in groups["Groups"]] == ["trader"]
    aws.close()
