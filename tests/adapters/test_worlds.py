"""What a home lives in: practice or live, never both; and what other commands see of it."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from adapters.brokers.paper.shared import SharedMarket
from adapters.clock import ScaledClock, SystemClock
from adapters.live import Live
from adapters.live_home import LIVE, LiveHome
from adapters.practice import PRACTICE, Practice
from adapters.practice_clock import PracticeClock
from adapters.rehearsal import BadRehearsal, Rehearsal
from adapters.settings import Mode, Settings
from adapters.worlds import OtherWorld, surroundings, world_of

DAY = date(2026, 11, 18)
SIMULATED = {
    "kite_root": "http://127.0.0.1:9001",
    "kite_login": "http://127.0.0.1:9001",
    "kite_ws": "ws://127.0.0.1:9002",
}


def live(home: Path, **more: object) -> Settings:
    return Settings.model_validate({"home": home, "mode": Mode.LIVE, **more})


def test_a_home_that_practised_does_not_trade_live(tmp_path: Path) -> None:
    world = world_of(Settings(home=tmp_path, day=DAY))

    with pytest.raises(OtherWorld, match="practice"):
        world_of(live(tmp_path))

    assert isinstance(world, Practice)
    assert not (tmp_path / LIVE).exists()


def test_a_home_that_trades_live_does_not_practise(tmp_path: Path) -> None:
    world = world_of(live(tmp_path))

    with pytest.raises(OtherWorld, match="--live"):
        world_of(Settings(home=tmp_path))

    assert isinstance(world, Live)
    assert not (tmp_path / PRACTICE).exists()


def test_where_kite_is_is_kept_for_other_commands_without_a_secret(tmp_path: Path) -> None:
    told = live(tmp_path, heartbeat_url="https://beat.example/SECRET", **SIMULATED)

    world_of(told)

    kept = LiveHome.kept(tmp_path)
    assert kept is not None
    assert kept.kite == told.kite
    assert kept.simulated
    assert "SECRET" not in (tmp_path / LIVE).read_text()


def test_other_commands_see_the_time_and_the_market_of_their_home(tmp_path: Path) -> None:
    practised, traded, rehearsed = (tmp_path / name for name in ("p", "l", "r"))
    time = Rehearsal(wall_start=datetime.now(UTC), market_start=datetime.now(UTC), speed=5)
    for home in (practised, traded, rehearsed):
        home.mkdir()
    (tmp_path / "time.json").write_text(time.model_dump_json())
    world_of(Settings(home=practised, day=DAY))
    world_of(live(traded))
    world_of(live(rehearsed, rehearsal=tmp_path / "time.json", **SIMULATED))

    seen = {home.name: surroundings(home) for home in (practised, traded, rehearsed)}

    assert isinstance(seen["p"][0], PracticeClock)
    assert isinstance(seen["l"][0], SystemClock)
    assert isinstance(seen["r"][0], ScaledClock)
    assert isinstance(seen["l"][1], SharedMarket)
    chain = seen["l"][1].chain(DAY)
    assert not chain.contracts
    assert "is not there" in chain.unknown[0]


@pytest.mark.parametrize(
    ("content", "complaint"),
    [(None, "No such file"), ("{}", "wall_start: Field required"), ("no", "file: Invalid JSON")],
)
def test_a_rehearsal_without_a_time_is_refused(
    tmp_path: Path, content: str | None, complaint: str
) -> None:
    told = tmp_path / "time.json"
    if content is not None:
        told.write_text(content)

    with pytest.raises(BadRehearsal, match=complaint):
        world_of(live(tmp_path, rehearsal=told, **SIMULATED))


def test_a_live_home_that_was_altered_is_said_so(tmp_path: Path) -> None:
    (tmp_path / LIVE).write_text('{"kite": 1}')

    with pytest.raises(BadRehearsal, match="was altered"):
        surroundings(tmp_path)
