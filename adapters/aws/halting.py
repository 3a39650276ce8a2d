"""The halt of a platform on AWS: while there is a reason, nothing may be sent to any broker."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from datetime import datetime
from typing import Final

from projections.tables import Tables

HALT: Final = ("halt", "platform")
#: How long an answer counts.
FRESH_S: Final = 1.0


class Halting:
    """Kept beside the views, for every worker; regions but the writer's are always halted."""

    def __init__(
        self,
        tables: Tables,
        writer_region: str | None,
        region: str,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._tables = tables
        self._elsewhere = writer_region if writer_region != region else None
        self._monotonic = monotonic
        self._known: str | None = None
        self._looked: float | None = None

    def reason(self) -> str | None:
        """Why nothing may be sent; None where nothing stands in the way."""
        if self._elsewhere is not None:
            return f"the platform trades from {self._elsewhere}"
        now = self._monotonic()
        if self._looked is None or now - self._looked >= FRESH_S:
            text = self._tables.recall(*HALT)
            self._known = None if text is None else str(json.loads(text)["reason"])
            self._looked = now
        return self._known

    def halt(self, reason: str, at: datetime) -> None:
        """Stand still from now on; a halt that is there keeps its reason."""
        if self._tables.recall(*HALT) is None:
            self._tables.remember(*HALT, json.dumps({"reason": reason, "at": at.isoformat()}))
        self._looked = None

    def release(self) -> bool:
        """Let the platform send again; False if it was not halted."""
        there = self._tables.recall(*HALT) is not None
        self._tables.forget(*HALT)
        self._looked = None
        return there
