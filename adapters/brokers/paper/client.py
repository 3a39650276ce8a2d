"""The paper broker as the platform calls it: another process, another clock, another ledger."""

from __future__ import annotations

import socket
from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

from pydantic import ValidationError

from adapters.brokers.paper.desk import CHANGING
from adapters.brokers.paper.faults import Fault
from adapters.brokers.paper.wire import (
    ANSWERS,
    ERRORS,
    LONGEST_LINE,
    Answer,
    Endpoint,
    Method,
    Request,
    Status,
)
from domain.book import (
    BookOrder,
    BookTrade,
    BrokerError,
    Funds,
    Margin,
    NetPosition,
    NotSent,
    Profile,
    Ticket,
    Unavailable,
    Unknown,
)

TIMEOUT_S: Final = 7.0
"""Of one call, as Kite's client has it."""


class PaperBroker:
    """One account at the paper broker that listens where `endpoint` says."""

    def __init__(self, endpoint: Path, account: str, timeout_s: float = TIMEOUT_S) -> None:
        self._endpoint = endpoint
        self._account = account
        self._timeout_s = timeout_s

    def place(self, ticket: Ticket) -> str:
        order_id: str = self._ask("place", ticket=ticket)
        return order_id

    def modify(self, broker_order_id: str, price: Decimal) -> None:
        self._ask("modify", order_id=broker_order_id, price=price)

    def cancel(self, broker_order_id: str) -> None:
        self._ask("cancel", order_id=broker_order_id)

    def orders(self) -> Sequence[BookOrder]:
        rows: list[BookOrder] = self._ask("orders")
        return rows

    def trades(self) -> Sequence[BookTrade]:
        rows: list[BookTrade] = self._ask("trades")
        return rows

    def positions(self) -> Sequence[NetPosition]:
        rows: list[NetPosition] = self._ask("positions")
        return rows

    def funds(self) -> Funds:
        funds: Funds = self._ask("funds")
        return funds

    def basket_margin(self, tickets: Sequence[Ticket]) -> Margin:
        margin: Margin = self._ask("basket_margin", tickets=tuple(tickets))
        return margin

    def profile(self) -> Profile:
        profile: Profile = self._ask("profile")
        return profile

    def login_url(self) -> str:
        url: str = self._ask("login_url")
        return url

    def exchange_token(self, request_token: str) -> str:
        opened: str = self._ask("exchange_token", request_token=request_token)
        return opened

    # What only a paper broker can: tests and demonstrations ask it.

    def open_account(self, cash: Decimal | None = None) -> None:
        """Open it with that cash in ₹, unless it is open."""
        self._ask("open_account", cash=cash)

    def inject(self, fault: Fault) -> None:
        """Let the next calls go wrong."""
        self._ask("inject", fault=fault)

    def expire_session(self) -> None:
        """Refuse everything until the trader has logged in."""
        self._ask("expire_session")

    def status(self) -> Status:
        """Whether the broker lives, and the time there."""
        status: Status = self._ask("status")
        return status

    # Any: the value of an answer is what ANSWERS says of the method.
    def _ask(self, method: Method, **arguments: Any) -> Any:
        answer = self._exchange(method, arguments)
        if answer.error is not None:
            kind = ERRORS.get(answer.error, Unknown)
            reading = method not in CHANGING and kind in (NotSent, Unknown)
            raise (Unavailable if reading else kind)(answer.message)
        return ANSWERS[method].validate_python(answer.value)

    def _exchange(self, method: Method, arguments: dict[str, Any]) -> Answer:
        """One connection for each call: only so is it known whether anything was sent."""
        try:
            endpoint = Endpoint.read(self._endpoint)
            line = Request(
                token=endpoint.token, account=self._account, method=method, **arguments
            ).model_dump_json()
            wire = socket.create_connection((endpoint.host, endpoint.port), self._timeout_s)
        except OSError as error:
            refused = NotSent if method in CHANGING else Unavailable
            raise refused(f"the paper broker is not there: {error}") from error
        with wire:
            try:
                wire.sendall(line.encode() + b"\n")
                with wire.makefile("rb") as incoming:
                    return Answer.model_validate_json(incoming.readline(LONGEST_LINE))
            except OSError as error:
                raise self._lost(method)(f"no answer to {method}: {error}") from error
            except ValidationError as error:  # half an answer, or none
                words = f"no answer to {method}: the connection broke"
                raise self._lost(method)(words) from error

    def _lost(self, method: Method) -> type[BrokerError]:
        return Unknown if method in CHANGING else Unavailable
