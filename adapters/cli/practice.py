"""`atp up`: the practice platform with what was set on the command line."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from adapters.cli.terms import Asked
from adapters.settings import Settings
from adapters.up import run_up


def practise(
    asked: Asked,
    *,
    host: str | None,
    port: int | None,
    speed: float | None,
    day: datetime | None,
    seed: int | None,
) -> None:
    """Run it until it is interrupted; what is not given here the environment says, or nobody."""
    given: dict[str, Any] = {  # Any: each setting has its own type
        "home": asked.home,
        "host": host,
        "port": port,
        "speed": speed,
        "day": day.date() if day else None,
        "seed": seed,
    }
    run_up(Settings(**{name: value for name, value in given.items() if value is not None}))
