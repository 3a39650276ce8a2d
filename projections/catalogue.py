"""Every read model there is: a new one is a file of its own and a line here."""

from __future__ import annotations

from projections.advance import AnyModel
from projections.audit_logs import AUDIT_LOGS
from projections.baskets import BASKETS
from projections.broker_accounts import BROKER_ACCOUNTS
from projections.daily_pnl import DAILY_PNL
from projections.due_slots import DUE_SLOTS
from projections.inbox import INBOX
from projections.orders import ORDERS
from projections.positions import POSITIONS
from projections.runs import RUNS
from projections.strategies import STRATEGIES
from projections.users import USERS

CATALOGUE: tuple[AnyModel, ...] = (
    USERS,
    BROKER_ACCOUNTS,
    BASKETS,
    STRATEGIES,
    RUNS,
    ORDERS,
    POSITIONS,
    DAILY_PNL,
    DUE_SLOTS,
    INBOX,
    AUDIT_LOGS,
)

BY_NAME = {model.name: model for model in CATALOGUE}
