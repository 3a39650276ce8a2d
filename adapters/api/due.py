"""What the schedule has for today: each entry, on which accounts, and why there may be none."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Final

from fastapi import APIRouter
from starlette.responses import Response

from adapters.api.callers import Caller, Reading
from adapters.api.documents import Shown
from adapters.api.reading import answer, view_of
from adapters.api.schedule import ReasonShown, expiries_of
from commands.planner import run_id_of, slot_of
from domain.account_terms import AccountStatus
from domain.basket import Basket, BasketStatus, Target, target_faults
from domain.calendar import ist_date
from domain.definition import Definition
from domain.run_terms import Terms
from domain.schedule import HoldingPeriod, Weekday, why_not_due
from domain.strategy import Strategy, StrategyStatus
from domain.user import User
from domain.validation import faults_of
from projections.broker_accounts import BROKER_ACCOUNTS, AccountRow, accounts_of
from projections.document import plain
from projections.runs import RUNS
from projections.strategies import STRATEGIES, StrategyRow, strategies_of
from projections.view import Page

router = APIRouter(prefix="/runs")

#: Active strategies that are looked at; `complete` says whether there are more.
MOST: Final = 500
#: Pages that are turned for them at most, among strategies that are not active.
PAGES: Final = 20


class EntryShown(Shown):
    """One account of an entry: its run, once it was opened, or why it would be skipped there."""

    account_id: str
    multiplier: int
    run_id: str | None
    reason: ReasonShown | None


class DueTodayShown(Shown):
    """One entry; `reason` keeps it from happening on every account."""

    strategy_id: str
    basket_id: str
    name: str
    due_at: datetime
    exit_at: datetime | None
    reason: ReasonShown | None
    entries: list[EntryShown]


class ScheduleTodayShown(Shown):
    """Today's entries (IST), earliest first; not all of them where it is not `complete`."""

    day: date
    now: datetime
    complete: bool
    items: list[DueTodayShown]


@router.get("/due", response_model=ScheduleTodayShown)
def today(caller: Reading) -> Response:
    """Every entry that today has for the caller's active strategies, opened or not."""
    now = caller.context.clock.now()
    day = ist_date(now)
    weekday = Weekday.of(day)
    rows, complete = _active(caller)
    look = Look(caller, now)
    items = [look.at(row.id) for row in rows if weekday in row.schedule["weekdays"]]
    items.sort(key=lambda item: (item.due_at, item.name, item.strategy_id))
    shown = ScheduleTodayShown(day=day, now=now, complete=complete, items=items)
    return answer(plain(shown))


def _active(caller: Caller) -> tuple[list[StrategyRow], bool]:
    view = view_of(caller.context, STRATEGIES)
    rows: list[StrategyRow] = []
    cursor: str | None = None
    for _ in range(PAGES):
        page: Page[StrategyRow] = strategies_of(view, caller.user_id, cursor=cursor, limit=MOST)
        rows += (row for row in page.rows if row.status is StrategyStatus.ACTIVE)
        cursor = page.cursor
        if cursor is None or len(rows) >= MOST:
            break
    return rows[:MOST], cursor is None and len(rows) <= MOST


class Look:
    """One caller's schedule at one moment; baskets and accounts are read once."""

    def __init__(self, caller: Caller, now: datetime) -> None:
        self.context, self.now, self.day = caller.context, now, ist_date(now)
        self.trading = caller.context.bus.trading
        self.linked = self.trading.load(caller.user_id, User, verify=False).accounts
        found = accounts_of(view_of(self.context, BROKER_ACCOUNTS), caller.user_id, limit=MOST)
        self.accounts: Mapping[str, AccountRow] = {row.id: row for row in found.rows}
        self.chain = self.context.bus.world.chain(self.day)

    def at(self, strategy_id: str) -> DueTodayShown:
        """Today's entry of an active strategy."""
        strategy = self.trading.load(strategy_id, Strategy, verify=False)
        basket = self.trading.load(strategy.basket_id, Basket, verify=False)
        definition = strategy.definition
        due_at = definition.schedule.due_at(self.day)
        targets = [each for each in basket.accounts(self.linked) if each.multiplier]
        return DueTodayShown(
            strategy_id=strategy.id,
            basket_id=basket.id,
            name=definition.name,
            due_at=due_at,
            exit_at=self.exit_at(definition),
            reason=self.why_not(strategy, basket, targets),
            entries=self.entries(strategy, targets, due_at),
        )

    def exit_at(self, definition: Definition) -> datetime | None:
        """When an intraday position leaves; of others only their contracts tell the day."""
        session = self.context.calendar.session(self.day)
        if definition.holding is not HoldingPeriod.INTRADAY or session is None:
            return None
        return min(definition.schedule.exit_at(self.day), session.forced_exit)

    def why_not(
        self, strategy: Strategy, basket: Basket, targets: Sequence[Target]
    ) -> ReasonShown | None:
        """What keeps it from entering on any account, if anything does."""
        definition, calendar = strategy.definition, self.context.calendar
        if basket.status is not BasketStatus.ACTIVE:
            message = f"the basket is {basket.status}: activate it"
            return ReasonShown(code="basket-inactive", message=message)
        why = why_not_due(
            definition.schedule, self.day, expiries_of(self.chain, definition), calendar
        )
        if why is not None:
            return ReasonShown(code=why.code, message=why.text)
        known = faults_of(definition, self.chain, self.day, calendar) if strategy.faults else ()
        for fault in (*target_faults(basket.targets, self.linked), *known):
            return ReasonShown(code=fault.code, message=f"{fault.field}: {fault.message}")
        if not targets:
            message = "no target account has a multiplier above 0"
            return ReasonShown(code="no-target", message=message)
        return None

    def entries(
        self, strategy: Strategy, targets: Sequence[Target], due_at: datetime
    ) -> list[EntryShown]:
        slot = slot_of(due_at)
        ids = {each.account_id: run_id_of(strategy.id, each.account_id, slot) for each in targets}
        opened = self.context.tables.live(RUNS.shape).versions(list(ids.values()))
        grace = strategy.definition.entry_grace_s or Terms.model_fields["entry_grace_s"].default
        passed = self.now > due_at + timedelta(seconds=grace)
        return [
            EntryShown(
                account_id=each.account_id,
                multiplier=each.multiplier,
                run_id=run_id if (run_id := ids[each.account_id]) in opened else None,
                reason=None if run_id in opened else self.why_not_there(each.account_id, passed),
            )
            for each in targets
        ]

    def why_not_there(self, account_id: str, passed: bool) -> ReasonShown | None:
        """What keeps one account from an entry that has no run yet."""
        account = self.accounts.get(account_id)
        if passed:
            message = "its time had passed before it was wanted: it enters on its next day"
            return ReasonShown(code="passed", message=message)
        if account is not None and account.block is not None:
            return ReasonShown(code="blocked", message=f"blocked: {account.block.reason}")
        if account is not None and account.status is not AccountStatus.CONNECTED:
            message = f"the account is {account.status}: log in at the broker"
            return ReasonShown(code="not-connected", message=message)
        return None
