"""Order updates: over the WebSocket, and as postbacks to the URL of the app; sent and forgotten."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from hashlib import sha256
from queue import SimpleQueue
from threading import Thread
from typing import Final
from urllib.request import Request, urlopen

from adapters.simulators.kite.answers import encoded
from adapters.simulators.kite.faults import FaultKind, Faults
from adapters.simulators.kite.history import OPEN, OrderHistory, State
from adapters.simulators.kite.identity import by_hand
from adapters.simulators.kite.rows import Row, order_row
from adapters.simulators.kite.sessions import KiteApp
from adapters.simulators.kite.stream import Stream, order_frame
from adapters.simulators.kite.venue import Venue

LOG: Final = logging.getLogger("atp.kite_simulator")
TIMEOUT_S: Final = 5.0


class News:
    """Tells the world of each order's new states, as far as the faults let it."""

    def __init__(self, venue: Venue, stream: Stream, faults: Faults) -> None:
        self._venue = venue
        self._stream = stream
        self._faults = faults
        self._posts: SimpleQueue[tuple[str, bytes] | None] = SimpleQueue()
        self._thread = Thread(target=self._post, name="kite simulator postbacks", daemon=True)
        venue.histories.watch(self._told)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._posts.put(None)
        self._thread.join()

    def _told(self, order: OrderHistory, state: State, status: str) -> None:
        """Under the exchange's lock: nothing here may wait."""
        account = order.placed.account
        if order.placed.shown_from > state.at:
            return  # what the book does not show is no news
        apps = self._venue.sessions.apps_of(account)
        for app in apps[:1]:
            row = self._row(app, order, state, status)
            for _ in self._times("ws", account, state):
                self._stream.tell(account, order_frame(row))
        if status == OPEN or by_hand(order.placed.ticket.tag):
            return
        for app in apps:
            if app.postback_url is not None:
                body = encoded(self._postback(app, order, state, status))
                for _ in self._times("postback", account, state):
                    self._posts.put((app.postback_url, body))

    def _times(self, channel: str, account: str, state: State) -> Iterator[int]:
        """Once; never or twice where a fault says so."""
        fault = self._faults.of_update(channel, account, state.at)
        if fault is None:
            return iter((1,))
        return iter(()) if fault.kind is FaultKind.LOSE_UPDATE else iter((1, 2))

    def _row(self, app: KiteApp, order: OrderHistory, state: State, status: str) -> Row:
        token = self._venue.listed(state.at).tokens.get(order.placed.ticket.contract.key, 0)
        row = order_row(order, state, app.user_id, token)
        return {**row, "status": status, "user_id": app.user_id, "app_id": app.app_id}

    def _postback(self, app: KiteApp, order: OrderHistory, state: State, status: str) -> Row:
        row = self._row(app, order, state, status)
        signed = f"{row['order_id']}{row['order_timestamp']}{app.api_secret}"
        return {
            **row,
            "unfilled_quantity": row["pending_quantity"],
            "checksum": sha256(signed.encode()).hexdigest(),
        }

    def _post(self) -> None:
        while (post := self._posts.get()) is not None:
            url, body = post
            headers = {"Content-Type": "application/json"}
            try:
                with urlopen(Request(url, body, headers), timeout=TIMEOUT_S) as answer:
                    answer.read()
            except OSError as error:
                LOG.warning("a postback was not delivered: %s", error)
