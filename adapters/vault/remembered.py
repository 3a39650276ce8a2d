"""Secrets that were read lately, for as long as they count."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from threading import Lock


class Remembered:
    """Safe between threads: what was read before a change is not remembered after it."""

    def __init__(self, seconds: float, monotonic: Callable[[], float]) -> None:
        self._seconds = seconds
        self._monotonic = monotonic
        self._known: dict[str, tuple[float, dict[str, str]]] = {}
        self._changes: Counter[str] = Counter()
        self._lock = Lock()

    def get(self, ref: str) -> Mapping[str, str] | None:
        with self._lock:
            until, secret = self._known.get(ref, (0.0, {}))
            if until > self._monotonic():
                return dict(secret)
            self._known.pop(ref, None)
            return None

    @contextmanager
    def reading(self, ref: str) -> Iterator[Callable[[dict[str, str]], None]]:
        """It is read inside; what is remembered of it before goes when there is no answer."""
        with self._lock:
            self._known.pop(ref, None)
            changes = self._changes[ref]
        until = self._monotonic() + self._seconds

        def remember(secret: dict[str, str]) -> None:
            with self._lock:
                if self._changes[ref] == changes:
                    self._known[ref] = (until, dict(secret))

        yield remember

    @contextmanager
    def changing(self, ref: str) -> Iterator[None]:
        """It is changed inside: nothing read until the end of it counts afterwards."""
        try:
            yield
        finally:
            with self._lock:
                self._changes[ref] += 1
                self._known.pop(ref, None)
