"""One emulator for all tests of this folder, with a stage deployed on it."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.emulator import ministack
from tests.emulator.assembly import Deployable, stacks
from tests.emulator.deploying import Deployed, bootstrap, deploy
from tests.emulator.ministack import ACCOUNT, REGION, MiniStack

ROOT = Path(__file__).parents[2]
STAGE = "dev"


@pytest.fixture(scope="session")
def known() -> frozenset[str]:
    """The resource types that the emulator can make."""
    return ministack.known_types()


@pytest.fixture(scope="session")
def assembly(tmp_path_factory: pytest.TempPathFactory) -> list[Deployable]:
    """The synthesized stacks, in the order in which they are deployed."""
    folder = tmp_path_factory.mktemp("assembly")
    command = [sys.executable, "-m", "infra.app", "--stage", STAGE, "--out", str(folder)]
    quiet = {"JSII_SILENCE_WARNING_END_OF_LIFE_NODE_VERSION": "18,20,22"}
    done = subprocess.run(
        command, cwd=ROOT, env={**os.environ, **quiet}, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return stacks(folder, ACCOUNT, REGION)


@pytest.fixture(scope="session")
def emulator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MiniStack]:
    """MiniStack, running, empty but for what `cdk bootstrap` leaves."""
    with ministack.running(tmp_path_factory.mktemp("ministack")) as found:
        bootstrap(found)
        yield found


@pytest.fixture(scope="session")
def deployed(emulator: MiniStack, assembly: list[Deployable], known: frozenset[str]) -> Deployed:
    """The stage, deployed."""
    return deploy(emulator, assembly, known)
