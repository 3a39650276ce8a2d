"""One emulator for all tests of this folder, with a stage deployed on it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.emulator import ministack
from tests.emulator.assembly import Deployable
from tests.emulator.day import Day, played
from tests.emulator.deploying import Deployed, bootstrap, deploy
from tests.emulator.ministack import MiniStack
from tests.emulator.stage import Rehearsed, Shelf, synthesized

HERE = Path(__file__).parent
_standing = pytest.StashKey[ExitStack]()


def pytest_configure(config: pytest.Config) -> None:
    config.stash[_standing] = ExitStack()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_teardown(item: pytest.Item, nextitem: pytest.Item | None) -> Iterator[None]:
    """A stage works on, minute by minute: it ends with the last test that looks at it."""
    yield
    if nextitem is None or not nextitem.path.is_relative_to(HERE):
        item.config.stash[_standing].close()


@pytest.fixture(scope="session")
def known() -> frozenset[str]:
    """The resource types that the emulator can make."""
    return ministack.known_types()


@pytest.fixture(scope="session")
def rehearsed(pytestconfig: pytest.Config, tmp_path_factory: pytest.TempPathFactory) -> Rehearsed:
    """The time of the stage, and the Kite that lives in it."""
    begun = Rehearsed.begun(tmp_path_factory.mktemp("rehearsed") / "kite")
    pytestconfig.stash[_standing].callback(begun.kite.stop)
    return begun


@pytest.fixture(scope="session")
def assembly(rehearsed: Rehearsed, tmp_path_factory: pytest.TempPathFactory) -> list[Deployable]:
    """The synthesized stacks, in the order in which they are deployed."""
    return synthesized(rehearsed.config, tmp_path_factory.mktemp("assembly"))


@pytest.fixture(scope="session")
def emulator(pytestconfig: pytest.Config, tmp_path_factory: pytest.TempPathFactory) -> MiniStack:
    """MiniStack, running, empty but for what `cdk bootstrap` leaves."""
    running = ministack.running(tmp_path_factory.mktemp("ministack"))
    found = pytestconfig.stash[_standing].enter_context(running)
    bootstrap(found)
    return found


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
