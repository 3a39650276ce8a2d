"""Looking things up for a decision: the broker's book, prices, the block, the plan, the drift."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from commands.application import Trading
from commands.looking import look
from commands.ports import Broker, MarketData
from domain.account import BrokerAccount
from domain.account_terms import AccountStatus
from domain.book import BrokerError
from domain.model import Refused
from domain.reconciliation import explained
from domain.run import Run
from domain.run_terms import Stage
from domain.slices import Leg
from domain.steps import Facts, Need, Plan, Settlement

Planner = Callable[[Run, datetime], Plan]


@dataclass(frozen=True, kw_only=True)
class Lookout:
    """Where facts come from; every look-up may fail, and then says so in the facts."""

    trading: Trading
    market: MarketData
    broker: Callable[[str], Broker]
    plan: Planner
    settlement: Callable[[Run, datetime], Mapping[str, Settlement]]
    open_runs: Callable[[str], Iterable[Run]]
    """Every run of the account that has not ended, as it is now."""

    def gather(self, run: Run, needs: frozenset[Need], facts: Facts, now: datetime) -> Facts:
        for need in sorted(needs):
            facts = self.look_up(run, need, facts, now)
        return replace(facts, asked=facts.asked | needs)

    def look_up(self, run: Run, need: Need, facts: Facts, now: datetime) -> Facts:
        match need:
            case Need.BOOK:
                return self.book(run, facts)
            case Need.QUOTES:
                keys = [leg.contract.key for leg in run.legs]
                tick = self.market.next_tick(now)
                quotes, logged_out = self.market.quotes(keys), self.logged_out(run)
                return replace(facts, quotes=quotes, next_tick=tick, logged_out=logged_out)
            case Need.BLOCK:
                return replace(facts, block=self.block(run))
            case Need.PLAN:
                return self.planned(run, facts, now)
            case Need.DRIFT:
                return self.drift(run, facts)
            case Need.SETTLEMENT:
                return replace(facts, settlement=self.settlement(run, now))

    def book(self, run: Run, facts: Facts) -> Facts:
        try:
            rows = tuple(self.broker(run.terms.account_id).orders())
        except BrokerError as error:
            return replace(facts, trouble=str(error) or type(error).__name__)
        return replace(facts, book=rows, trouble=None)

    def logged_out(self, run: Run) -> str | None:
        """Why the account has no session, as this process last saw it; None where it has one."""
        account = self.trading.load(run.terms.account_id, BrokerAccount, verify=False)
        if account.status is AccountStatus.CONNECTED:
            return None
        return f"the account is {account.status.value.lower()}: log in at the broker"

    def block(self, run: Run) -> str | None:
        """The kill switch and drift, read strongly: nothing new is released past either."""
        return self.why_not(run, run.legs, verify=True)

    def why_not(self, run: Run, legs: Sequence[Leg], *, verify: bool) -> str | None:
        """Why no new risk may be taken in these legs; None where it may."""
        account = self.trading.load(run.terms.account_id, BrokerAccount, verify=verify)
        if account.block is not None:
            return account.block.reason
        product = run.terms.product.value
        keys = [leg.contract.key for leg in legs]
        drifting = [key for key in keys if account.drifting(key, product)]
        return f"drift in {', '.join(drifting)}" if drifting else None

    def planned(self, run: Run, facts: Facts, now: datetime) -> Facts:
        if run.stage is not Stage.PENDING:
            return facts
        try:
            plan = self.plan(run, now)
        except Refused as refusal:
            return replace(facts, plan=refusal)
        quotes = self.market.quotes([leg.contract.key for leg in plan.legs])
        # Only now its contracts are known; the account was read for the block a moment ago.
        block = facts.block or self.why_not(run, plan.legs, verify=False)
        tick = self.market.next_tick(now)
        return replace(facts, plan=plan, quotes=quotes, next_tick=tick, block=block)

    def drift(self, run: Run, facts: Facts) -> Facts:
        """The broker's net less what is explained, while no fill falls between the two looks."""
        account_id = run.terms.account_id
        try:
            found = look(self.broker(account_id), lambda: self.as_known(run))
        except BrokerError as error:
            return replace(facts, trouble=str(error) or type(error).__name__)
        if found is None:
            return replace(facts, drift=None)
        reading, runs = found
        account = self.trading.load(account_id, BrokerAccount, verify=False)
        expected = explained(account, runs, reading.book)
        product = run.terms.product.value
        drift = {
            key: reading.found((key, product)) - expected.get((key, product), 0)
            for key in sorted({leg.contract.key for leg in run.legs})
        }
        return replace(facts, book=reading.book, drift=drift, trouble=None)

    def as_known(self, run: Run) -> list[Run]:
        """Open runs of its account; of this one also what its worker has not stored yet."""
        open_runs = self.open_runs(run.terms.account_id)
        return [run if each.id == run.id else each for each in open_runs]
