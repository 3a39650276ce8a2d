"""Dice that fall the same way for the same seed and question, in whatever order they are asked."""

from __future__ import annotations

from datetime import timedelta
from hashlib import blake2b

from adapters.brokers.paper.settings import PaperSettings


class Chance:
    """Latency, partial fills and rejections of an order, by its account and tag."""

    def __init__(self, settings: PaperSettings) -> None:
        self._settings = settings

    def of(self, *question: str | int) -> float:
        """A number in [0, 1) that depends on the seed and the question only."""
        text = "|".join(str(part) for part in (self._settings.seed, *question))
        return int.from_bytes(blake2b(text.encode(), digest_size=6).digest(), "big") / 2**48

    def latency(self, *question: str | int) -> timedelta:
        """How long a request is on its way, in whole milliseconds."""
        low, high = self._settings.latency_min_ms, self._settings.latency_max_ms
        span = max(high - low, 0) + 1
        return timedelta(milliseconds=low + int(self.of("latency", *question) * span))

    def rejected(self, account: str, tag: str) -> bool:
        """Whether the exchange refuses the order for no reason of ours."""
        return self.of("rejection", account, tag) < self._settings.rejection_rate

    def first_fill(self, account: str, tag: str, quantity: int, lot: int) -> int:
        """The most that the first fill may give, in units: all of it, but for a few orders."""
        lots = quantity // lot
        if lots < 2 or self.of("partial", account, tag) >= self._settings.partial_rate:
            return quantity
        return lot * (1 + int(self.of("part", account, tag) * (lots - 1)))
