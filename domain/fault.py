"""What keeps a draft from being activated."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Fault:
    """Drafts may keep it, activation may not: `code` is stable, `field` names what to change."""

    code: str
    field: str
    message: str
