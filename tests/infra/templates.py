"""Synthesized templates, and how tests ask them."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from zipfile import ZipFile, ZipInfo

from aws_cdk import Validations
from cdk_nag import AwsSolutionsChecks

from infra.app import build
from infra.bundles import CODE, LIBRARIES, MARKET, WATCHER
from infra.config import Config

# Any: a template is JSON as CloudFormation defines it.
Resource = Mapping[str, Any]
#: Where templates lie in the folder of a stage.
OUT = "out"
TEMPLATE = ".template.json"


@dataclass(frozen=True)
class Stage:
    """The templates of one stage, by stack, and the folder they lie in."""

    folder: Path
    stacks: Mapping[str, Mapping[str, Any]]

    @classmethod
    def at(cls, folder: Path) -> Stage:
        """Every stack there is."""
        files = sorted(folder.glob(f"*{TEMPLATE}"))
        read = {file.name.removesuffix(TEMPLATE): json.loads(file.read_text()) for file in files}
        return cls(folder, read)

    def part(self, *stacks: str) -> Stage:
        """These stacks alone."""
        return Stage(self.folder, {name: self.stacks[name] for name in stacks})

    @property
    def files(self) -> list[Path]:
        """The templates, as they are deployed."""
        return [self.folder / f"{name}{TEMPLATE}" for name in self.stacks]

    def resources(self, kind: str) -> Mapping[str, Resource]:
        """Everything of this type in all stacks, by stack and logical id."""
        return {
            f"{stack}/{name}": resource
            for stack, template in self.stacks.items()
            for name, resource in template["Resources"].items()
            if resource["Type"] == kind
        }

    def properties(self, kind: str) -> Mapping[str, Any]:
        return {name: one["Properties"] for name, one in self.resources(kind).items()}

    def only(self, kind: str) -> Any:
        """The properties of the one thing of this type."""
        (one,) = self.properties(kind).values()
        return one

    def tables(self) -> Mapping[str, Any]:
        """Tables by their names."""
        tables = self.properties("AWS::DynamoDB::GlobalTable").values()
        return {table["TableName"]: table for table in tables}

    def statements(self) -> Iterator[tuple[str, Resource]]:
        """Every statement of every policy, with the id of what it belongs to."""
        for stack, template in self.stacks.items():
            for name, resource in template["Resources"].items():
                for document in _documents(resource.get("Properties", {})):
                    for statement in document["Statement"]:
                        yield f"{stack}/{name}", statement


def _documents(part: Any) -> Iterator[Any]:
    if isinstance(part, dict):
        if isinstance(part.get("Statement"), list) and "Version" in part:
            yield part
        else:
            for value in part.values():
                yield from _documents(value)
    elif isinstance(part, list):
        for value in part:
            yield from _documents(value)


def alarms(stage: Stage) -> dict[str, Any]:
    """Alarms by their names, without the stage's prefix."""
    found = stage.properties("AWS::CloudWatch::Alarm").values()
    return {one["AlarmName"].split("-", 2)[2]: one for one in found}


def listed(value: Any) -> list[Any]:
    """One thing or several, as a list."""
    return value if isinstance(value, list) else [value]


def stand_ins(config: Config, root: Path) -> Path:
    """Bundles as small as can be in the place of the real ones: templates only name them."""
    folder = root / config.capacity.bundled_for
    (folder / WATCHER).mkdir(parents=True, exist_ok=True)
    for name in (CODE, LIBRARIES, MARKET):
        with ZipFile(folder / name, "w") as archive:
            archive.writestr(ZipInfo("what.txt"), name)
    (folder / WATCHER / "Dockerfile").write_text("FROM scratch\n")
    return root


def synthesize_reviewed(config: Config, folder: Path) -> None:
    """Under review: raises with every finding that no reason answers."""
    app = build(config, str(folder / OUT), stand_ins(config, folder / "bundles")).app
    Validations.of(app).add_plugins(AwsSolutionsChecks(app))
    app.synth()
