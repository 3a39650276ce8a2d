"""A WebSocket connection to the simulator, read by the official client's own parser."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from kiteconnect import KiteTicker
from websockets.sync.client import ClientConnection, connect

from tests.adapters.simulators.kite_stage import KEY, Json, Stage

NIFTY = 256265


PARSER = KiteTicker(KEY, "token")


class Feed:
    """One connection and what came over it."""

    def __init__(self, stage: Stage, socket: ClientConnection) -> None:
        self.stage = stage
        self.socket = socket

    def send(self, action: str, value: Any) -> None:  # Any: JSON
        self.socket.send(json.dumps({"a": action, "v": value}))

    def ticks(self) -> dict[int, Json]:
        """The next message of prices, as the official client reads it."""
        while True:
            frame = self.socket.recv(timeout=30)
            if isinstance(frame, bytes) and len(frame) > 1:
                return {tick["instrument_token"]: tick for tick in PARSER._parse_binary(frame)}

    def heartbeat(self) -> None:
        while self.socket.recv(timeout=30) != b"\x00":
            pass

    def texts(self, count: int) -> list[Json]:
        """The next text frames."""
        found: list[Json] = []
        while len(found) < count:
            frame = self.socket.recv(timeout=30)
            if isinstance(frame, str):
                found.append(json.loads(frame))
        return found

    def step(self, seconds: float = 1) -> None:
        self.stage.pass_time(seconds)
        self.stage.kite.step()


@contextmanager
def connected(stage: Stage, token: str | None = None) -> Iterator[Feed]:
    token = stage.client.access_token if token is None else token
    with connect(f"{stage.kite.ws}?api_key={KEY}&access_token={token}") as socket:
        feed = Feed(stage, socket)
        feed.heartbeat()  # from now on it is told
        yield feed
