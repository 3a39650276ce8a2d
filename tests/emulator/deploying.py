"""Deploys a cloud assembly as `cdk bootstrap` and `cdk deploy` would, by the same calls."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from tests.emulator.assembly import Asset, Deployable
from tests.emulator.filter import deployable
from tests.emulator.ministack import ACCOUNT, REGION, MiniStack

BUCKET: Final = f"cdk-hnb659fds-assets-{ACCOUNT}-{REGION}"
VERSION: Final = "/cdk-bootstrap/hnb659fds/version"
DONE_WITHIN_S: Final = 90.0
CAPABILITIES: Final = ["CAPABILITY_IAM", "CAPABILITY_NAMED_IAM"]


class NotDeployed(AssertionError):
    """A stack did not come to stand; what failed first, in the emulator's words."""


@dataclass(frozen=True)
class Deployed:
    """A stage that stands on the emulator; what is in it is found by stack and type."""

    emulator: MiniStack
    stacks: Mapping[str, Deployable]
    _found: dict[str, Sequence[Mapping[str, Any]]] = field(default_factory=dict)

    # Any: what the service tells of a resource.
    def resources(self, stack: str) -> Sequence[Mapping[str, Any]]:
        """Every resource of that stack, as CloudFormation lists them."""
        if stack not in self._found:
            client = self.emulator.client("cloudformation")
            pages = client.get_paginator("list_stack_resources").paginate(
                StackName=self.stacks[stack].name
            )
            self._found[stack] = [each for page in pages for each in page["StackResourceSummaries"]]
        return self._found[stack]

    def physical(self, stack: str, logical_id: str) -> str:
        """What the resource is called in AWS."""
        return next(
            str(each["PhysicalResourceId"])
            for each in self.resources(stack)
            if each["LogicalResourceId"] == logical_id
        )

    def of_type(self, stack: str, kind: str) -> list[str]:
        """The physical ids of everything of that type in the stack."""
        return [
            str(each["PhysicalResourceId"])
            for each in self.resources(stack)
            if each["ResourceType"] == kind
        ]

    def parameter(self, name: str) -> str:
        """A parameter of the stage, as whoever operates it looks it up."""
        found = self.emulator.client("ssm").get_parameter(Name=name)
        return str(found["Parameter"]["Value"])


def bootstrap(emulator: MiniStack) -> None:
    """The bucket and the version that every deployed template asks for."""
    emulator.client("s3").create_bucket(
        Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": REGION}
    )
    emulator.client("ssm").put_parameter(Name=VERSION, Type="String", Value="30")


def deploy(
    emulator: MiniStack,
    stacks: Sequence[Deployable],
    known: Collection[str],
    packed: Callable[[Asset], bytes] = Asset.content,
) -> Deployed:
    """Upload the assets and create the stacks, one after the other; raises NotDeployed."""
    s3, uploaded = emulator.client("s3"), set[str]()
    for stack in stacks:
        for asset in stack.assets:
            if asset.key not in uploaded:
                s3.put_object(Bucket=asset.bucket, Key=asset.key, Body=packed(asset))
                uploaded.add(asset.key)
        _create(emulator, stack, deployable(stack.template, known))
    return Deployed(emulator, {stack.id: stack for stack in stacks})


def _create(emulator: MiniStack, stack: Deployable, template: Mapping[str, Any]) -> None:
    key = f"{stack.name}.json"
    body = json.dumps(template).encode()
    emulator.client("s3").put_object(Bucket=BUCKET, Key=key, Body=body)
    client = emulator.client("cloudformation")
    client.create_stack(
        StackName=stack.name,
        TemplateURL=f"{emulator.endpoint}/{BUCKET}/{key}",
        Capabilities=CAPABILITIES,
        OnFailure="DO_NOTHING",
    )
    until = time.monotonic() + DONE_WITHIN_S
    while (status := _status(client, stack.name)).endswith("IN_PROGRESS"):
        if time.monotonic() > until:
            break
        time.sleep(0.1)
    if status != "CREATE_COMPLETE":
        raise NotDeployed(f"{stack.name}: {status}\n{_why(client, stack.name)}")


def _status(client: Any, name: str) -> str:
    return str(client.describe_stacks(StackName=name)["Stacks"][0]["StackStatus"])


def _why(client: Any, name: str) -> str:
    events = client.describe_stack_events(StackName=name)["StackEvents"]
    return "\n".join(
        f"{each['LogicalResourceId']} ({each['ResourceType']}): "
        f"{each.get('ResourceStatusReason', 'no reason given')}"
        for each in reversed(events)
        if each["ResourceStatus"].endswith("FAILED")
    )
