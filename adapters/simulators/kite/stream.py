"""The WebSocket: ticks and heartbeats in binary, order updates in text; nothing is replayed."""

from __future__ import annotations

import asyncio
import json
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from http import HTTPStatus
from threading import Event, Lock, Thread
from typing import Any, Final
from urllib.parse import parse_qs, urlsplit

from websockets.asyncio.server import Server, ServerConnection, serve
from websockets.exceptions import ConnectionClosed
from websockets.http11 import Request, Response

from adapters.simulators.kite.answers import KiteError, encoded
from adapters.simulators.kite.faults import Fault, FaultKind, Faults
from adapters.simulators.kite.quotes import Price
from adapters.simulators.kite.rows import Row
from adapters.simulators.kite.sessions import KiteSession
from adapters.simulators.kite.ticks import HEARTBEAT, Mode, message, packet
from adapters.simulators.kite.venue import Venue
from adapters.simulators.kite.wire import LOOPBACK

MOST_TOKENS: Final = 3000
MOST_CONNECTIONS: Final = 3
MOST_WAITING: Final = 1000
"""Messages; a client that falls further behind loses what comes next."""
HEARTBEAT_EVERY: Final = timedelta(seconds=2)
GONE_AWAY: Final = 1001


@dataclass(eq=False)
class Listener:
    """One connection: what it wants, and what it was last told."""

    socket: ServerConnection
    session: KiteSession
    waiting: asyncio.Queue[str | bytes] = field(default_factory=lambda: asyncio.Queue(MOST_WAITING))
    modes: dict[int, Mode] = field(default_factory=dict)
    told: dict[int, tuple[object, Mode]] = field(default_factory=dict)
    heard_at: datetime | None = None

    def put(self, frame: str | bytes) -> None:
        with suppress(asyncio.QueueFull):
            self.waiting.put_nowait(frame)


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
        listener = Listener(socket, self._session(request.path))
        with self._lock:
            self._listeners.append(listener)
        sending = asyncio.create_task(self._send(listener))
        try:
            async for text in socket:
                self._heed(listener, text)
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

    def _heed(self, listener: Listener, text: str | bytes) -> None:
        """Subscribe, unsubscribe, or another mode."""
        try:
            asked = json.loads(text)
            match asked:
                case {"a": "subscribe", "v": [*tokens]}:
                    self._subscribe(listener, {int(t): Mode.QUOTE for t in tokens})
                case {"a": "mode", "v": [str(mode), [*tokens]]}:
                    self._subscribe(listener, {int(t): Mode(mode) for t in tokens})
                case {"a": "unsubscribe", "v": [*tokens]}:
                    for token in tokens:
                        listener.modes.pop(int(token), None)
                        listener.told.pop(int(token), None)
                case _:
                    listener.put(_error("Unknown action."))
        except (ValueError, TypeError):
            listener.put(_error("Malformed message."))

    def _subscribe(self, listener: Listener, modes: dict[int, Mode]) -> None:
        if len(listener.modes.keys() | modes.keys()) > MOST_TOKENS:
            listener.put(_error(f"At most {MOST_TOKENS} instruments on a connection."))
            return
        listener.modes = {**listener.modes, **modes}
        self._show([listener])

    # ── news ─────────────────────────────────────────────────────────────────────────────

    def tell(self, account: str, frame: Row) -> None:
        """An order update to every connection of the account."""
        text = encoded(frame).decode()
        for listener in self._alive():
            if listener.session.app.account == account:
                self._loop.call_soon_threadsafe(listener.put, text)

    def _alive(self) -> list[Listener]:
        with self._lock:
            return list(self._listeners)

    def look(self) -> None:
        """Tell what has changed since the last look; faults of the feed happen here."""
        now = self._venue.clock.now()
        fault = self._faults.of_feed(now)
        if fault is not None:
            self._happen(fault, now)
        self._hang_up_on_the_dead(now)
        if self._silent_until is None or now >= self._silent_until:
            self._loop.call_soon_threadsafe(self._show, self._alive())

    def _happen(self, fault: Fault, now: datetime) -> None:
        if fault.kind is FaultKind.STALL:
            self._silent_until = now + timedelta(seconds=fault.seconds)
        else:
            self._hang_up(self._alive())

    def _hang_up_on_the_dead(self, now: datetime) -> None:
        """In an outage on everybody, else on those whose session has ended."""
        if self._faults.outage(now) is not None:
            self._hang_up(self._alive())
            return
        for listener in self._alive():
            app, token = listener.session.app, listener.session.access_token
            try:
                self._venue.sessions.find(app.api_key, token)
            except KiteError:
                self._hang_up([listener])

    def _hang_up(self, listeners: list[Listener]) -> None:
        for listener in listeners:
            self._loop.call_soon_threadsafe(listener.socket.transport.abort)

    def _show(self, listeners: list[Listener]) -> None:
        """Ticks of what has changed, and a heartbeat after a silence; on the loop's thread."""
        if not listeners:
            return
        wanted = {token for listener in listeners for token in listener.modes}
        with self._venue.now() as now:
            keys = self._venue.listed(now).keys
            by_key = self._venue.prices.of(keys[token] for token in sorted(wanted & keys.keys()))
        prices = {
            token: by_key[keys[token]] for token in wanted & keys.keys() if keys[token] in by_key
        }
        for listener in listeners:
            self._show_one(listener, prices, now)

    def _show_one(self, listener: Listener, prices: dict[int, Price], now: datetime) -> None:
        changed = []
        for token, mode in listener.modes.items():
            price = prices.get(token)
            if price is not None and listener.told.get(token) != (price.quote, mode):
                listener.told[token] = (price.quote, mode)
                changed.append(packet(token, price, mode))
        if changed:
            listener.put(message(changed))
        elif listener.heard_at is not None and now - listener.heard_at < HEARTBEAT_EVERY:
            return
        else:
            listener.put(HEARTBEAT)
        listener.heard_at = now


def _error(text: str) -> str:
    return json.dumps({"type": "error", "data": text})


# Any: a JSON object.
def order_frame(row: Row) -> dict[str, Any]:
    """An order update as the WebSocket carries it."""
    return {"type": "order", "id": "", "data": row}
