"""Making a run's plan on the market as it is, within the account's limits and its money."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from threading import Lock

from commands.application import Trading
from commands.ports import Broker, MarketData
from domain import limits
from domain.account import BrokerAccount
from domain.account_terms import AccountStatus, Limits
from domain.book import BrokerError, Margin, Rejected, SessionExpired, Ticket
from domain.calendar import MARKET, ist_date
from domain.chain import Chain
from domain.contract import Side
from domain.definition import Definition
from domain.limits import USABLE, Today
from domain.model import Refused
from domain.planning import Snapshot, keys_to_quote, plan, touch, underlyings
from domain.run import Run
from domain.steps import Plan

FRESH = timedelta(seconds=120)


@dataclass(frozen=True, slots=True)
class Checked:
    """A margin that was asked for ahead of time, and the money that was there, in ₹."""

    at: datetime
    margin: Margin
    available: Decimal


def always(_: str) -> Refused | None:
    """Readiness where nobody looks after it: nothing speaks against an entry."""
    return None


class RunPlanner:
    """Plans runs; what costs a round trip is asked while arming, and remembered for the second."""

    def __init__(
        self,
        trading: Trading,
        market: MarketData,
        broker: Callable[[str], Broker],
        today: Callable[[str, datetime], Today],
        *,
        parity: bool = False,
        ready: Callable[[str], Refused | None] = always,
    ) -> None:
        self.trading = trading
        self.market = market
        self.broker = broker
        self.today = today
        self.parity = parity
        self.ready = ready
        """Why nothing may be entered on an account from this machine; it must not cost anything."""
        self._checked: dict[str, Checked] = {}
        self._reserved: dict[str, dict[str, tuple[datetime, Decimal]]] = {}
        self._reserving = Lock()

    def arm(self, run: Run, now: datetime) -> None:
        """Ask ahead for what a plan will need; raises Refused where there can be none."""
        self._checked.pop(run.id, None)
        self(run, now)

    def __call__(self, run: Run, now: datetime) -> Plan:
        """The plan at this moment; raises Refused with the reason why there is none."""
        account = self.trading.load(run.terms.account_id, BrokerAccount, verify=False)
        if account.status is not AccountStatus.CONNECTED:
            why = f"the account is {account.status}: log in at the broker"
            raise Refused("not-connected", why)
        if (unready := self.ready(account.id)) is not None:
            raise unready
        definition = Definition.model_validate(run.definition)
        snapshot = self.snapshot(definition, now)
        made = plan(definition, run.terms.multiplier, snapshot)
        if account.limits != Limits():
            limits.check(account.limits, made, self.today(account.id, now))
        self.affordable(run, made, snapshot, now)
        return made

    def snapshot(self, definition: Definition, now: datetime) -> Snapshot:
        chain = self.chain(ist_date(now))
        spots = {}
        for underlying in underlyings(definition, chain):
            if (spot := self.market.spot(underlying)) is not None:
                spots[underlying] = spot
        quotes = self.market.quotes(keys_to_quote(definition, chain, spots, now))
        return Snapshot(chain=chain, quotes=quotes, spots=spots, now=now, parity=self.parity)

    def chain(self, day: date) -> Chain:
        """The contracts of that day, or of the session after it.

        A broker's list changes in the morning: it is the market that remembers it, not this.
        """
        return self.market.chain(day if MARKET.is_session(day) else MARKET.next_session(day))

    def affordable(self, run: Run, made: Plan, on: Snapshot, now: datetime) -> None:
        """Refuse what the money does not cover at its peak, with what other runs reserved."""
        checked = self._checked.get(run.id)
        if checked is None or now - checked.at > FRESH:
            checked = self.ask_margin(run, made, on, now)
            with self._reserving:
                recent = {k: v for k, v in self._checked.items() if now - v.at <= FRESH}
                self._checked = {**recent, run.id: checked}
        needed = max(checked.margin.final, checked.margin.peak)
        with self._reserving:
            rivals = self._reserved.setdefault(run.terms.account_id, {})
            for other, (since, _) in list(rivals.items()):
                if now - since > FRESH or other == run.id:
                    del rivals[other]
            taken = sum((money for _, money in rivals.values()), Decimal(0))
            usable = checked.available * USABLE - taken
            if needed > usable:
                raise Refused("margin", f"needs ₹{needed}, ₹{usable} may be used")
            rivals[run.id] = (now, needed)

    def ask_margin(self, run: Run, made: Plan, on: Snapshot, now: datetime) -> Checked:
        hedges_first = sorted(made.legs, key=lambda leg: leg.side is Side.SELL)
        tickets = [
            Ticket(
                tag="",
                contract=leg.contract,
                side=leg.side,
                quantity=leg.quantity,
                product=run.terms.product,
                price=touch(on.quotes.get(leg.contract.key), leg.side),
            )
            for leg in hedges_first
        ]
        broker = self.broker(run.terms.account_id)
        try:
            return Checked(now, broker.basket_margin(tickets), broker.funds().available)
        except SessionExpired as error:
            raise Refused("not-connected", str(error)) from error
        except Rejected as error:
            raise Refused("rejected", str(error)) from error
        except BrokerError as error:
            raise Refused("broker-unavailable", str(error)) from error
