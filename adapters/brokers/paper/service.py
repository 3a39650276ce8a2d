"""The paper broker's server: one line in, one line out, on this machine only."""

from __future__ import annotations

import os
from collections.abc import Callable
from secrets import compare_digest
from socketserver import StreamRequestHandler, ThreadingTCPServer
from threading import Event, Thread
from typing import Any, Final

from pydantic import ValidationError

from adapters.brokers.paper.desk import ConnectionLost, Desk
from adapters.brokers.paper.wire import ANSWERS, LONGEST_LINE, Answer, Request, Status
from domain.book import BrokerError, NotSent

LOOPBACK: Final = "127.0.0.1"
BEAT_S: Final = 0.02
"""How often the exchange is stepped when nobody asks; every request steps it besides."""


class PaperServer(ThreadingTCPServer):
    """Serves a desk to whoever knows the token."""

    allow_reuse_address = True
    daemon_threads = True
    request_queue_size = 256

    def __init__(self, desk: Desk, token: str, port: int = 0) -> None:
        super().__init__((LOOPBACK, port), _Conversation)
        self.desk = desk
        self.token = token
        self._ended = Event()

    @property
    def port(self) -> int:
        """Where it listens."""
        return int(self.server_address[1])

    def run(self) -> None:
        """Serve, and let time pass at the exchange, until `shutdown`."""
        beat = Thread(target=self._beat, name="paper exchange")
        beat.start()
        try:
            self.serve_forever(poll_interval=0.05)
        finally:
            self._ended.set()
            beat.join()
            self.server_close()

    def _beat(self) -> None:
        """An exchange that cannot go on must not go on answering either."""
        try:
            while not self._ended.wait(BEAT_S):
                self.desk.exchange.step(self.desk.clock.now())
        finally:
            self.shutdown()

    def answer(self, line: bytes) -> Answer:
        """What to say to a line; raises ConnectionLost where nothing is to be said."""
        try:
            request = Request.model_validate_json(line)
        except ValidationError as error:
            return Answer(error=NotSent.__name__, message=f"not understood: {error}")
        if not compare_digest(request.token.encode(), self.token.encode()):
            return Answer(error=NotSent.__name__, message="the token is not this broker's")
        try:
            value = _METHODS[request.method](self.desk, request)
        except BrokerError as error:
            return Answer(error=type(error).__name__, message=str(error))
        return Answer(value=ANSWERS[request.method].dump_python(value, mode="json"))


class _Conversation(StreamRequestHandler):
    """One request; the connection ends with it."""

    timeout = 5
    server: PaperServer

    def handle(self) -> None:
        try:
            answer = self.server.answer(self.rfile.readline(LONGEST_LINE))
            self.wfile.write(answer.model_dump_json().encode() + b"\n")
        except (ConnectionLost, OSError):
            return  # hearing nothing is what the caller has to live with


def _place(desk: Desk, request: Request) -> str:
    if request.ticket is None:
        raise NotSent("an order needs a ticket")
    return desk.place(request.account, request.ticket)


def _inject(desk: Desk, request: Request) -> None:
    if request.fault is not None:
        desk.faults.inject(request.account, request.fault)


# Any: each method has an answer of its own type, as ANSWERS says.
_METHODS: Final[dict[str, Callable[[Desk, Request], Any]]] = {
    "place": _place,
    "modify": lambda desk, r: desk.modify(r.account, r.order_id, r.price),
    "cancel": lambda desk, r: desk.cancel(r.account, r.order_id),
    "orders": lambda desk, r: desk.orders(r.account),
    "trades": lambda desk, r: desk.trades(r.account),
    "positions": lambda desk, r: desk.positions(r.account),
    "funds": lambda desk, r: desk.funds(r.account),
    "basket_margin": lambda desk, r: desk.basket_margin(r.account, r.tickets),
    "profile": lambda desk, r: desk.profile(r.account),
    "login_url": lambda desk, r: desk.login_url(r.account),
    "exchange_token": lambda desk, r: desk.exchange_token(r.account, r.request_token),
    "open_account": lambda desk, r: desk.exchange.open_account(r.account, r.cash),
    "inject": _inject,
    "expire_session": lambda desk, r: desk.faults.expire_session(r.account),
    "status": lambda desk, _: Status(now=desk.clock.now().isoformat(), pid=os.getpid()),
}
