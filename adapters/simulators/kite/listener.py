"""One WebSocket connection: what it wants, and what it was last told."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from websockets.asyncio.server import ServerConnection

from adapters.simulators.kite.quotes import Price
from adapters.simulators.kite.sessions import KiteSession
from adapters.simulators.kite.ticks import HEARTBEAT, Mode, message, packet
from domain.quote import Quote

MOST_TOKENS: Final = 3000
MOST_WAITING: Final = 1000
"""Messages; a client that falls further behind loses what comes next."""
HEARTBEAT_EVERY: Final = timedelta(seconds=2)


@dataclass(eq=False)
class Listener:
    """One connection: what it wants, and what it was last told."""

    socket: ServerConnection
    session: KiteSession
    waiting: asyncio.Queue[str | bytes] = field(default_factory=lambda: asyncio.Queue(MOST_WAITING))
    modes: dict[int, Mode] = field(default_factory=dict)
    told: dict[int, tuple[Quote, datetime, Mode]] = field(default_factory=dict)
    heard_at: datetime | None = None

    def heed(self, text: str | bytes) -> str | None:
        """Subscribe, unsubscribe, or another mode; answers why not."""
        try:
            match json.loads(text):
                case {"a": "subscribe", "v": [*tokens]}:
                    return self._want({int(token): Mode.QUOTE for token in tokens})
                case {"a": "mode", "v": [str(mode), [*tokens]]}:
                    return self._want({int(token): Mode(mode) for token in tokens})
                case {"a": "unsubscribe", "v": [*tokens]}:
                    for token in map(int, tokens):
                        self.modes.pop(token, None)
                        self.told.pop(token, None)
                    return None
        except (ValueError, TypeError):
            return "Malformed message."
        return "Unknown action."

    def _want(self, modes: Mapping[int, Mode]) -> str | None:
        if len(self.modes.keys() | modes.keys()) > MOST_TOKENS:
            return f"At most {MOST_TOKENS} instruments on a connection."
        self.modes.update(modes)
        return None

    def news(self, prices: Mapping[int, Price], now: datetime) -> bytes | None:
        """What it has not been told yet; a heartbeat after a silence, None before that."""
        changed = []
        for token, mode in self.modes.items():
            price = prices.get(token)
            if price is None:
                continue
            news = (price.quote, price.seen_at, mode)
            if self.told.get(token) != news:
                self.told[token] = news
                changed.append(packet(token, price, mode))
        if not changed and self.heard_at is not None and now - self.heard_at < HEARTBEAT_EVERY:
            return None
        self.heard_at = now
        return message(changed) if changed else HEARTBEAT

    def put(self, frame: str | bytes) -> None:
        with suppress(asyncio.QueueFull):
            self.waiting.put_nowait(frame)
