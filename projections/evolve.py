"""A changed copy of a frozen dataclass, several times as fast as the library's."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

__all__ = ["evolve"]

if TYPE_CHECKING:
    from dataclasses import replace as evolve  # the same, and its arguments are checked
else:
    T = TypeVar("T")

    def evolve(row: T, /, **changes: Any) -> T:
        """Like dataclasses.replace; a rebuild copies rows more often than it does all else."""
        cls = type(row)
        after = cls.__new__(cls)
        values = after.__dict__
        values.update(row.__dict__)
        values.update(changes)
        return after
