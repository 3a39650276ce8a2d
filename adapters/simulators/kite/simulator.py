"""Kite in a box: its HTTP and WebSocket in front of a paper exchange, with faults to order."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from threading import Event, Thread
from typing import Final

from adapters.brokers.paper.exchange import PaperExchange
from adapters.clock import SteppedClock
from adapters.simulators.kite.control import CONTROL, Control
from adapters.simulators.kite.faults import Fault, Faults, Struck
from adapters.simulators.kite.gate import Gate
from adapters.simulators.kite.limits import Limits, Pace
from adapters.simulators.kite.news import News
from adapters.simulators.kite.orders import HandTrade, trade_by_hand
from adapters.simulators.kite.sessions import KiteApp, Sessions
from adapters.simulators.kite.stream import Stream
from adapters.simulators.kite.venue import Venue
from adapters.simulators.kite.wire import LOOPBACK, Answer, HttpServer, Request
from commands.ports import Clock, MarketData

BEAT_S: Final = 0.02
"""How often time passes by itself on a clock that runs; every request lets it pass besides."""


class KiteSimulator:
    """Serves one exchange to any number of apps, in threads of this process.

    `market` may be the exchange's own, or the same market seen through `clock`. On a stepped clock
    nothing moves by itself: requests and `step` bring the exchange, the news and the ticks up to
    the clock. `control` is the token of the control endpoint, which there is none without.
    """

    def __init__(
        self,
        exchange: PaperExchange,
        market: MarketData,
        clock: Clock,
        faults: Iterable[Fault] = (),
        *,
        limits: Limits | None = None,
        seed: int = 1,
        port: int = 0,
        ws_port: int = 0,
        control: str | None = None,
    ) -> None:
        self.clock = clock
        self.exchange = exchange
        self.faults = Faults(seed, *faults)
        self.sessions = Sessions(clock, seed)
        self.venue = Venue(exchange, market, clock, self.sessions)
        self._stream = Stream(self.venue, self.faults)
        self._news = News(self.venue, self._stream, self.faults)
        self.gate = Gate(self.venue, Pace(limits or Limits()), self.faults)
        self._control = Control(self, control) if control else None
        self._http = HttpServer(self._serve, port)
        self._ws_port = ws_port
        self._ended = Event()
        self._beating: Thread | None = None
        self._started = self._stopped = False

    def _serve(self, request: Request) -> Answer:
        if self._control is not None and request.path.startswith(CONTROL):
            return self._control.serve(request)
        return self.gate.serve(request)

    @property
    def root(self) -> str:
        """Where a client's REST calls go."""
        return f"http://{LOOPBACK}:{self._http.port}"

    @property
    def ws(self) -> str:
        """Where its WebSocket connects; known after `start`."""
        return f"ws://{LOOPBACK}:{self._stream.port}"

    @property
    def struck(self) -> list[Struck]:
        """Every fault that has happened so far."""
        return list(self.faults.struck)

    @property
    def broken(self) -> list[BaseException]:
        """What the simulator could not answer, for a reason of its own."""
        return list(self._http.broken)

    def start(self) -> None:
        """Listen, in threads of this process, until `stop`."""
        self._started = True
        self._stream.start(self._ws_port)
        self._news.start()
        self._http.start()
        if not isinstance(self.clock, SteppedClock):
            self._beating = Thread(target=self._beat, name="kite simulator beat", daemon=True)
            self._beating.start()

    def stop(self) -> None:
        """End, once; what was not answered never will be."""
        if not self._started or self._stopped:
            return
        self._stopped = True
        self._ended.set()
        if self._beating is not None:
            self._beating.join()
        self._http.stop()
        self._stream.stop()
        self._news.stop()

    def await_end(self, asked: Event) -> None:
        """Until somebody asks for it, or the exchange could not go on."""
        while not asked.wait(BEAT_S) and not self._ended.is_set():
            pass

    def _beat(self) -> None:
        """An exchange that cannot go on must not go on answering either."""
        try:
            while not self._ended.wait(BEAT_S):
                self.step()
        finally:
            self._ended.set()

    def step(self) -> None:
        """Bring everything up to the clock: fills, order updates, ticks and heartbeats."""
        with self.venue.now():
            pass
        self._stream.look()

    def add_app(
        self,
        account: str,
        api_key: str,
        api_secret: str,
        user_id: str,
        *,
        redirect_url: str = "http://127.0.0.1/",
        postback_url: str | None = None,
        cash: Decimal | None = None,
    ) -> None:
        """Let a trader use an app; opens the paper account behind it with `cash` ₹."""
        self.add(
            KiteApp(
                account=account,
                api_key=api_key,
                api_secret=api_secret,
                user_id=user_id,
                redirect_url=redirect_url,
                postback_url=postback_url,
            ),
            cash,
        )

    def add(self, app: KiteApp, cash: Decimal | None = None) -> None:
        with self.venue.now():
            self.exchange.open_account(app.account, cash)
        self.sessions.add(app)

    def request_token(self, api_key: str) -> str:
        """A trader logs in: what the redirect would carry."""
        return self.sessions.request_token(api_key)

    def expire_session(self, account: str) -> None:
        """Every access token of the account is dead."""
        self.sessions.expire(account)

    def inject(self, fault: Fault) -> None:
        self.faults.inject(fault)

    def hand_trade(self, account: str, trade: HandTrade) -> str:
        """The trader trades in Kite itself; answers the order's id."""
        return trade_by_hand(self.venue, account, trade)
