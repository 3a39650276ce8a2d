"""The kill switch, and leaving positions that no run holds: always by a run, always reduce-only."""

from __future__ import annotations

from collections.abc import Callable, Sequence, Set
from contextlib import suppress
from datetime import datetime, timedelta

from eventsourcing.persistence import RecordConflictError

from commands.application import Trading
from commands.gathering import filled_of
from commands.ports import Broker, MarketData
from commands.runs import RunBook
from domain.account import BrokerAccount
from domain.account_terms import FlattenScope
from domain.book import BookOrder, NetPosition, SessionExpired, Unavailable
from domain.calendar import IST, ist_date
from domain.contract import Product, Side
from domain.ledger import expected_net
from domain.model import Origin, acting
from domain.risk import RiskParams
from domain.run import Run
from domain.run_terms import Reference, Terms
from domain.slices import Leg

AGAIN = timedelta(seconds=1)
FLATTEN = "FLATTEN"
#: How often book and positions are looked at in a row while orders fill between.
LOOKS = 5


class Flattening:
    """Blocks are watched until nothing is left; positions nobody's run holds get a run to leave."""

    def __init__(
        self,
        trading: Trading,
        market: MarketData,
        broker: Callable[[str], Broker],
        runs: RunBook,
        notice: Callable[[str], None],
        install: str,
    ) -> None:
        self.trading = trading
        self.market = market
        self.broker = broker
        self.runs = runs
        self.notice = notice
        self.install = install

    def watch(self, account_id: str, now: datetime) -> datetime | None:
        """Ask every open run of a blocked account to leave, until none is open; then None."""
        account = self.trading.load(account_id, BrokerAccount, verify=True)
        if account.block is None:
            return None
        for run_id in self.runs.of_account(account_id):
            self.ask_to_leave(run_id, account.block.reason, now)
        if account.block.scope is FlattenScope.ALL:
            try:
                self.leave_positions(account, None, "KILL", now)
            except (Unavailable, SessionExpired):
                return now + AGAIN  # the broker is away: the runs themselves raise the alarm
        return now + AGAIN if self.runs.of_account(account_id) else None

    def ask_to_leave(self, run_id: str, why: str, now: datetime) -> None:
        run = self.trading.load(run_id, Run, verify=False)
        with acting(Origin(at=now, actor="kill-switch", correlation_id=run.correlation)):
            run.request_exit("KILL", why)
        with suppress(RecordConflictError):  # it moved on meanwhile: asked again in a second
            self.trading.save(run)
        self.notice(run_id)

    def leave_positions(
        self, account: BrokerAccount, keys: Sequence[str] | None, reason: str, now: datetime
    ) -> list[str]:
        """Open a run for what the account holds and no open run explains; answers their ids.

        `keys` limits it to these contracts. Raises Unavailable, SessionExpired.
        """
        unexplained: dict[str, list[tuple[NetPosition, int]]] = {}
        positions, book = self.look(account.id)
        expected = expected_net(self.runs.runs_of(account.id), book)
        for position in positions:
            units = position.quantity - expected.get((position.key, position.product), 0)
            if units and (keys is None or position.key in keys):
                unexplained.setdefault(position.product, []).append((position, units))
        opened = (
            self.open_run(account, Product(product), held, reason, now)
            for product, held in unexplained.items()
            if product in Product.__members__
        )
        return [run_id for run_id in opened if run_id]

    def look(self, account_id: str) -> tuple[Sequence[NetPosition], Sequence[BookOrder]]:
        """Positions and book of one moment: no fill falls between the two looks."""
        broker = self.broker(account_id)
        before = filled_of(broker.orders())
        for _ in range(LOOKS):
            positions, book = broker.positions(), broker.orders()
            if filled_of(book) == before:
                return positions, book
            before = filled_of(book)
        raise Unavailable("orders are filling just now: ask again")

    def open_run(
        self,
        account: BrokerAccount,
        product: Product,
        held: Sequence[tuple[NetPosition, int]],
        reason: str,
        now: datetime,
    ) -> str | None:
        """A run that owns these positions from its first event on, and leaves them."""
        chain = self.market.chain(ist_date(now))
        listed = [(chain.get(p.key), p, units) for p, units in held]
        known = [(contract, p, units) for contract, p, units in listed if contract is not None]
        if not known:
            return None
        slot = now.astimezone(IST).strftime("%Y%m%dT%H%M%S")
        run_id = f"RUN-{FLATTEN}-{account.id}-{slot}{product}"
        legs = tuple(
            Leg(contract=c, side=Side.BUY if units > 0 else Side.SELL, quantity=abs(units))
            for c, _, units in known
        )
        with acting(Origin(at=now, actor="platform", correlation_id=f"{FLATTEN}/{slot}")):
            run = Run.open(
                run_id,
                install=self.install,
                slot=slot,
                terms=terms(account, product, known[0][0].underlying),
                definition={},
                due_at=now,
                exit_at=None,
            )
            short = sum(leg.quantity for leg in legs if leg.side is Side.SELL)
            run.plan(legs, Reference(price=None, source="POSITIONS"), short, None)
            for number, (_, position, units) in enumerate(known):
                run.adjust(number, units, position.average_price, reason)
            run.request_exit(reason, "positions that no run explains")
            hand_over(account, {(p.key, p.product) for _, p, _ in known})
        try:
            self.trading.save(run, account)
        except RecordConflictError:  # the same second's request, or news of the account, came first
            if not self.trading.history(run_id):
                return None
        self.runs.add(self.trading.load(run_id, Run))
        self.notice(run_id)
        return run_id


def hand_over(account: BrokerAccount, places: Set[tuple[str, str]]) -> None:
    """What a run leaves is its own from now on: counted twice it would look like drift."""
    for held in [held for place, held in account.adopted.items() if place in places]:
        account.ignore(held)
    rest = [held for place, held in account.external.items() if place not in places]
    if len(rest) < len(account.external):
        account.reconciled(rest, tuple(account.drifts.values()))


def terms(account: BrokerAccount, product: Product, underlying: str) -> Terms:
    """A flattening run has no strategy, no limits and no schedule of its own."""
    return Terms(
        strategy_id=FLATTEN,
        strategy_edition=1,
        basket_id=FLATTEN,
        user_id=account.user_id,
        account_id=account.id,
        broker=account.broker,
        multiplier=1,
        underlying=underlying,
        product=product,
        risk=RiskParams(),
    )
