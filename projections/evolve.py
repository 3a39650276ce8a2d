"""A changed copy of a row or a state."""

from __future__ import annotations

from typing import TYPE_CHECKING

__all__ = ["evolve"]

if TYPE_CHECKING:
    from dataclasses import replace as evolve  # the same to a type checker, which checks the fields
else:
    from msgspec.structs import replace as evolve
