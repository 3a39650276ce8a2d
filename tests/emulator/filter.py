"""What the emulator cannot deploy, taken out of a template; anything else it lacks is an error.

Every type below is asserted on the templates themselves (tests/infra), and listed in docs/aws.md.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from typing import Any, Final

# Any: a template is JSON as CloudFormation defines it.
Template = Mapping[str, Any]

#: Types the emulator refuses.
UNKNOWN: Final = frozenset(
    (
        "AWS::EC2::EIP",
        "AWS::EC2::NatGateway",
        "AWS::EC2::FlowLog",
        "AWS::WAFv2::LoggingConfiguration",
        "AWS::WAFv2::WebACLAssociation",
        "AWS::Backup::BackupSelection",
        "AWS::CloudWatch::CompositeAlarm",
        "AWS::ApplicationSignals::ServiceLevelObjective",
        "AWS::Logs::QueryDefinition",
        "AWS::XRay::Group",
    )
)
#: Properties, by the type whose resources the emulator refuses when they have one.
REFUSED: Final = {"AWS::CloudWatch::Alarm": "Metrics"}
#: Types of which single resources go along: they only tell of one that is taken out.
FOLLOWERS: Final = frozenset(
    ("AWS::EC2::Route", "AWS::SSM::Parameter", "AWS::CloudWatch::Dashboard")
)
_IN_SUB: Final = re.compile(r"\$\{([A-Za-z0-9]+)(?:\.[^}]*)?\}")


class CannotDeploy(Exception):
    """The template needs something of the emulator that is neither known nor listed."""


def deployable(template: Template, known: Collection[str]) -> dict[str, Any]:
    """The template without what the emulator refuses; raises CannotDeploy."""
    resources: dict[str, Any] = dict(template["Resources"])
    _only_listed({each["Type"] for each in resources.values()}, known)
    gone = _refused(resources)
    gone |= _followers(resources, gone)
    kept = {name: _without(each, gone) for name, each in resources.items() if name not in gone}
    outputs = {
        name: each
        for name, each in template.get("Outputs", {}).items()
        if not gone & set(references(each))
    }
    return {**template, "Resources": kept, "Outputs": outputs}


def left_out(template: Template) -> list[str]:
    """The logical ids that `deployable` takes out."""
    resources = template["Resources"]
    gone = _refused(resources)
    return sorted(gone | _followers(resources, gone))


def references(part: Any) -> Iterator[str]:
    """The logical ids that a part of a template speaks of, its dependencies aside."""
    if isinstance(part, list):
        for each in part:
            yield from references(each)
    elif isinstance(part, dict):
        for name, value in part.items():
            if name == "Ref":
                yield value
            elif name == "Fn::GetAtt":
                yield (value if isinstance(value, str) else value[0]).partition(".")[0]
            elif name == "Fn::Sub":
                yield from _IN_SUB.findall(value if isinstance(value, str) else value[0])
                yield from references([] if isinstance(value, str) else value[1])
            elif name != "DependsOn":
                yield from references(value)


def _only_listed(types: set[str], known: Collection[str]) -> None:
    strange = {each for each in types - UNKNOWN if each not in known and "Custom::" not in each}
    if strange:
        raise CannotDeploy(
            f"neither known to the emulator nor listed: {', '.join(sorted(strange))}"
        )
    if learnt := types & UNKNOWN & set(known):
        raise CannotDeploy(f"listed, but the emulator knows: {', '.join(sorted(learnt))}")


def _refused(resources: Mapping[str, Any]) -> set[str]:
    return {
        name
        for name, each in resources.items()
        if each["Type"] in UNKNOWN or REFUSED.get(each["Type"]) in each.get("Properties", {})
    }


def _followers(resources: Mapping[str, Any], gone: Collection[str]) -> set[str]:
    """What only tells of something that is taken out, and what only tells of that."""
    out = set(gone)
    while speaking := {
        name: each["Type"]
        for name, each in resources.items()
        if name not in out and out & set(references(each))
    }:
        strange = {f"{name} ({kind})" for name, kind in speaking.items() if kind not in FOLLOWERS}
        if strange:
            raise CannotDeploy(f"needs what is taken out: {', '.join(sorted(strange))}")
        out |= set(speaking)
    return out - set(gone)


def _without(resource: Any, gone: Collection[str]) -> Any:
    needed = resource.get("DependsOn", [])
    left = [each for each in ([needed] if isinstance(needed, str) else needed) if each not in gone]
    rest = {name: value for name, value in resource.items() if name != "DependsOn"}
    return {**rest, "DependsOn": left} if left else rest
