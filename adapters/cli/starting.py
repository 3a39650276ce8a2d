"""`atp up`: the platform with what was set on the command line."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from adapters.cli.terms import Asked, BadInput
from adapters.settings import Mode, Settings
from adapters.up import run_up


def start(
    asked: Asked,
    *,
    live: bool,
    host: str | None,
    port: int | None,
    speed: float | None,
    day: datetime | None,
    seed: int | None,
) -> None:
    """Run it until it is interrupted; what is not given here the environment says, or nobody."""
    practice = {"speed": speed, "day": day.date() if day else None, "seed": seed}
    of_practice = [f"--{name}" for name, value in practice.items() if value is not None]
    if live and of_practice:
        raise BadInput(f"{', '.join(of_practice)}: only a practice market can be told that")
    given: dict[str, Any] = {  # Any: each setting has its own type
        "home": asked.home,
        "mode": Mode.LIVE if live else None,
        "host": host,
        "port": port,
        **practice,
    }
    run_up(Settings(**{name: value for name, value in given.items() if value is not None}))
