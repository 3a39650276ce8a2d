"""From the clock to runs: what is due is opened ahead of its second, or skipped with the reason."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, time
from hashlib import sha256
from typing import Protocol

from eventsourcing.persistence import RecordConflictError

from commands.application import Trading
from commands.errors import NotFound
from commands.ports import MarketData
from domain.account import BrokerAccount
from domain.basket import Basket, BasketStatus, Target
from domain.calendar import IST, MARKET, at_ist, ist_date
from domain.chain import Chain
from domain.definition import Definition
from domain.fault import Fault
from domain.model import Origin, Refused, acting
from domain.refusal import Faulty
from domain.run import Run
from domain.run_terms import Terms
from domain.schedule import why_not_due
from domain.strategy import Strategy, StrategyStatus
from domain.strikes import nearest_expiry
from domain.user import User
from domain.validation import faults_of

#: Who opens what is due, in the events.
SCHEDULE = "schedule"
#: Reasons for no entry that the schedule itself gives.
BY_SCHEDULE = frozenset(("market-closed", "weekday", "skip-date", "dte"))


class DueSlots(Protocol):
    """Strategies by weekday and minute of entry; it only wakes, and decides nothing."""

    def due(self, weekday: str, minute: str) -> Iterable[str]:
        """Ids of strategies that may be due in that minute of that weekday (IST)."""
        ...

    def minutes(self, weekday: str) -> Iterable[str]:
        """Minutes of that weekday (IST) in which anything may be due, earliest first."""
        ...


@dataclass(frozen=True, kw_only=True)
class Planner:
    """Opens the runs of a minute; a run opened twice collides on its id, and is one run."""

    trading: Trading
    market: MarketData
    slots: DueSlots
    install: str
    patience: int = 1
    """Multiplies what waits for machines and not for markets, where time goes faster than life."""

    def plan_minute(self, minute: datetime, now: datetime) -> list[str]:
        """Open every run that is due within this minute; answers their ids, new or not."""
        local = minute.astimezone(IST)
        weekday = local.strftime("%a").upper()
        runs: list[str] = []
        for strategy_id in self.slots.due(weekday, local.strftime("%H:%M")):
            runs += self.open_strategy(strategy_id, minute, now)
        return runs

    def plan_between(self, since: datetime, until: datetime, now: datetime) -> Iterator[str]:
        """Open every run that was due on one day from then on and before `until`."""
        local = since.astimezone(IST)
        for minute in self.slots.minutes(local.strftime("%a").upper()):
            at = at_ist(local.date(), time.fromisoformat(minute))
            if since <= at < until:
                yield from self.plan_minute(at, now)

    def start(self, strategy_id: str, key: str, actor: str, now: datetime) -> list[str]:
        """Open the runs of a start by hand, due now; the same key is the same start.

        Raises Refused outside the session, and for a strategy with faults.
        """
        session = MARKET.session(ist_date(now))
        if session is None or not session.open <= now < session.close:
            raise Refused("market-closed", "the market is closed: nothing can be started now")
        strategy = self.trading.load(strategy_id, Strategy)
        faults = self.faults_now(strategy, now)
        if strategy.deleted or faults:
            raise Faulty("strategy-has-faults", "the strategy has faults", faults)
        basket = self.trading.load(strategy.basket_id, Basket)
        owner = self.trading.load(strategy.user_id, User)
        targets = [t for t in basket.accounts(owner.accounts) if t.multiplier > 0]
        if not targets:
            raise Refused("no-target-account", "the basket has no account to trade on", "targets")
        slot = f"M{sha256(key.encode()).hexdigest()[:16]}"
        found = [self.open_run(strategy, t, slot, now, now, actor) for t in targets]
        return [run_id for run_id in found if run_id is not None]

    def open_strategy(self, strategy_id: str, minute: datetime, now: datetime) -> list[str]:
        """The strategy's own stream decides whether it is due, whatever the slot said."""
        try:
            strategy = self.trading.load(strategy_id, Strategy)
            basket = self.trading.load(strategy.basket_id, Basket)
            owner = self.trading.load(strategy.user_id, User)
        except NotFound:
            return []
        due_at = strategy.definition.schedule.due_at(ist_date(minute))
        wanted = (
            strategy.status is StrategyStatus.ACTIVE
            and basket.status is BasketStatus.ACTIVE
            and due_at.replace(second=0) == minute
        )
        if not wanted:
            return []
        slot = slot_of(due_at)
        opened = [
            self.open_run(strategy, target, slot, due_at, now)
            for target in basket.accounts(owner.accounts)
            if target.multiplier > 0
        ]
        return [run_id for run_id in opened if run_id is not None]

    def was_active(self, strategy: Strategy, target: Target, due_at: datetime) -> bool:
        """Whether an entry that has passed was wanted then: who activates later waits a day."""
        try:
            then = self.trading.as_of(strategy.id, Strategy, at=due_at)
            basket = self.trading.as_of(strategy.basket_id, Basket, at=due_at)
            owner = self.trading.as_of(strategy.user_id, User, at=due_at)
        except NotFound:
            return False
        targets = [t.account_id for t in basket.accounts(owner.accounts) if t.multiplier > 0]
        return (
            target.account_id in targets
            and then.status is StrategyStatus.ACTIVE
            and basket.status is BasketStatus.ACTIVE
            and then.definition.schedule == strategy.definition.schedule
        )

    def open_run(
        self,
        strategy: Strategy,
        target: Target,
        slot: str,
        due_at: datetime,
        now: datetime,
        actor: str = SCHEDULE,
    ) -> str | None:
        """The run of this slot, opened now if need be; None where its time had passed before."""
        run_id = run_id_of(strategy.id, target.account_id, slot)
        try:
            return self.trading.load(run_id, Run).id
        except NotFound:
            if due_at < now and not self.was_active(strategy, target, due_at):
                return None
        origin = Origin(at=now, actor=actor, correlation_id=f"{strategy.id}/{slot}")
        with acting(origin):
            run = self.opened(run_id, strategy, target, slot, due_at)
            scheduled = actor == SCHEDULE
            why = self.why_no_entry(strategy, due_at) if scheduled else None
            # What was listed on an earlier day may not be known any more: then it was missed.
            if why and (ist_date(due_at) >= ist_date(now) or why.code in BY_SCHEDULE):
                run.skip(why.code.upper().replace("-", "_"), why.message)
        with suppress(RecordConflictError):  # opened by somebody else just now: it is the same run
            self.trading.save(run)
        return run_id

    def opened(
        self, run_id: str, strategy: Strategy, target: Target, slot: str, due_at: datetime
    ) -> Run:
        definition = strategy.definition
        return Run.open(
            run_id,
            install=self.install,
            slot=slot,
            terms=self.terms(strategy, target, due_at),
            definition=definition.model_dump(mode="json"),
            due_at=due_at,
            exit_at=None,
        )

    def terms(self, strategy: Strategy, target: Target, due_at: datetime) -> Terms:
        definition = strategy.definition
        usual = Terms.model_fields
        waits: dict[str, int] = {}
        for name in ("entry_grace_s", "hedge_timeout_s", "reprice_after_s", "lease_s"):
            own = getattr(definition, name, None)
            waits[name] = usual[name].default * self.patience if own is None else own
        return Terms(
            strategy_id=strategy.id,
            strategy_edition=strategy.definition_version,
            basket_id=strategy.basket_id,
            user_id=strategy.user_id,
            account_id=target.account_id,
            broker=self.broker_of(target.account_id),
            multiplier=target.multiplier,
            underlying=self.underlying_of(definition, due_at),
            product=definition.trades_as,
            order_type=definition.order_type,
            risk=definition.risk_params,
            **waits,
        )

    def broker_of(self, account_id: str) -> str:
        return self.trading.load(account_id, BrokerAccount, verify=False).broker

    def why_no_entry(self, strategy: Strategy, due_at: datetime) -> Refused | None:
        """The reason why this strategy does not enter on this day; None where it is to try."""
        if (why := self.why_not(strategy.definition, due_at)) is not None:
            return why
        for fault in self.faults_now(strategy, due_at):
            return Refused(fault.code, f"{fault.field}: {fault.message}", fault.field)
        return None

    def faults_now(self, strategy: Strategy, at: datetime) -> Sequence[Fault]:
        """What is wrong with it on that day, if its last look found anything wrong.

        Some faults pass by themselves, as a stock's nearness to its expiry does.
        """
        day = ist_date(at)
        if not strategy.faults:
            return ()
        return faults_of(strategy.definition, self.market.chain(day), day)

    def why_not(self, definition: Definition, due_at: datetime) -> Refused | None:
        """The reason why there is no entry on this day, by calendar, weekday, dates and DTE."""
        day = ist_date(due_at)
        chain = self.market.chain(day)
        legs = []
        for leg in definition.legs:
            contract = chain.by_symbol(leg.symbol or "")
            if leg.selector is not None:
                legs.append((leg.selector.underlying, leg.selector.expiry))
            elif contract is not None:
                legs.append((contract.underlying, contract.expiry))
        reason = why_not_due(definition.schedule, day, nearest_expiry(chain, legs), MARKET)
        if reason is not None and reason.code == "no-expiry":
            return unlisted(definition, chain) or Refused(reason.code, reason.text)
        return Refused(reason.code, reason.text) if reason else None

    def underlying_of(self, definition: Definition, due_at: datetime) -> str:
        """The underlying of the first leg that names one, else what the definition says."""
        chain = self.market.chain(ist_date(due_at))
        for leg in definition.legs:
            contract = chain.by_symbol(leg.symbol or "")
            if leg.selector is not None:
                return leg.selector.underlying
            if contract is not None:
                return contract.underlying
        return definition.underlying or ""


def slot_of(due_at: datetime) -> str:
    """How a scheduled entry is named within its strategy: its second in India."""
    return due_at.astimezone(IST).strftime("%Y%m%dT%H%M%S")


def run_id_of(strategy_id: str, account_id: str, slot: str) -> str:
    """The same slot on the same account is the same run, whoever opens it."""
    return f"RUN-{strategy_id}-{account_id}-{slot}"


def unlisted(definition: Definition, chain: Chain) -> Refused | None:
    """What is not known of the contracts of a leg; None where they are merely not listed."""
    for leg in definition.legs:
        if leg.selector is not None:
            refused = chain.underlying_refused(leg.selector.underlying)
        elif chain.by_symbol(leg.symbol or "") is None:
            refused = chain.symbol_refused(leg.symbol or "")
        else:
            continue
        if refused is not None and refused.code in ("unknown-lot", "no-listing"):
            return refused
    return None
