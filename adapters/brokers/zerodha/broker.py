"""A trader's own account at Zerodha."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Final

from adapters.brokers.zerodha import forms, translate
from adapters.brokers.zerodha.client import Kite
from adapters.vault.vault import Vault
from domain.book import (
    BookOrder,
    BookTrade,
    Funds,
    Margin,
    NetPosition,
    Profile,
    Ticket,
    Unknown,
)

#: Futures and options are paid from the equity segment.
SEGMENT: Final = "equity"
NOTHING: Final = Decimal(0)


class ZerodhaBroker:
    """One account; every call goes out once, and whatever comes back is in our vocabulary."""

    def __init__(self, account_id: str, settings: Mapping[str, str], vault: Vault) -> None:
        self.kite: Final = Kite(account_id, settings, vault)

    def place(self, ticket: Ticket) -> str:
        form = forms.order_form(ticket)
        told = self.kite.calling(lambda client: client.place_order(**form))
        order_id = translate.order_id(told)
        if order_id is None:
            raise Unknown("Kite took the order and did not say its id")
        return order_id

    def modify(self, broker_order_id: str, price: Decimal) -> None:
        form = forms.modify_form(broker_order_id, price)
        self.kite.calling(lambda client: client.modify_order(**form))

    def cancel(self, broker_order_id: str) -> None:
        path = forms.order_path(broker_order_id)
        self.kite.calling(lambda client: client.cancel_order(**path))

    def orders(self) -> Sequence[BookOrder]:
        return translate.orders(self.kite.reading(lambda client: client.orders()))

    def trades(self) -> Sequence[BookTrade]:
        return translate.trades(self.kite.reading(lambda client: client.trades()))

    def positions(self) -> Sequence[NetPosition]:
        return translate.positions(self.kite.reading(lambda client: client.positions()))

    def funds(self) -> Funds:
        return translate.funds(self.kite.reading(lambda client: client.margins(SEGMENT)))

    def basket_margin(self, tickets: Sequence[Ticket]) -> Margin:
        """The peak is asked step by step: Kite's `initial` grants no order the hedges before it."""
        rows = [forms.margin_row(ticket) for ticket in tickets]
        needs = [self._needed(rows[:sent]) for sent in range(1, len(rows) + 1)] or [NOTHING]
        return Margin(final=needs[-1], peak=max(needs))

    def profile(self) -> Profile:
        return translate.profile(self.kite.reading(lambda client: client.profile()))

    def login_url(self) -> str:
        return self.kite.login_url()

    def exchange_token(self, request_token: str) -> str:
        return self.kite.exchange_token(request_token).opened_at.isoformat()

    def end_session(self) -> None:
        """Kill the session at Kite; raises Rejected, NotSent, Unknown."""
        self.kite.end_session()

    def _needed(self, rows: Sequence[Mapping[str, str | int | float]]) -> Decimal:
        asked = list(rows)
        told = self.kite.reading(lambda client: client.basket_order_margins(asked, mode="compact"))
        return translate.basket_total(told)
