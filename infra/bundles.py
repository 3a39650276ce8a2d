"""Where the bundles are that functions and the watcher consist of; `make bundle` makes them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

from aws_cdk import aws_ecr_assets as images
from aws_cdk import aws_lambda as functions
from constructs import Construct

from infra.capacity import Capacity
from infra.config import BadConfiguration

BUNDLES: Final = Path("dist/bundles")
CODE, LIBRARIES, MARKET, WATCHER = "code.zip", "libraries.zip", "market.zip", "watcher"


@dataclass(frozen=True)
class Bundles:
    """Our code, the libraries of every function, those of the market, the watcher's image.

    All are for one processor and one version of Python.
    """

    folder: Path
    capacity: Capacity

    @classmethod
    def of(cls, stage: str, capacity: Capacity, root: Path = BUNDLES) -> Bundles:
        """Raises BadConfiguration where a bundle is missing; the message says what to run."""
        folder = root / capacity.bundled_for
        wanted = (CODE, LIBRARIES, MARKET, f"{WATCHER}/Dockerfile")
        if missing := [name for name in wanted if not (folder / name).exists()]:
            raise BadConfiguration(
                f"not in {folder}: {', '.join(missing)}\nmake them by: make bundle STAGE={stage}"
            )
        return cls(folder, capacity)

    @property
    def code(self) -> functions.AssetCode:
        return functions.Code.from_asset(str(self.folder / CODE))

    def layer(self, scope: Construct, name: str) -> functions.LayerVersion:
        """Libraries that several functions share."""
        processor = {
            "arm64": functions.Architecture.ARM_64,
            "x86_64": functions.Architecture.X86_64,
        }[self.capacity.processor]
        return functions.LayerVersion(
            scope,
            name.removesuffix(".zip").capitalize(),
            code=functions.Code.from_asset(str(self.folder / name)),
            compatible_architectures=[processor],
            compatible_runtimes=[self.runtime],
            description=f"Locked {name.removesuffix('.zip')}, for {self.capacity.bundled_for}",
        )

    @property
    def runtime(self) -> functions.Runtime:
        return functions.Runtime(
            f"python{self.capacity.python_version}",
            functions.RuntimeFamily.PYTHON,
            supports_inline_code=True,
            supports_snap_start=self.capacity.snapshots,
        )

    def image(self, scope: Construct) -> images.DockerImageAsset:
        """Built when it is deployed; its layers are copied only, so any machine can build it."""
        platform = images.Platform.LINUX_ARM64
        if self.capacity.processor == "x86_64":
            platform = images.Platform.LINUX_AMD64
        return images.DockerImageAsset(
            scope, "Image", directory=str(self.folder / WATCHER), platform=platform
        )
