"""What is taken out of the templates for the emulator: what is listed, and nothing else."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.emulator.assembly import Deployable
from tests.emulator.filter import UNKNOWN, CannotDeploy, deployable, left_out, references

ROOT = Path(__file__).parents[2]
KNOWN = frozenset(("AWS::S3::Bucket", "AWS::EC2::Route", "AWS::SSM::Parameter"))
NAT = {"Type": "AWS::EC2::NatGateway"}


def template(**resources: Any) -> dict[str, Any]:
    return {"Resources": resources}


def test_every_type_of_the_stage_is_known_or_listed(
    assembly: list[Deployable], known: frozenset[str]
) -> None:
    for stack in assembly:
        found = deployable(stack.template, known)

        assert {each["Type"] for each in found["Resources"].values()} <= known
        spoken_of = set(references(found)) - set(stack.template.get("Parameters", {}))
        assert {name for name in spoken_of if not name.startswith("AWS::")} <= set(
            found["Resources"]
        )


def test_nothing_is_listed_that_no_stack_has(assembly: list[Deployable]) -> None:
    used = {each["Type"] for stack in assembly for each in stack.template["Resources"].values()}

    assert used >= UNKNOWN


@pytest.mark.parametrize("kind", sorted(UNKNOWN))
def test_what_is_taken_out_is_asserted_on_the_templates(kind: str) -> None:
    asserted = [
        file for file in (ROOT / "tests/infra").glob("test_*.py") if kind in file.read_text()
    ]

    assert asserted


def test_the_operators_are_told_what_is_not_proven() -> None:
    page = (ROOT / "docs/aws.md").read_text()

    told = page.partition("## Not proven on the emulator")[2]

    assert [kind for kind in sorted(UNKNOWN) if f"`{kind}`" not in told] == []


def test_a_type_that_is_neither_known_nor_listed_is_an_error() -> None:
    with pytest.raises(CannotDeploy, match="AWS::Moon::Base"):
        deployable(template(Base={"Type": "AWS::Moon::Base"}), KNOWN)


def test_a_listed_type_that_the_emulator_has_learnt_is_an_error() -> None:
    with pytest.raises(CannotDeploy, match="NatGateway"):
        deployable(template(Nat=NAT), KNOWN | {"AWS::EC2::NatGateway"})


def test_a_route_through_a_gateway_goes_with_it_and_waits_for_it_are_forgotten() -> None:
    route = {"Type": "AWS::EC2::Route", "Properties": {"NatGatewayId": {"Ref": "Nat"}}}
    after = {"Type": "AWS::EC2::Route", "DependsOn": ["Nat", "Bucket"]}
    bucket = {"Type": "AWS::S3::Bucket", "DependsOn": "Nat"}
    told = {"Gateway": {"Value": {"Fn::GetAtt": ["Nat", "Id"]}}, "Bucket": {"Value": "b"}}
    given = template(Nat=NAT, Route=route, After=after, Bucket=bucket) | {"Outputs": told}

    found = deployable(given, KNOWN)

    assert left_out(given) == ["Nat", "Route"]
    assert found["Resources"] == {
        "After": {"Type": "AWS::EC2::Route", "DependsOn": ["Bucket"]},
        "Bucket": {"Type": "AWS::S3::Bucket"},
    }
    assert set(found["Outputs"]) == {"Bucket"}


def test_what_cannot_stand_without_a_thing_taken_out_is_an_error() -> None:
    bucket = {"Type": "AWS::S3::Bucket", "Properties": {"Name": {"Fn::Sub": "x-${Nat.Id}"}}}

    with pytest.raises(CannotDeploy, match=r"Bucket \(AWS::S3::Bucket\)"):
        deployable(template(Nat=NAT, Bucket=bucket), KNOWN)
