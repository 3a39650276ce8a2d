"""An account at the toy broker."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import Any, Final, TypeVar

import httpx

from adapters.vault.vault import Vault, VaultError
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
    TooFast,
    Unavailable,
    Unknown,
)
from tests.adapters.brokers.toy import translate

T = TypeVar("T")
Json = Any  # whatever the other side wrote
#: Connecting may take less, so that nothing is sent later than 9 s after it was asked for.
TIMEOUT: Final = httpx.Timeout(7.0, connect=3.0, pool=1.0)
#: What the toy broker answers with where it certainly did nothing.
REFUSALS: Final = {401: SessionExpired, 422: Rejected, 429: TooFast}
#: Faults before the first byte went out.
BEFORE: Final = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout)
#: An answer that is not in the broker's form.
MISSHAPEN: Final = (ValueError, KeyError, TypeError, ArithmeticError)


class ToyBroker:
    """One account; raises nothing but the errors of `domain.book`."""

    def __init__(self, account_id: str, settings: Mapping[str, str], vault: Vault) -> None:
        over_ipv4 = httpx.HTTPTransport(local_address="0.0.0.0", retries=0)
        self._wire = httpx.Client(
            base_url=settings["root"], timeout=TIMEOUT, transport=over_ipv4, trust_env=False
        )
        self._ref = f"toy/{account_id}/session"
        self._vault = vault

    def place(self, ticket: Ticket) -> str:
        told = self._change("POST", "/orders", translate.order(ticket))
        if not isinstance(told, dict) or "no" not in told:
            raise Unknown("the order was taken, and its number not told")
        return str(told["no"])

    def modify(self, broker_order_id: str, price: Decimal) -> None:
        self._change("PATCH", f"/orders/{broker_order_id}", {"paise": translate.paise(price)})

    def cancel(self, broker_order_id: str) -> None:
        self._change("DELETE", f"/orders/{broker_order_id}")

    def orders(self) -> Sequence[BookOrder]:
        return self._read(
            "/orders", lambda told: [*map(translate.book_order, translate.rows(told))]
        )

    def trades(self) -> Sequence[BookTrade]:
        return self._read("/fills", lambda told: [*map(translate.book_trade, translate.rows(told))])

    def positions(self) -> Sequence[NetPosition]:
        return self._read("/held", translate.positions)

    def funds(self) -> Funds:
        return self._read("/money", translate.funds)

    def basket_margin(self, tickets: Sequence[Ticket]) -> Margin:
        orders = [translate.margin_order(ticket) for ticket in tickets]
        return self._read("/need", translate.margin, {"orders": orders})

    def profile(self) -> Profile:
        return self._read("/me", translate.profile)

    def login_url(self) -> str:
        return f"{self._wire.base_url}login"

    def exchange_token(self, request_token: str) -> str:
        """Answers when the session was opened; raises Rejected, Unavailable."""
        try:
            told = self._answer("POST", "/login", {"code": request_token}, {})
            session = {"key": str(told["key"]), "opened_at": str(told["since"])}
        except Rejected:
            raise
        except (BrokerError, *MISSHAPEN) as error:
            why = f"the login has to be repeated ({type(error).__name__})"
        else:
            self._vault.write(self._ref, session)
            return session["opened_at"]
        raise Unavailable(why)

    def _change(self, method: str, path: str, asked: Json = None) -> Json:
        """Once; raises Rejected, NotSent, Unknown, SessionExpired."""
        return self._answer(method, path, asked, self._session())

    def _read(self, path: str, translated: Callable[[Json], T], asked: Json = None) -> T:
        """Raises Unavailable, SessionExpired."""
        method = "GET" if asked is None else "POST"
        try:
            return translated(self._answer(method, path, asked, self._session()))
        except SessionExpired:
            raise
        except (BrokerError, *MISSHAPEN) as error:
            why = f"{path} could not be read: {error}"
        raise Unavailable(why)

    def _session(self) -> dict[str, str]:
        """Read anew each time: another process may have logged in."""
        try:
            return {"X-Key": self._vault.read(self._ref)["key"]}
        except (VaultError, KeyError) as error:
            raise SessionExpired(f"nobody is logged in: {error}") from error

    def _answer(self, method: str, path: str, asked: Json, headers: dict[str, str]) -> Json:
        """Errors are raised outside their handlers: what they came of carries the key."""
        failure: BrokerError
        try:
            answer = self._wire.request(method, path, json=asked, headers=headers)
            told = answer.json()
            if answer.is_success:
                return told
            failure = REFUSALS.get(answer.status_code, Unknown)(str(told["why"]))
        except BEFORE as error:
            failure = NotSent(type(error).__name__)
        except (httpx.HTTPError, *MISSHAPEN) as error:
            failure = Unknown(f"no answer that can be read ({type(error).__name__})")
        raise failure
