"""What clients see, as the OpenAPI document describes it; a test holds every answer to it."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any, Generic, TypeVar

from pydantic import BaseModel, Field

from domain.account_terms import AccountStatus, DriftKind, FlattenScope
from domain.basket import BasketStatus, Target
from domain.contract import OptionType, Product, Side
from domain.definition import StrategyType
from domain.fault import Fault
from domain.run_terms import Stage
from domain.schedule import HoldingPeriod, Weekday
from domain.strategy import StrategyStatus
from domain.user import Preferences, Role, UserStatus

T = TypeVar("T")

Rupees = Annotated[float, Field(description="₹")]


class Shown(BaseModel, extra="forbid"):
    """Something shown whole: a field that is not described is a fault."""


class Paged(Shown, Generic[T]):
    """A page of a listing; without `next_cursor` it is the last."""

    items: list[T]
    next_cursor: str | None


class UserShown(Shown):
    user_id: str
    email: str
    name: str
    roles: list[Role]
    preferences: Preferences
    status: UserStatus
    accounts: list[str]
    last_signed_in_at: datetime | None
    notices_read: int
    edition: int
    created_at: datetime
    updated_at: datetime


class LimitsShown(Shown):
    """Pre-trade limits; null is off."""

    max_lots: int | None
    max_notional: Rupees | None
    max_orders_per_day: int | None
    max_open_runs: int | None
    max_daily_loss: Rupees | None


class BlockShown(Shown):
    reason: str
    scope: FlattenScope
    actor: str
    since: datetime


class DriftShown(Shown):
    """Where the broker and the platform differ, in units; `explained` lets it be, in words."""

    kind: DriftKind
    key: str
    product: str
    order: str | None
    expected: int
    found: int
    since: datetime
    explained: str | None


class AccountShown(Shown):
    account_id: str
    user_id: str
    broker: str
    account_name: str
    secrets_ref: str | None
    static_ip: str | None
    status: AccountStatus
    capabilities: list[str]
    broker_user_id: str | None
    session_expires_at: datetime | None
    last_sync: datetime | None
    limits: LimitsShown
    block: BlockShown | None
    drifts: list[DriftShown]
    edition: int
    created_at: datetime
    updated_at: datetime


class BasketShown(Shown):
    basket_id: str
    user_id: str
    name: str
    description: str
    strategies: list[str]
    unknown: list[str]
    targets: list[Target]
    status: BasketStatus
    faults: list[Fault]
    edition: int
    created_at: datetime
    updated_at: datetime


class SelectorShown(Shown):
    underlying: str
    expiry: str
    atm_offset: int
    reference: str


class LegShown(Shown):
    """A leg by listed symbol, or by selector."""

    action: Side
    symbol: str | None = None
    qty: int | None = None
    option_type: OptionType | None = None
    strike: Rupees | None = None
    selector: SelectorShown | None = None
    lots: int | None = None


class ScheduleShown(Shown):
    """Times are IST."""

    entry_time: str
    exit_time: str
    weekdays: list[Weekday]
    dte_min: int | None = None
    dte_max: int | None = None
    dte_basis: str
    skip_dates: list[date]


class RiskShown(Shown):
    max_loss: Rupees | None = None
    target_profit: Rupees | None = None
    stop_loss_pct: float | None = None


class DefinitionShown(Shown):
    """What a strategy trades and when; absent fields are at the defaults of the rules."""

    name: str
    type: StrategyType
    legs: list[LegShown]
    schedule: ScheduleShown
    risk_params: RiskShown
    underlying: str | None = None
    holding: HoldingPeriod
    exit_after_sessions: int | None = None
    exit_dte: int | None = None
    product: Product | None = None
    order_type: str
    accept_unbounded_risk: bool
    atm_fallback: str | None = None
    entry_grace_s: int | None = None
    hedge_timeout_s: int | None = None


class StrategyShown(DefinitionShown):
    strategy_id: str
    basket_id: str
    user_id: str
    status: StrategyStatus
    faults: list[Fault]
    definition_version: int
    edition: int
    copied_from: str | None
    created_at: datetime
    updated_at: datetime


class VersionShown(DefinitionShown):
    version: int
    defined_at: datetime
    defined_by: str
    restored: int | None


class SliceShown(Shown):
    """One order at the broker."""

    tag: str
    number: int
    attempt: int
    qty: int
    filled_qty: int
    order_type: str
    price: Rupees
    average_price: Rupees
    status: str
    broker_order_id: str | None
    message: str | None
    released_at: datetime


class OrderLegShown(Shown):
    leg: int
    symbol: str
    exchange: str
    action: Side
    qty: int
    price: Rupees | None
    filled_qty: int
    status: str
    slices: list[SliceShown]


class OrderShown(Shown):
    order_id: str
    run_id: str
    user_id: str
    account_id: str
    basket_id: str
    strategy_id: str
    broker: str
    product: str
    broker_order_id: str | None
    txn_type: str
    status: str
    legs: list[OrderLegShown]
    edition: int
    created_at: datetime
    updated_at: datetime


class RunLegShown(Shown):
    symbol: str
    exchange: str
    action: Side
    qty: int
    strike: Rupees
    option_type: OptionType
    expiry: date


class RunShown(Shown):
    run_id: str
    user_id: str
    account_id: str
    basket_id: str
    strategy_id: str
    strategy_edition: int
    broker: str
    slot: str
    multiplier: int
    underlying: str
    product: Product
    stage: Stage
    due_at: datetime
    exit_at: datetime | None
    legs: list[RunLegShown]
    reference_price: Rupees | None
    reference_source: str | None
    net_premium: Rupees | None
    skip_reason: str | None
    exit_reason: str | None
    exit_detail: str | None
    alerts: dict[str, str]
    outcome: str | None
    realised: Rupees | None
    charges: Rupees | None
    edition: int
    created_at: datetime
    updated_at: datetime


class EventShown(Shown):
    """An event as it is stored, with its link in the stream's chain."""

    stream: str
    version: int
    topic: str
    at: datetime
    actor: str
    correlation_id: str
    causation_id: str | None
    event: dict[str, Any]  # Any: each topic has fields of its own
    hash: str
