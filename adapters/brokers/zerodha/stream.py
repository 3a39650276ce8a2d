"""Kite's stream of ticks and order updates, held open in a thread and taken up again."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence
from contextlib import suppress
from random import Random
from threading import Event, Lock, Thread
from typing import Final, Protocol

from websockets.exceptions import WebSocketException

from adapters.brokers.zerodha.frames import Tick
from adapters.brokers.zerodha.line import (
    Ears,
    Line,
    Login,
    SessionRefused,
    first_to_end,
    safe,
)
from adapters.brokers.zerodha.patience import Patience, Pauses
from adapters.brokers.zerodha.scrubbing import told
from adapters.brokers.zerodha.shares import Shares

LOG: Final = logging.getLogger("atp.zerodha.stream")
WS: Final = "wss://ws.kite.trade"


class Listener(Protocol):
    """Who is told; called in the stream's own thread, and never to wait there."""

    def up(self, account_id: str, line: int) -> None:
        """A line is open; what happened before was not heard."""
        ...

    def heard(self, account_id: str, line: int) -> None:
        """Something came, if only a heartbeat."""
        ...

    def ticked(self, account_id: str, ticks: Sequence[Tick]) -> None:
        """Prices came."""
        ...

    def news(self, account_id: str) -> None:
        """Something happened to an order: read the book."""
        ...

    def down(self, account_id: str, line: int, why: str) -> None:
        """A line is gone, or did not come up."""
        ...

    def session_lost(self, account_id: str) -> None:
        """The token is dead: nothing is tried before there is another."""
        ...


class Stream:
    """One account's stream: as many lines as its tokens need, the first for order updates anyway.

    `login` and `wanted` are asked again for every attempt and whenever something changed.
    """

    def __init__(
        self,
        account_id: str,
        login: Callable[[], Login | None],
        wanted: Callable[[], Sequence[int]],
        listener: Listener,
        *,
        url: str = WS,
        patience: Patience | None = None,
        chance: Random | None = None,
        shares: Shares | None = None,
    ) -> None:
        self.account_id = account_id
        self._login = login
        self._wanted = wanted
        self._listener = listener
        self._url = safe(url)
        self._patience = patience or Patience()
        self._chance = chance or Random()
        self._shares = shares or Shares()
        self._refused: Login | None = None
        self._lines: list[Line] = []
        self._pauses: list[Pauses] = []
        self._thread: Thread | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._stopped = False
        self._starting = Lock()
        self._stopping, self._dealt = asyncio.Event(), asyncio.Event()
        self._renewed = asyncio.Event()

    # ── from any thread ───────────────────────────────────────────────────────────────────

    @property
    def alive(self) -> bool:
        """Whether its thread is at work."""
        return self._thread is not None and self._thread.is_alive()

    def start(self) -> None:
        """Connect, and keep connecting; nothing happens once it was stopped."""
        with self._starting:
            if self._stopped or self.alive:
                return
            ready, name = Event(), f"stream {self.account_id}"
            self._thread = Thread(target=self._work, args=(ready,), name=name, daemon=True)
            self._thread.start()
            ready.wait()

    def stop(self) -> None:
        """Close every line for good; nothing is heard any more."""
        with self._starting:
            self._stopped = True
        self._tell(self._end)
        if self._thread is not None:
            self._thread.join()

    def changed(self) -> None:
        """Other tokens are wanted."""
        self._tell(self._deal_again)

    def renewed(self) -> None:
        """There is a new login: try it at once."""
        self._tell(self._wake)

    def reconnect(self) -> None:
        """Break every line, and connect again."""
        self._tell(self._give_up)

    def _tell(self, what: Callable[[], None]) -> None:
        with suppress(RuntimeError):  # its thread may end at this very moment
            if self._loop is not None and self.alive:
                self._loop.call_soon_threadsafe(what)

    def _end(self) -> None:
        self._stopping.set()

    def _give_up(self) -> None:
        for line in self._lines:
            line.give_up()

    def _deal_again(self) -> None:
        self._dealt.set()

    def _wake(self) -> None:
        self._renewed.set()
        self._renewed = asyncio.Event()

    # ── in its own thread ─────────────────────────────────────────────────────────────────

    def _work(self, ready: Event) -> None:
        try:
            asyncio.run(self._live(ready))
        finally:
            for number in range(len(self._lines)):
                self._listener.down(self.account_id, number, "the stream was ended")

    async def _live(self, ready: Event) -> None:
        self._loop = asyncio.get_running_loop()
        self._stopping, self._dealt = asyncio.Event(), asyncio.Event()
        self._renewed = asyncio.Event()
        self._lines, self._pauses = [], []
        ready.set()
        await first_to_end(self._stopping.wait(), self._deal())

    async def _deal(self) -> None:
        """Have every token carried, by one more line where the others are full."""
        async with asyncio.TaskGroup() as lines:
            while True:
                self._dealt.clear()
                self._shares.deal(self._wanted())
                while len(self._lines) < self._shares.needed:
                    lines.create_task(self._keep(self._another()))
                for line in self._lines:
                    line.changed.set()
                await self._dealt.wait()

    def _another(self) -> int:
        """One more line, of the next number."""
        number, account, listener = len(self._lines), self.account_id, self._listener
        pauses = Pauses(self._patience, self._chance)

        def heard() -> None:
            pauses.forget()
            listener.heard(account, number)

        ears = Ears(
            up=lambda: listener.up(account, number),
            heard=heard,
            ticked=lambda ticks: listener.ticked(account, ticks),
            order=lambda: listener.news(account),
        )
        line = Line(self._url, lambda: self._shares.of(number), ears, self._patience)
        self._lines.append(line)
        self._pauses.append(pauses)
        return number

    async def _keep(self, number: int) -> None:
        """Hold this line, again and again."""
        while True:
            login = await self._usable()
            try:
                await self._lines[number].hold(login)
            except SessionRefused as refusal:
                self._listener.down(self.account_id, number, str(refusal))
                self._refuse(login)
            except (OSError, WebSocketException) as error:
                LOG.info("line %d of %s: %s", number, self.account_id, told(error))
                self._listener.down(self.account_id, number, told(error))
                await asyncio.sleep(self._pauses[number].next())

    async def _usable(self) -> Login:
        """A login that was not refused yet; waited for as long as it takes."""
        while True:
            login = self._login()
            if login is not None and login != self._refused:
                return login
            with suppress(TimeoutError):
                async with asyncio.timeout(self._patience.look_for_login_s):
                    await self._renewed.wait()

    def _refuse(self, login: Login) -> None:
        """Remember a dead token, and say so once; not where somebody has logged in meanwhile."""
        if self._refused == login:
            return
        self._refused = login
        if self._login() == login:
            self._listener.session_lost(self.account_id)
