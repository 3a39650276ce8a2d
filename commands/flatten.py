"""The kill switch, and leaving positions that no run holds: always by a run, always reduce-only."""

from __future__ import annotations

from collections.abc import Callable, Sequence, Set
from contextlib import suppress
from datetime import datetime, timedelta
from hashlib import sha256

from eventsourcing.persistence import RecordConflictError

from commands.application import Trading
from commands.errors import Conflict, Refused
from commands.looking import known, look_until_still, seen_at
from commands.ports import Broker, MarketData
from commands.runs import RunBook
from domain.account import BrokerAccount
from domain.account_terms import DriftKind, FlattenScope, Where
from domain.attribution import Attribution
from domain.book import NetPosition, SessionExpired, Unavailable
from domain.calendar import IST, ist_date
from domain.contract import Product, Side
from domain.ledger import expected_net
from domain.model import Origin, acting
from domain.reconciliation import standing
from domain.risk import RiskParams
from domain.run import Run
from domain.run_terms import Reference, Terms
from domain.slices import Leg

AGAIN = timedelta(seconds=1)
FLATTEN = "FLATTEN"


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
        reading, runs = look_until_still(
            self.broker(account.id), lambda: list(self.runs.runs_of(account.id))
        )
        expected = expected_net(runs, reading.book)
        for position in reading.net.values():
            units = position.quantity - expected.get((position.key, position.product), 0)
            if units and (keys is None or position.key in keys):
                unexplained.setdefault(position.product, []).append((position, units))
        opened = (
            self.open_run(account, Product(product), held, reason, now)
            for product, held in unexplained.items()
            if product in Product.__members__
        )
        return [run_id for run_id in opened if run_id]

    def leave_drift(
        self, account_id: str, key: str, product: Product, name: str, now: datetime
    ) -> str:
        """Open a run for what nothing explains there, and for nothing else; answers its id.

        The same name is the same run. Raises Refused, Unavailable, SessionExpired.
        """
        slot = f"D{sha256(name.encode()).hexdigest()[:16]}"
        run_id = flatten_id(account_id, slot, product)
        if self.trading.history(run_id):
            return run_id
        place = (key, product.value)
        seen = seen_at(
            self.broker(account_id),
            lambda: known(self.trading, self.runs, account_id, now),
            place,
        )
        account = self.trading.load(account_id, BrokerAccount)
        drift = Attribution.of(account, *place, seen).drift
        if not drift:
            raise Refused("nothing-there", f"nothing differs in {key} {product}", "key")
        price = seen.by_hand or seen.average_price
        net = NetPosition(key=key, product=product.value, quantity=seen.found, average_price=price)
        opened = self.open_run(account, product, [(net, drift)], "DRIFT", now, slot, ours=False)
        if opened is None:
            raise Conflict("not-left", f"{key} is not listed, or the account moved on: look again")
        return opened

    def open_run(
        self,
        account: BrokerAccount,
        product: Product,
        held: Sequence[tuple[NetPosition, int]],
        reason: str,
        now: datetime,
        slot: str | None = None,
        *,
        ours: bool = True,
    ) -> str | None:
        """A run that owns these positions from its first event on, and leaves them.

        `ours`: what was adopted or external there goes over to it.
        """
        chain = self.market.chain(ist_date(now))
        listed = [(chain.get(p.key), p, units) for p, units in held]
        traded = [(contract, p, units) for contract, p, units in listed if contract is not None]
        if not traded:
            return None
        slot = slot or now.astimezone(IST).strftime("%Y%m%dT%H%M%S")
        run_id = flatten_id(account.id, slot, product)
        legs = tuple(
            Leg(contract=c, side=Side.BUY if units > 0 else Side.SELL, quantity=abs(units))
            for c, _, units in traded
        )
        with acting(Origin(at=now, actor="platform", correlation_id=f"{FLATTEN}/{slot}")):
            run = Run.open(
                run_id,
                install=self.install,
                slot=slot,
                terms=terms(account, product, traded[0][0].underlying),
                definition={},
                due_at=now,
                exit_at=None,
            )
            short = sum(leg.quantity for leg in legs if leg.side is Side.SELL)
            run.plan(legs, Reference(price=None, source="POSITIONS"), short, None)
            for number, (_, position, units) in enumerate(traded):
                run.adjust(number, units, position.average_price, reason)
            run.request_exit(reason, "positions that no run explains")
            places = {(p.key, p.product) for _, p, _ in traded}
            if ours:
                hand_over(account, places)
            for key, held_as in sorted(places):
                account.drift_resolved(Where(DriftKind.NET, key, held_as), f"left by {run_id}")
        try:
            self.trading.save(run, account)
        except RecordConflictError:  # the same second's request, or news of the account, came first
            if not self.trading.history(run_id):
                return None
        self.runs.add(self.trading.load(run_id, Run))
        self.notice(run_id)
        return run_id


def flatten_id(account_id: str, slot: str, product: Product) -> str:
    return f"RUN-{FLATTEN}-{account_id}-{slot}{product}"


def hand_over(account: BrokerAccount, places: Set[tuple[str, str]]) -> None:
    """What a run leaves is its own from now on: counted twice it would look like drift."""
    for held in [held for place, held in account.adopted.items() if place in places]:
        account.ignore(held)
    rest = [held for place, held in account.external.items() if place not in places]
    if len(rest) < len(account.external):
        account.reconciled(rest, standing(account))


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
