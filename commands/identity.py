"""Ids of streams: sortable and injected, or derived so that a repeated request meets itself."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from hashlib import sha256

#: Random bytes: the operating system's in life, a seeded generator's in replay.
Entropy = Callable[[int], bytes]

CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
LENGTH = 26


def new_id(prefix: str, at: datetime, entropy: Entropy) -> str:
    """`STRAT-` and a ULID: 48 bits of milliseconds, 80 of chance."""
    milliseconds = int(at.timestamp() * 1000)
    return f"{prefix}-{_text(milliseconds << 80 | int.from_bytes(entropy(10)))}"


def derived_id(prefix: str, user_id: str, idempotency_key: str) -> str:
    """The one id that this user's request with this key creates, however often it is sent."""
    parts = "\0".join((prefix, user_id, idempotency_key))
    return f"{prefix}-{_text(int.from_bytes(sha256(parts.encode()).digest()[:16]))}"


def _text(number: int) -> str:
    return "".join(CROCKFORD[number >> 5 * place & 31] for place in reversed(range(LENGTH)))
