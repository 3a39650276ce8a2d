"""Values: frozen, and so their own copies."""

from __future__ import annotations

from typing import Any, Self

from pydantic import BaseModel


class Value(BaseModel, frozen=True):
    """A frozen model; copying what holds it need not copy it."""

    def __deepcopy__(self, memo: dict[int, Any] | None = None) -> Self:
        return self
