"""A WebSocket that speaks Kite's way, and fails on request; every client's messages are kept."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Callable, Coroutine, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Event, Thread
from typing import Any
from urllib.parse import parse_qs, urlsplit

from websockets.asyncio.server import Server, ServerConnection, serve
from websockets.exceptions import ConnectionClosed
from websockets.http11 import Request, Response

#: Seconds for what should happen at once, on a machine that does other things, too.
SOON = 30.0


def eventually(true: Callable[[], bool], what: str) -> None:
    """Wait for something that other threads bring about."""
    until = time.monotonic() + SOON
    while not true():
        assert time.monotonic() < until, f"never came: {what}"
        time.sleep(0.005)


@dataclass
class Caller:
    """One client that was let in, and what it is subscribed to."""

    socket: ServerConnection
    modes: dict[int, str] = field(default_factory=dict)
    chunks: list[int] = field(default_factory=list)

    def told(self, text: str | bytes) -> None:
        # Any: JSON, as a client sends it.
        message: dict[str, Any] = json.loads(text)
        match message["a"], message["v"]:
            case "subscribe", tokens:
                self.chunks.append(len(tokens))
                self.modes |= dict.fromkeys(tokens, "quote")
            case "mode", [mode, tokens]:
                self.modes |= {token: mode for token in tokens if token in self.modes}
            case "unsubscribe", tokens:
                for token in tokens:
                    del self.modes[token]


class ExchangeLine:
    """Beats every 50 ms; `tokens` are those that are let in."""

    def __init__(self, *tokens: str) -> None:
        self.tokens = {*tokens}
        self.status = 403
        self.beating = True
        self.between_beats = True
        self.attempts: list[float] = []
        self.headers: list[str | None] = []
        self.callers: list[Caller] = []
        self.url = ""
        self._stopping = asyncio.Event()
        self._ready = Event()
        self._thread = Thread(target=lambda: asyncio.run(self._live()), name="exchange line")

    def start(self) -> None:
        self._thread.start()
        assert self._ready.wait(SOON)

    def stop(self) -> None:
        self._loop.call_soon_threadsafe(self._stopping.set)
        self._thread.join()

    def send(self, message: str | bytes) -> None:
        """To everybody who is connected."""
        self._do(self._send(message))

    def drop(self) -> None:
        """Cut every connection without a word."""
        self._do(self._drop())

    def carried(self) -> dict[int, str]:
        """Mode by token, over all connections."""
        return {token: mode for caller in self.callers for token, mode in caller.modes.items()}

    def _do(self, work: Coroutine[None, None, None]) -> None:
        done: Future[None] = asyncio.run_coroutine_threadsafe(work, self._loop)
        done.result(SOON)

    async def _live(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._stopping = asyncio.Event()
        async with serve(
            self._serve, "127.0.0.1", 0, process_request=self._admit, close_timeout=0.1
        ) as server:
            self.url = f"ws://127.0.0.1:{port_of(server)}"
            self._ready.set()
            await self._stopping.wait()

    def _admit(self, socket: ServerConnection, request: Request) -> Response | None:
        self.attempts.append(time.monotonic())
        self.headers.append(request.headers.get("X-Kite-Version"))
        asked = parse_qs(urlsplit(request.path).query)
        if asked.get("access_token", [""])[0] in self.tokens and asked.get("api_key") == ["key"]:
            return None
        refusal = socket.respond(self.status, "no\n")
        if 300 <= self.status < 400:
            refusal.headers["Location"] = self.url + request.path.removeprefix("/")
        return refusal

    async def _serve(self, socket: ServerConnection) -> None:
        caller = Caller(socket)
        self.callers.append(caller)
        beats = asyncio.ensure_future(self._beat(socket))
        try:
            async for message in socket:
                caller.told(message)
        except ConnectionClosed:
            pass
        finally:
            beats.cancel()
            self.callers.remove(caller)

    async def _beat(self, socket: ServerConnection) -> None:
        while True:
            if self.beating:
                await socket.send(b"\1")
                self.between_beats = True
            else:
                self.between_beats = False
            await asyncio.sleep(0.05)

    async def _send(self, message: str | bytes) -> None:
        for caller in list(self.callers):
            await caller.socket.send(message)

    async def _drop(self) -> None:
        for caller in list(self.callers):
            caller.socket.transport.abort()


def port_of(server: Server) -> int:
    port: int = next(iter(server.sockets)).getsockname()[1]
    return port


@contextmanager
def exchange_line(*tokens: str) -> Iterator[ExchangeLine]:
    line = ExchangeLine(*tokens)
    line.start()
    try:
        yield line
    finally:
        line.stop()
