"""How a home trades live: where Kite is, and which time it is; kept there, without any secret."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from pydantic import BaseModel, ValidationError

from adapters.rehearsal import BadRehearsal, Rehearsal
from adapters.settings import Settings

LIVE: Final = "live.json"


class LiveHome(BaseModel, frozen=True, extra="forbid"):
    """Written at every start, so that other commands in this home find the same brokers."""

    kite: Mapping[str, str]
    vault_key_file: Path | None = None
    market_account: str | None = None
    ntp_servers: tuple[str, ...] | None = None
    address_urls: tuple[str, ...] | None = None
    rehearsal: Rehearsal | None = None

    @classmethod
    def of(cls, settings: Settings) -> LiveHome:
        """As it is set now; raises BadRehearsal."""
        rehearsal = settings.rehearsal
        return cls(
            kite=settings.kite,
            vault_key_file=settings.vault_key_file,
            market_account=settings.market_account,
            ntp_servers=settings.ntp_servers,
            address_urls=settings.address_urls,
            rehearsal=Rehearsal.read(rehearsal) if rehearsal is not None else None,
        )

    @classmethod
    def kept(cls, home: Path) -> LiveHome | None:
        """How the platform of this folder trades live; None where it does not."""
        file = home / LIVE
        if not file.is_file():
            return None
        try:
            return cls.model_validate_json(file.read_bytes())
        except ValidationError as error:
            raise BadRehearsal(f"{file} was altered: {error.error_count()} faults") from error

    def keep(self, home: Path) -> None:
        """Appears at once and whole: other commands may be reading it."""
        fresh = home / f"{LIVE}.{os.getpid()}"
        fresh.write_text(self.model_dump_json(indent=2))
        fresh.replace(home / LIVE)

    @property
    def speed(self) -> float:
        """How many times faster than life: 1 but for a rehearsal."""
        return self.rehearsal.speed if self.rehearsal is not None else 1.0

    @property
    def simulated(self) -> bool:
        """Whether a simulator on this machine stands in for Kite."""
        return self.kite["root"].startswith("http://")
