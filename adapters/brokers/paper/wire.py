"""What client and server of the paper broker say to each other: one JSON line each."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path
from typing import Any, Final, Literal

from pydantic import BaseModel, Field, TypeAdapter

from adapters.brokers.paper.faults import Fault
from domain.book import (
    BookOrder,
    BookTrade,
    BrokerError,
    Funds,
    Margin,
    NetPosition,
    NotSent,
    Profile,
    Rejected,
    SessionExpired,
    Ticket,
    Unavailable,
    Unknown,
)

LONGEST_LINE: Final = 1_000_000

Method = Literal[
    "place", "modify", "cancel", "orders", "trades", "positions", "funds", "basket_margin",
    "profile", "login_url", "exchange_token", "open_account", "inject", "expire_session", "status",
]  # fmt: skip


class Request(BaseModel, frozen=True, extra="forbid"):
    """One call for one account; the token proves that it comes from this machine's trader."""

    token: str
    account: str
    method: Method
    ticket: Ticket | None = None
    tickets: tuple[Ticket, ...] = ()
    order_id: str = ""
    price: Decimal = Decimal(0)
    request_token: str = ""
    cash: Decimal | None = None
    fault: Fault | None = None


class Answer(BaseModel, frozen=True, extra="forbid"):
    """What came of it: a value, or the name of an error and its message."""

    # Any: what a value is depends on the method; ANSWERS says it.
    value: Any = None
    error: str | None = None
    message: str = ""


class Status(BaseModel, frozen=True):
    """That the server lives, and the time it lives in."""

    now: str
    pid: int


# Any: one adapter for each type of answer.
ANSWERS: Final[dict[str, TypeAdapter[Any]]] = {
    "place": TypeAdapter(str),
    "orders": TypeAdapter(list[BookOrder]),
    "trades": TypeAdapter(list[BookTrade]),
    "positions": TypeAdapter(list[NetPosition]),
    "funds": TypeAdapter(Funds),
    "basket_margin": TypeAdapter(Margin),
    "profile": TypeAdapter(Profile),
    "login_url": TypeAdapter(str),
    "exchange_token": TypeAdapter(str),
    "status": TypeAdapter(Status),
    **dict.fromkeys(
        ("modify", "cancel", "open_account", "inject", "expire_session"), TypeAdapter(None)
    ),
}
ERRORS: Final[dict[str, type[BrokerError]]] = {
    kind.__name__: kind for kind in (Rejected, NotSent, Unknown, SessionExpired, Unavailable)
}


class Endpoint(BaseModel, frozen=True, extra="forbid"):
    """Where a paper broker listens, as it writes it into its folder; readable by its owner only."""

    host: str
    port: int = Field(gt=0)
    token: str

    @classmethod
    def read(cls, path: Path) -> Endpoint:
        """The endpoint of that file; raises OSError where none is."""
        return cls.model_validate_json(path.read_bytes())

    def write(self, path: Path) -> None:
        """Appears at once and whole."""
        fresh = path.with_suffix(".new")
        fresh.touch(mode=0o600)
        fresh.write_text(json.dumps(self.model_dump()))
        fresh.replace(path)
