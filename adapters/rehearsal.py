"""A day of live trading against a simulator: its own time, the same for every process of it."""

from __future__ import annotations

from pathlib import Path

from pydantic import AwareDatetime, BaseModel, Field, ValidationError

from adapters.clock import ScaledClock, SystemClock
from commands.ports import Clock


class BadRehearsal(ValueError):
    """The file does not say which time it is."""


class Rehearsal(BaseModel, frozen=True, extra="forbid"):
    """At `wall_start` of the machine it is `market_start` there, and time goes at `speed`."""

    wall_start: AwareDatetime
    market_start: AwareDatetime
    speed: float = Field(default=1.0, gt=0)

    @classmethod
    def read(cls, path: Path) -> Rehearsal:
        """Raises BadRehearsal."""
        try:
            return cls.model_validate_json(path.read_bytes())
        except OSError as error:
            raise BadRehearsal(f"{path}: {error.strerror}") from error
        except ValidationError as error:
            # Not chained, and without what was given: another file may hold somebody's keys.
            fields = "; ".join(
                f"{each['loc'][0] if each['loc'] else 'file'}: {each['msg']}"
                for each in error.errors()
            )
            raise BadRehearsal(f"{path} does not say which time it is: {fields}") from None


def clock_of(rehearsal: Rehearsal | None) -> Clock:
    """The machine's own time, unless a day is rehearsed."""
    if rehearsal is None:
        return SystemClock()
    return ScaledClock(rehearsal.wall_start, rehearsal.market_start, rehearsal.speed)
