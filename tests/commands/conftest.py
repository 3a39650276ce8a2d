"""The fixtures of a scene: streams, the bus, one trader and another."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from commands.bus import Bus
from commands.desk import Principal, World
from commands.user import RegisterUser
from domain.user import Role, User
from tests.commands.scene import PLATFORM, Asker, CountedTrading, Runs, nifty_chain


@pytest.fixture
def trading() -> CountedTrading:
    return CountedTrading()


@pytest.fixture
def runs() -> Runs:
    return Runs()


@pytest.fixture
def world(runs: Runs) -> World:
    return World(chain=nifty_chain, open_runs=runs)


@pytest.fixture
def platform(trading: CountedTrading, world: World) -> Asker:
    return Asker(Bus(trading, world), PLATFORM)


@pytest.fixture
def admit(platform: Asker) -> Callable[..., Asker]:
    def admit(*roles: Role) -> Asker:
        names = "-".join(roles)
        user = platform(RegisterUser(email=f"{names}@example.com", name=names, roles=roles))
        return platform.as_(Principal(user_id=user.id, roles=frozenset(roles)))

    return admit


@pytest.fixture
def ask(admit: Callable[..., Asker]) -> Asker:
    """A trader, with the paper account everybody starts with."""
    return admit(Role.TRADER)


@pytest.fixture
def stranger(platform: Asker) -> Asker:
    """Another trader."""
    user = platform(RegisterUser(email="stranger@example.com"))
    return platform.as_(Principal(user_id=user.id, roles=frozenset((Role.TRADER,))))


@pytest.fixture
def facts(trading: CountedTrading) -> Callable[[str], list[str]]:
    """The names of the events of a stream."""

    def facts(stream_id: str) -> list[str]:
        return [type(event).__name__ for event in trading.history(stream_id)]

    return facts


@pytest.fixture
def trader(ask: Asker, trading: CountedTrading) -> User:
    return trading.load(ask.principal.user_id, User)
