"""A small broker of another kind: its own words and units over HTTP, the paper market behind it."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any, Final  # Any: JSON

from adapters.brokers.paper.desk import ConnectionLost, Desk
from commands.ports import MarketData
from domain.book import (
    BookOrder,
    BrokerError,
    NotSent,
    OrderStatus,
    Rejected,
    SessionExpired,
    Ticket,
)
from domain.contract import Product, Side

STATES: Final = {
    OrderStatus.OPEN: "working",
    OrderStatus.COMPLETE: "done",
    OrderStatus.CANCELLED: "gone",
    OrderStatus.REJECTED: "refused",
}
STATUSES: Final = {Rejected: 422, NotSent: 429, SessionExpired: 401}


@dataclass(frozen=True)
class Street:
    """What is asked of the toy broker, answered from the paper broker's desk."""

    desk: Desk
    market: MarketData
    account: str
    day: date

    def answer(self, method: str, path: str, asked: dict[str, Any]) -> Any:
        """What is told; raises the errors of the desk."""
        match method, path.strip("/").split("/"):
            case "POST", ["login"]:
                opened = self.desk.exchange_token(self.account, asked["code"])
                return {"key": "K-" + opened, "since": opened}
            case "POST", ["orders"]:
                return {"no": int(self.desk.place(self.account, self.ticket(asked)))}
            case "PATCH", ["orders", number]:
                return self.desk.modify(self.account, number, Decimal(asked["paise"]) / 100)
            case "DELETE", ["orders", number]:
                return self.desk.cancel(self.account, number)
            case "POST", ["need"]:
                tickets = [self.ticket(one) for one in asked["orders"]]
                need = self.desk.basket_margin(self.account, tickets)
                return {"at_the_end": str(need.final), "on_the_way": str(need.peak)}
            case "GET", [book]:
                return self.read(book)
        raise Rejected(f"There is no {method} {path}.")

    def read(self, book: str) -> Any:
        match book:
            case "orders":
                return [told(row) for row in self.desk.orders(self.account)]
            case "fills":
                return [
                    {"id": t.trade_id, "no": int(t.broker_order_id), "what": t.key,
                     "way": t.side[0], "carry": t.product == Product.NRML, "units": t.quantity,
                     "rupees": str(t.price), "at_ms": int(t.at.timestamp() * 1000)}
                    for t in self.desk.trades(self.account)
                ]  # fmt: skip
            case "held":
                return [
                    {"what": p.key, "carry": p.product == Product.NRML, "units": p.quantity,
                     "rupees": str(p.average_price)}
                    for p in self.desk.positions(self.account)
                ]  # fmt: skip
            case "money":
                funds = self.desk.funds(self.account)
                return {"free": str(funds.available), "bound": str(funds.used)}
        return {"user": self.desk.profile(self.account).broker_user_id, "may": ["options"]}

    def ticket(self, asked: dict[str, Any]) -> Ticket:
        contract = self.market.chain(self.day).get(asked["what"])
        if contract is None:
            raise Rejected(f"{asked['what']} is not listed.")
        return Ticket(
            tag=asked["ref"],
            contract=contract,
            side=Side.BUY if asked["way"] == "B" else Side.SELL,
            quantity=asked["units"],
            product=Product.NRML if asked["carry"] else Product.MIS,
            price=Decimal(asked["paise"]) / 100,
        )


def told(row: BookOrder) -> dict[str, Any]:
    """An order in the toy broker's words."""
    return {
        "no": int(row.broker_order_id),
        "ref": row.tags[0],
        "what": row.key,
        "way": row.side[0],
        "carry": row.product == Product.NRML,
        "units": row.quantity,
        "filled": row.filled,
        "rupees": str(row.average_price),
        "paise": int((row.price or 0) * 100),
        "state": STATES[row.status],
        "why": row.message,
    }


class Stall(ThreadingHTTPServer):
    """Serves a street on this machine."""

    daemon_threads = True

    def __init__(self, street: Street) -> None:
        super().__init__(("127.0.0.1", 0), partial(_Talk, street.answer))
        self._serving = Thread(target=self.serve_forever, kwargs={"poll_interval": 0.01})
        self._serving.start()

    @property
    def root(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"

    def close(self) -> None:
        self.shutdown()
        self._serving.join()
        self.server_close()


class _Talk(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def __init__(self, answer: Callable[[str, str, dict[str, Any]], Any], *rest: Any) -> None:
        self._answer = answer
        super().__init__(*rest)

    def handle_one_request(self) -> None:
        self.raw_requestline = self.rfile.readline(65537)
        self.close_connection = not self.raw_requestline
        if self.close_connection or not self.parse_request():
            return
        text = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        try:
            status, value = 200, self._answer(self.command, self.path, json.loads(text or "{}"))
        except ConnectionLost:
            self.close_connection = True
            return
        except BrokerError as error:
            status, value = STATUSES.get(type(error), 503), {"why": str(error)}
        body = json.dumps(value).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        """Nothing is printed."""
