"""What is deployed has the names by which it is deployed, looked at, released and taken back."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from scripts import smoke
from scripts.deploy import BOOTSTRAPPED, CDK, NEEDED
from scripts.pipeline import ADDRESS
from scripts.release import LONGEST, PARAMETER, Release, Releases
from tests.infra.templates import Stage
from tests.infra.test_api import methods


def name_of(stage: Stage) -> str:
    """The stage's own, as it is told to the scripts."""
    (name,) = {one["TableName"].split("-")[1] for one in stage.tables().values()}
    return str(name)


def releases(stage: Stage) -> Releases:
    """As they look things up: by name, before any service is asked."""

    def nobody(service: str) -> Any:
        raise AssertionError(f"{service} is asked for a name")

    return Releases(name_of(stage), nobody)


def parameters(stage: Stage) -> set[str]:
    """The names that stacks keep in the parameter store."""
    return {one["Name"] for one in stage.properties("AWS::SSM::Parameter").values()}


def functions(stage: Stage) -> dict[str, str]:
    """Names of functions by what their aliases refer to."""
    found = stage.properties("AWS::Lambda::Function")
    return {path.split("/")[1]: one["FunctionName"] for path, one in found.items()}


# ── what is released ──────────────────────────────────────────────────────────────────────


def test_every_function_is_found_by_the_stages_prefix_and_has_the_alias_that_is_moved(
    either: Stage,
) -> None:
    known = functions(either)
    aliases = either.properties("AWS::Lambda::Alias").values()

    moved = {known[one["FunctionName"]["Ref"]] for one in aliases if one["Name"] == "live"}

    assert moved == set(known.values())
    assert all(name.startswith(releases(either).prefix) for name in moved)


def test_every_watcher_is_found_in_the_cluster_that_its_name_says(either: Stage) -> None:
    clusters = {
        path: one["ClusterName"] for path, one in either.properties("AWS::ECS::Cluster").items()
    }

    for path, service in either.properties("AWS::ECS::Service").items():
        stands_in = clusters[f"{path.split('/')[0]}/{service['Cluster']['Ref']}"]
        assert releases(either).cluster(service["ServiceName"]) == stands_in
        assert stands_in.startswith(f"{releases(either).prefix}desk")


def test_a_release_of_everything_there_is_fits_into_its_parameter(either: Stage) -> None:
    task = "arn:aws:ecs:ap-south-1:123456789012:task-definition/{}:10000"
    watchers = [one["ServiceName"] for one in either.properties("AWS::ECS::Service").values()]
    prefix = releases(either).prefix
    release = Release(
        commit="c" * 40,
        at=datetime(2026, 11, 20, 4, tzinfo=UTC).isoformat(),
        functions=dict.fromkeys(
            (n.removeprefix(prefix) for n in functions(either).values()), "10000"
        ),
        watchers={name: task.format(name) for name in watchers},
    )

    assert len(release.text) < LONGEST


def test_no_stack_keeps_the_parameter_that_a_release_is_noted_in(either: Stage) -> None:
    assert PARAMETER.format(stage=name_of(either)) not in parameters(either)


# ── how it is deployed ────────────────────────────────────────────────────────────────────


def test_the_address_that_is_looked_at_is_published_by_the_api(either: Stage) -> None:
    assert ADDRESS.format(stage=name_of(either)) in parameters(either.part("Api"))


def test_what_deploying_asks_of_the_account_is_what_every_template_asks(either: Stage) -> None:
    for template in either.stacks.values():
        (asked,) = [
            one["Default"] for one in template["Parameters"].values() if "bootstrap" in str(one)
        ]
        (rule,) = template["Rules"]["CheckBootstrapVersion"]["Assertions"]
        too_old = rule["Assert"]["Fn::Not"][0]["Fn::Contains"][0]
        assert asked == BOOTSTRAPPED
        assert max(map(int, too_old)) == NEEDED - 1


def test_the_command_line_that_is_pinned_knows_what_was_synthesized(either: Stage) -> None:
    manifest = json.loads((either.folder / "manifest.json").read_text())

    def version(text: str) -> list[int]:
        return [int(part) for part in text.split(".")]

    assert version(CDK.partition("@")[2]) >= version(manifest["minimumCliVersion"])


# ── how it is looked at ───────────────────────────────────────────────────────────────────


def looked_at() -> set[str]:
    """The paths that a smoke test asks for, as it spells them."""
    return set(re.findall(r'"(/[a-z/.]+)"', Path(smoke.__file__).read_text()))


def test_everything_that_is_looked_at_is_there(either: Stage) -> None:
    there = set(methods(either.part("Api")))

    assert len(looked_at()) > 8
    assert {path for path in looked_at() if not {f"GET {path}", f"POST {path}"} & there} == set()


def test_who_is_not_signed_in_is_refused_in_the_form_that_is_looked_for(either: Stage) -> None:
    answers = either.properties("AWS::ApiGateway::GatewayResponse").values()

    (refused,) = [one for one in answers if one["ResponseType"] == "UNAUTHORIZED"]

    assert refused["StatusCode"] == "401"
    header = refused["ResponseParameters"]["gatewayresponse.header.Content-Type"]
    assert header == f"'{smoke.PROBLEM}'"
