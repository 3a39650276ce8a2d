"""One WebSocket to Kite, from handshake to silence."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import urlencode, urlsplit

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import InvalidStatus

from adapters.brokers.zerodha.frames import BadFrame, Tick, parse_frame
from adapters.brokers.zerodha.patience import Patience
from adapters.brokers.zerodha.scrubbing import scrubbed, scrubbed_logger, told
from adapters.brokers.zerodha.shares import chunks

LOG: Final = logging.getLogger("atp.zerodha.stream")
LIBRARY: Final = "atp.zerodha.socket"
DEAD_TOKEN: Final = (401, 403)
#: 3,000 full packets are 558 KB.
LARGEST_FRAME: Final = 2**21


LOOPBACK: Final = frozenset(("127.0.0.1", "localhost"))


class UnsafePlace(ValueError):
    """The token goes to wss://host; only a simulator on this machine needs no TLS."""


class SessionRefused(ConnectionError):
    """Kite does not take this token."""


class LineSilent(ConnectionError):
    """Not even a heartbeat came."""


@dataclass(frozen=True, slots=True)
class Login:
    """What opens the stream; neither is ever shown."""

    api_key: str = field(repr=False)
    access_token: str = field(repr=False)


@dataclass(frozen=True, kw_only=True)
class Ears:
    """Who hears what comes over a line; called in its thread, and never to wait there."""

    up: Callable[[], None]
    heard: Callable[[], None]
    ticked: Callable[[Sequence[Tick]], None]
    order: Callable[[], None]


def safe(url: str) -> str:
    """The address itself; raises UnsafePlace."""
    parts = urlsplit(url)
    private = parts.scheme == "wss" or (parts.scheme == "ws" and parts.hostname in LOOPBACK)
    if not private or not parts.hostname or parts.query or parts.username:
        raise UnsafePlace(f"{parts.scheme}://{parts.hostname} is no place for a token")
    return url


class NoRedirect(connect):
    """Connects where it was told to, and nowhere else: the URL holds the token."""

    def process_redirect(self, exc: Exception) -> Exception | str:
        """A redirect is a refusal like any other."""
        return exc


class Line:
    """One connection and the tokens it carries, which may change while it is open."""

    def __init__(
        self, url: str, carried: Callable[[], Sequence[int]], ears: Ears, patience: Patience
    ) -> None:
        self.changed = asyncio.Event()
        self._given_up = asyncio.Event()
        self._url = url
        self._carried = carried
        self._ears = ears
        self._patience = patience
        self._log = scrubbed_logger(LIBRARY)

    def give_up(self) -> None:
        """Break the connection, if there is one."""
        self._given_up.set()

    async def hold(self, login: Login) -> None:
        """Stay connected until something goes wrong.

        Raises SessionRefused, LineSilent, OSError, TimeoutError or WebSocketException.
        """
        self._given_up.clear()
        try:
            async with self._connect(login) as socket:
                self._ears.up()
                works = self._listen(socket), self._subscribe(socket), self._until_given_up()
                await first_to_end(*works)
        except InvalidStatus as refusal:
            status = refusal.response.status_code
            if status in DEAD_TOKEN:
                raise SessionRefused(f"the stream was refused with {status}") from None
            raise

    def _connect(self, login: Login) -> NoRedirect:
        query = urlencode({"api_key": login.api_key, "access_token": login.access_token})
        return NoRedirect(
            f"{self._url}?{query}",
            additional_headers={"X-Kite-Version": "3"},
            compression=None,
            open_timeout=self._patience.opening_s,
            close_timeout=self._patience.closing_s,
            ping_interval=None,  # silence is watched for below, and heartbeats come unasked
            max_size=LARGEST_FRAME,
            logger=self._log,
        )

    async def _until_given_up(self) -> None:
        await self._given_up.wait()
        raise LineSilent("given up: it brought heartbeats only")

    # ── what comes ────────────────────────────────────────────────────────────────────────

    async def _listen(self, socket: ClientConnection) -> None:
        while True:
            try:
                async with asyncio.timeout(self._patience.silence_s):
                    message = await socket.recv()
            except TimeoutError:
                raise LineSilent(f"silent for {self._patience.silence_s:g} s") from None
            self._ears.heard()
            if isinstance(message, str):
                self._read(message)
            else:
                self._parse(message)

    def _parse(self, frame: bytes) -> None:
        try:
            ticks = parse_frame(frame)
        except BadFrame as bad:
            LOG.warning("a frame of %d bytes was refused: %s", len(frame), told(bad))
            return
        if ticks:
            self._ears.ticked(ticks)

    def _read(self, text: str) -> None:
        """A text is news of an order, or something to be logged; its content is not believed."""
        try:
            message = json.loads(text)
        except (ValueError, RecursionError):
            LOG.warning("a text of %d characters is no JSON", len(text))
            return
        kind = message.get("type") if isinstance(message, dict) else None
        if kind == "order":
            self._ears.order()
        else:
            log = LOG.warning if kind == "error" else LOG.info
            log("Kite says: %s", scrubbed(text)[:500])

    # ── what is asked for ─────────────────────────────────────────────────────────────────

    async def _subscribe(self, socket: ClientConnection) -> None:
        have: set[int] = set()
        while True:
            self.changed.clear()
            carried = self._carried()
            await self._send(socket, sorted(have - {*carried}), "unsubscribe")
            new = [token for token in carried if token not in have]
            await self._send(socket, new, "subscribe", "mode")
            have = {*carried}
            await self.changed.wait()

    async def _send(self, socket: ClientConnection, tokens: Sequence[int], *asked: str) -> None:
        for chunk in chunks(tokens):
            for ask in asked:
                value = ["full", chunk] if ask == "mode" else chunk
                await socket.send(json.dumps({"a": ask, "v": value}))


async def first_to_end(*works: Coroutine[None, None, object]) -> None:
    """Do these side by side until the first ends, and end with it; raises what it raised."""
    tasks = [asyncio.ensure_future(work) for work in works]
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    for task in done:
        task.result()
