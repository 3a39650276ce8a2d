"""Where brokers post news of orders, as the API knows it."""

from __future__ import annotations

from typing import Protocol

from pydantic import BaseModel, Field


class Malformed(Exception):
    """This is no postback."""


class PostbackRefused(Exception):
    """Not from the broker, or about no account of ours; which of them is nobody's business."""


class Postback(BaseModel, frozen=True, extra="ignore"):
    """The part of a postback that is looked at: what its checksum is made of."""

    order_id: str = Field(min_length=1, max_length=64)
    order_timestamp: str = Field(min_length=1, max_length=64)
    checksum: str = Field(min_length=1, max_length=128)


class Postbox(Protocol):
    """Whoever checks what was posted, and makes something of it."""

    def receive(self, account_id: str, body: bytes) -> None:
        """Take a postback as it came; raises Malformed, PostbackRefused, VaultError."""
        ...
