"""A synthesized cloud assembly: its stacks in the order they stand, and the assets they need."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from graphlib import TopologicalSorter
from pathlib import Path
from typing import Any

from tests.emulator.filter import Template

STACK = "aws:cloudformation:stack"


@dataclass(frozen=True)
class Asset:
    """A file or folder that lies in the assets bucket before its stack is deployed."""

    source: Path
    zipped: bool
    bucket: str
    key: str

    def content(self) -> bytes:
        """What is uploaded: the file itself, or a zip of the folder."""
        return _zip(self.source) if self.zipped else self.source.read_bytes()


@dataclass(frozen=True)
class Deployable:
    """One stack: its name, its template, and what must be uploaded for it."""

    id: str
    name: str
    template: Template
    assets: Sequence[Asset]


def stacks(folder: Path, account: str, region: str) -> list[Deployable]:
    """The stacks of the assembly, each after those it stands on."""
    artifacts = json.loads((folder / "manifest.json").read_text())["artifacts"]
    named = {name: each for name, each in artifacts.items() if each["type"] == STACK}
    order = TopologicalSorter(
        {
            name: [d for d in each.get("dependencies", ()) if d in named]
            for name, each in named.items()
        }
    )
    return [_stack(folder, name, named[name], account, region) for name in order.static_order()]


# Any: JSON of the cloud assembly.
def _stack(
    folder: Path, name: str, artifact: Mapping[str, Any], account: str, region: str
) -> Deployable:
    file = artifact["properties"]["templateFile"]
    template = json.loads((folder / file).read_text())
    assets = list(_assets(folder, name, file, account, region))
    return Deployable(name, artifact["properties"]["stackName"], template, assets)


def _assets(folder: Path, name: str, template: str, account: str, region: str) -> Iterator[Asset]:
    described = json.loads((folder / f"{name}.assets.json").read_text())
    for each in described["files"].values():
        source = each["source"]
        if source["path"] == template:
            continue  # it is filtered first
        for place in each["destinations"].values():
            bucket = place["bucketName"].replace("${AWS::AccountId}", account)
            yield Asset(
                source=folder / source["path"],
                zipped=source["packaging"] == "zip",
                bucket=bucket.replace("${AWS::Region}", region),
                key=place["objectKey"],
            )


def _zip(folder: Path) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for file in sorted(folder.rglob("*")):
            if file.is_file():
                archive.write(file, file.relative_to(folder))
    return packed.getvalue()
