"""Who was signed out by this worker: their access tokens are good no longer here."""

from __future__ import annotations

from collections import OrderedDict
from threading import Lock
from typing import Final

KEPT: Final = 10_000


class Ended:
    """By user, the second of the last sign-out, and what was issued after it in that second."""

    def __init__(self) -> None:
        self._ended: OrderedDict[str, tuple[int, set[str]]] = OrderedDict()
        self._lock = Lock()

    def add(self, user_id: str, second: int) -> None:
        with self._lock:
            self._ended[user_id] = (second, set())
            self._ended.move_to_end(user_id)
            while len(self._ended) > KEPT:
                self._ended.popitem(last=False)

    def spare(self, user_id: str, token_id: str) -> None:
        """This token was issued after the sign-out."""
        with self._lock:
            if user_id in self._ended:
                self._ended[user_id][1].add(token_id)

    def covers(self, user_id: str, token_id: str, issued_at: int) -> bool:
        with self._lock:
            second, spared = self._ended.get(user_id, (0, set[str]()))
            return issued_at <= second and token_id not in spared
