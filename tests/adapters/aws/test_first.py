"""The first administrator of a stage."""

from __future__ import annotations

import boto3
import pytest

from adapters.aws import first
from adapters.aws.deployed import KNOWN_AS, settings_of
from adapters.aws.settings import NotConfigured
from domain.user import Role, User
from tests.adapters.aws.house import House
from tests.adapters.identity.cognito_pool import PlayedPool

BOSS = "boss@example.com"


@pytest.fixture
def deployed(house: House) -> House:
    """The parameters that the foundation of the stage leaves, and its pool."""
    pool = PlayedPool()
    told = house.platform.settings.model_copy(
        update={"user_pool": pool.id, "user_pool_client": pool.client_id, "writer_region": "x"}
    )
    ssm = boto3.client("ssm")
    for name, known_as in KNOWN_AS.items():
        value = str(getattr(told, known_as))
        ssm.put_parameter(Name=f"/atp/house/{name}", Value=value, Type="String")
    return house


def test_a_stage_is_found_by_its_parameters(deployed: House) -> None:
    found, told = settings_of("house"), deployed.platform.settings

    assert found.install == "house-123456789012"
    assert (found.prefix, found.vault_path) == (told.prefix, told.vault_path)
    assert found.artifacts_bucket == told.artifacts_bucket


@pytest.mark.usefixtures("deployed")
def test_a_stage_that_is_not_there_is_not_found() -> None:
    with pytest.raises(NotConfigured, match="/atp/moon"):
        settings_of("moon")


def test_the_first_admin_is_let_in_once(
    deployed: House, capsys: pytest.CaptureFixture[str]
) -> None:
    assert first.main(["--stage", "house", BOSS]) == 0
    shown = capsys.readouterr().out
    assert first.main(["--stage", "house", "other@example.com"]) == 0

    (user_id,) = [word.strip("().") for word in shown.split() if "USER-" in word]
    user = deployed.platform.trading.load(user_id, User)
    assert Role.ADMIN in user.roles
    assert "One-time password" in shown
    assert "somebody can sign in already" in capsys.readouterr().out
