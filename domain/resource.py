"""What a user owns and edits."""

from __future__ import annotations

from abc import abstractmethod
from datetime import datetime
from typing import Any

from domain.model import Aggregate


class Resource(Aggregate):
    """An aggregate with an owner, and a count of its edits that activity does not bump."""

    def __base_init__(
        self, originator_id: Any, originator_version: int, timestamp: datetime
    ) -> None:
        super().__base_init__(originator_id, originator_version, timestamp)
        self.edition = 1

    @property
    @abstractmethod
    def owner(self) -> str:
        """Whose stream this is: the id of a user."""

    @property
    def deleted(self) -> bool:
        """Whether it is gone for its owner; the stream stays."""
        return False
