"""Looking things up for a decision: the broker's book, prices, the block, the plan, the drift."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from commands.application import Trading
from commands.ports import Broker, MarketData
from domain.account import BrokerAccount
from domain.book import BookOrder, BrokerError
from domain.ledger import expected_net
from domain.model import Refused
from domain.run import Run
from domain.run_terms import Stage
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
                return replace(facts, quotes=self.market.quotes(keys), next_tick=tick)
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

    def block(self, run: Run) -> str | None:
        """The kill switch, read strongly: nothing new is released past it."""
        account = self.trading.load(run.terms.account_id, BrokerAccount, verify=True)
        if account.block is not None:
            return account.block.reason
        drifting = [leg.contract.key for leg in run.legs if account.drifting(leg.contract.key)]
        return f"drift in {', '.join(drifting)}" if drifting else None

    def planned(self, run: Run, facts: Facts, now: datetime) -> Facts:
        if run.stage is not Stage.PENDING:
            return facts
        try:
            plan = self.plan(run, now)
        except Refused as refusal:
            return replace(facts, plan=refusal)
        quotes = self.market.quotes([leg.contract.key for leg in plan.legs])
        return replace(facts, plan=plan, quotes=quotes, next_tick=self.market.next_tick(now))

    def drift(self, run: Run, facts: Facts) -> Facts:
        """The broker's net less what is explained, while no fill falls between the two looks."""
        broker = self.broker(run.terms.account_id)
        try:
            before = filled_of(broker.orders())
            net = {(p.key, p.product): p.quantity for p in broker.positions()}
            book = tuple(broker.orders())
        except BrokerError as error:
            return replace(facts, trouble=str(error) or type(error).__name__)
        if filled_of(book) != before:
            return replace(facts, drift=None)
        account = self.trading.load(run.terms.account_id, BrokerAccount, verify=False)
        expected = expected_net(self.open_runs(run.terms.account_id), book)
        for held in (*account.adopted.values(), *account.external.values()):
            place = (held.key, held.product)
            expected[place] = expected.get(place, 0) + held.quantity
        product = run.terms.product.value
        keys = {leg.contract.key for leg in run.legs}
        drift = {k: net.get((k, product), 0) - expected.get((k, product), 0) for k in sorted(keys)}
        return replace(facts, book=book, drift=drift, trouble=None)


def filled_of(book: Iterable[BookOrder]) -> dict[str, int]:
    return {row.broker_order_id: row.filled for row in book}
