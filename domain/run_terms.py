"""What a run was told when it opened, and the words for where it stands."""

from __future__ import annotations

from decimal import Decimal
from enum import StrEnum

from domain.book import OrderType
from domain.contract import Product
from domain.risk import RiskParams
from domain.value import Value


class Stage(StrEnum):
    PENDING = "PENDING"  # opened, waiting for its time
    ENTERING = "ENTERING"
    OPEN = "OPEN"
    EXITING = "EXITING"
    SKIPPED = "SKIPPED"
    CLOSED = "CLOSED"

    @property
    def ended(self) -> bool:
        return self in (Stage.SKIPPED, Stage.CLOSED)


class Terms(Value, frozen=True):
    """What the run was told when it opened, fixed for its life: seconds, ₹ and counts."""

    strategy_id: str
    strategy_edition: int
    basket_id: str
    user_id: str
    account_id: str
    broker: str
    multiplier: int
    underlying: str
    product: Product
    order_type: OrderType = OrderType.LIMIT
    risk: RiskParams
    entry_grace_s: int = 60
    hedge_timeout_s: int = 10
    reprice_after_s: int = 2
    entry_reprices: int = 5
    exit_reprices: int = 20
    exit_alert_s: int = 10
    unknown_window_s: int = 120
    lease_s: int = 20


class Reference(Value, frozen=True):
    """The price of the underlying that strikes were chosen by: ₹, and where it came from."""

    price: Decimal | None
    source: str
