"""A stage is configured in a typed file, and whoever errs is told where."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import ValidationError

from infra.config import STAGES, BadConfiguration, Config, Egress, Replica, load

KEY = "arn:aws:kms:ap-south-2:123456789012:key/1"


@pytest.mark.parametrize("stage", sorted(path.stem for path in STAGES.glob("*.toml")))
def test_every_stage_there_is_can_be_read(stage: str) -> None:
    assert load(stage).stage == stage


def test_a_stage_that_is_not_there_is_refused_with_those_that_are() -> None:
    with pytest.raises(BadConfiguration, match=r"no stage 'moon'.*dev, emulator, prod"):
        load("moon")


def test_every_fault_of_a_stage_is_named_at_once(tmp_path: Path) -> None:
    (tmp_path / "bad.toml").write_text('region = "Mumbai"\nwarm.writes = 1\ncolour = "red"\n')

    with pytest.raises(BadConfiguration) as refused:
        load("bad", tmp_path)

    said = str(refused.value)
    assert "region: Value error, 'Mumbai' is not a region such as ap-south-1" in said
    assert "warm.writes: Input should be greater than or equal to 4000" in said
    assert "colour: Extra inputs are not permitted" in said


def test_what_is_no_toml_is_refused(tmp_path: Path) -> None:
    (tmp_path / "bad.toml").write_text("region = ")

    with pytest.raises(BadConfiguration, match=r"bad\.toml is no TOML"):
        load("bad", tmp_path)


SHARED = Egress(name="shared")


@pytest.mark.parametrize(
    ("fault", "given"),
    [
        ("serve nobody by name", {"egress": (Egress(name="a-b", serves=("ACC-1",)),)}),
        ("serve nobody by name", {"egress": (SHARED, Egress(name="other"))}),
        ("given twice: shared", {"egress": (SHARED, Egress(name="shared", serves=("ACC-1",)))}),
        (
            "given twice: USER-1",
            {
                "egress": (
                    SHARED,
                    Egress(name="one", serves=("USER-1",)),
                    Egress(name="two", serves=("USER-1",)),
                )
            },
        ),
        ("given twice: ap-south-1", {"replicas": (Replica(region="ap-south-1", key_arn=KEY),)}),
        ("neither the region nor a replica", {"writer_region": "eu-west-1"}),
        ("belong together", {"domain": "api.example.com"}),
        ("private block", {"cidr": "8.8.0.0/16"}),
        ("private block", {"cidr": "10.0.0.0/20"}),
        ("there is room for", {"egress": tuple(Egress(name=f"e{n}") for n in range(128))}),
    ],
)
def test_what_cannot_be_deployed_is_refused(fault: str, given: dict[str, object]) -> None:
    with pytest.raises(ValidationError, match=fault):
        Config.model_validate({"stage": "test", **given})


def test_an_egress_takes_as_many_allocations_as_it_has_addresses() -> None:
    with pytest.raises(ValidationError, match="shared needs 2 allocations, or none"):
        Egress(name="shared", standby=True, allocations=("eipalloc-0123456789abcdef0",))
