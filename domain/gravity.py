"""How much a notice matters."""

from __future__ import annotations

from enum import StrEnum
from typing import Final


class Gravity(StrEnum):
    """INFO is good to know; WARNING went otherwise than planned; ALARM wants somebody to act."""

    INFO = "INFO"
    WARNING = "WARNING"
    ALARM = "ALARM"

    @property
    def weight(self) -> int:
        """Graver is more."""
        return WEIGHTS.index(self)


WEIGHTS: Final = (Gravity.INFO, Gravity.WARNING, Gravity.ALARM)
