"""One emulator for all tests of this folder, with a stage deployed on it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.emulator import ministack
from tests.emulator.assembly import Deployable
from tests.emulator.day import Day, played
from tests.emulator.deploying import Deployed, bootstrap, deploy
from tests.emulator.ministack import MiniStack
from tests.emulator.stage import Rehearsed, Shelf, synthesized


@pytest.fixture(scope="session")
def known() -> frozenset[str]:
    """The resource types that the emulator can make."""
    return ministack.known_types()


@pytest.fixture(scope="session")
def rehearsed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Rehearsed]:
    """The time of the stage, and the Kite that lives in it."""
    begun = Rehearsed.begun(tmp_path_factory.mktemp("rehearsed") / "kite")
    yield begun
    begun.kite.stop()


@pytest.fixture(scope="session")
def assembly(rehearsed: Rehearsed, tmp_path_factory: pytest.TempPathFactory) -> list[Deployable]:
    """The synthesized stacks, in the order in which they are deployed."""
    return synthesized(rehearsed.config, tmp_path_factory.mktemp("assembly"))


@pytest.fixture(scope="session")
def emulator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MiniStack]:
    """MiniStack, running, empty but for what `cdk bootstrap` leaves."""
    with ministack.running(tmp_path_factory.mktemp("ministack")) as found:
        bootstrap(found)
        yield found


@pytest.fixture(scope="session")
def day(deployed: Deployed, rehearsed: Rehearsed) -> Day:
    """A trading day, played once; each test looks at one side of it."""
    return played(deployed, rehearsed)


@pytest.fixture(scope="session")
def deployed(
    emulator: MiniStack,
    assembly: list[Deployable],
    known: frozenset[str],
    tmp_path_factory: pytest.TempPathFactory,
) -> Deployed:
    """The stage, deployed."""
    shelf = Shelf(tmp_path_factory.mktemp("shelf"), assembly)
    return deploy(emulator, assembly, known, shelf.packed)
