"""The WebSocket: ticks and heartbeats in binary, order updates in text; nothing is replayed."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta
from functools import partial
from http import HTTPStatus
from threading import Event, Lock, Thread
from typing import Any, Final
from urllib.parse import parse_qs, urlsplit

from websockets.asyncio.server import Server, ServerConnection, serve
from websockets.exceptions import ConnectionClosed
from websockets.http11 import Request, Response

from adapters.simulators.kite.answers import KiteError, encoded
from adapters.simulators.kite.faults import FaultKind, Faults
from adapters.simulators.kite.listener import Listener
from adapters.simulators.kite.rows import Row
from adapters.simulators.kite.sessions import KiteSession
from adapters.simulators.kite.venue import Venue
from adapters.simulators.kite.wire import LOOPBACK

MOST_CONNECTIONS: Final = 3
GONE_AWAY: Final = 1001


class Stream:
    """Every WebSocket connection; `look` and `tell` may be called from any thread."""

    def __init__(self, venue: Venue, faults: Faults) -> None:
        self._venue = venue
        self._faults = faults
        self._loop = asyncio.new_event_loop()
        self._listeners: list[Listener] = []
        self._lock = Lock()
        self._silent_until: datetime | None = None
        self._ready = Event()
        self._thread = Thread(target=self._run, name="kite simulator stream", daemon=True)
        self._server: Server | None = None
        self._wanted_port = 0
        self.port = 0

    def start(self, port: int = 0) -> None:
        self._wanted_port = port
        self._thread.start()
        self._ready.wait()

    def _run(self) -> None:
        self._loop.run_until_complete(self._serve())
        self._loop.run_forever()
        self._loop.close()

    async def _serve(self) -> None:
        self._server = await serve(
            self._connected,
            LOOPBACK,
            self._wanted_port,
            process_request=self._admit,
            compression=None,
            ping_interval=None,
        )
        self.port = int(next(iter(self._server.sockets)).getsockname()[1])
        self._ready.set()

    def stop(self) -> None:
        asyncio.run_coroutine_threadsafe(self._end(), self._loop).result()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()

    async def _end(self) -> None:
        if self._server is not None:
            self._server.close(code=GONE_AWAY)
            await self._server.wait_closed()

    # ── connections ──────────────────────────────────────────────────────────────────────

    def _admit(self, connection: ServerConnection, request: Request) -> Response | None:
        """403 for a token that is not alive."""
        if self._faults.outage(self._venue.clock.now()) is not None:
            return connection.respond(HTTPStatus.SERVICE_UNAVAILABLE, "")
        try:
            session = self._session(request.path)
        except KiteError as error:
            return connection.respond(HTTPStatus(error.status), error.message)
        same = [each for each in self._listeners if each.session.app == session.app]
        if len(same) >= MOST_CONNECTIONS:
            return connection.respond(HTTPStatus.TOO_MANY_REQUESTS, "")
        return None

    def _session(self, path: str) -> KiteSession:
        query = {name: values[-1] for name, values in parse_qs(urlsplit(path).query).items()}
        return self._venue.sessions.find(query.get("api_key", ""), query.get("access_token", ""))

    async def _connected(self, socket: ServerConnection) -> None:
        request = socket.request
        if request is None:
            return
        try:
            listener = Listener(socket, self._session(request.path))
        except KiteError:
            return  # the session died between handshake and here
        with self._lock:
            self._listeners.append(listener)
        sending = asyncio.create_task(self._send(listener))
        self._show([listener])
        try:
            async for text in socket:
                with self._lock:
                    refusal = listener.heed(text)
                if refusal is not None:
                    listener.put(json.dumps({"type": "error", "data": refusal}))
                self._show([listener])
        except ConnectionClosed:
            pass  # a client may leave as it likes
        finally:
            sending.cancel()
            with self._lock:
                self._listeners.remove(listener)

    async def _send(self, listener: Listener) -> None:
        with suppress(ConnectionClosed):
            while True:
                await listener.socket.send(await listener.waiting.get())

    # ── news ─────────────────────────────────────────────────────────────────────────────

    def tell(self, account: str, frame: Row) -> None:
        """An order update to every connection of the account."""
        text = encoded(frame).decode()
        for listener in self._alive():
            if listener.session.app.account == account:
                self._soon(partial(listener.put, text))

    def _alive(self) -> list[Listener]:
        with self._lock:
            return list(self._listeners)

    def look(self) -> None:
        """Tell what has changed since the last look; faults of the feed happen here."""
        now = self._venue.clock.now()
        fault = self._faults.of_feed(now)
        if fault is not None and fault.kind is FaultKind.STALL:
            self._silent_until = now + timedelta(seconds=fault.seconds)
        elif fault is not None:
            self._hang_up(self._alive())
        self._hang_up(self._dead(now))
        self._show(self._alive())

    def _dead(self, now: datetime) -> list[Listener]:
        """In an outage everybody, else those whose session has ended."""
        if self._faults.outage(now) is not None:
            return self._alive()
        alive = self._venue.sessions.alive
        return [each for each in self._alive() if not alive(each.session)]

    def _hang_up(self, listeners: list[Listener]) -> None:
        for listener in listeners:
            self._soon(listener.socket.transport.abort)

    def _show(self, listeners: list[Listener]) -> None:
        """Ticks of what has changed, and a heartbeat after a silence."""
        if not listeners or self._silent():
            return
        with self._lock:
            wanted = {token for listener in listeners for token in listener.modes}
        with self._venue.now() as now:
            keys = self._venue.listed(now).keys
            wanted &= keys.keys()
            prices = self._venue.prices.of(keys[token] for token in sorted(wanted))
        by_token = {token: prices[keys[token]] for token in wanted if keys[token] in prices}
        with self._lock:
            for listener in listeners:
                frame = listener.news(by_token, now)
                if frame is not None:
                    self._soon(partial(listener.put, frame))

    def _silent(self) -> bool:
        return self._silent_until is not None and self._venue.clock.now() < self._silent_until

    def _soon(self, act: Callable[[], None]) -> None:
        """On the loop's thread; not at all once the simulator has ended."""
        with suppress(RuntimeError):
            self._loop.call_soon_threadsafe(act)


# Any: a JSON object.
def order_frame(row: Row) -> dict[str, Any]:
    """An order update as the WebSocket carries it."""
    return {"type": "order", "id": "", "data": row}
