"""A market and broker that do the worst they may, to see what a run decides in spite of them."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from commands.recording import record_all
from domain.book import BookOrder, OrderStatus
from domain.contract import Contract, OptionType, Product, Side
from domain.following import next_steps
from domain.ledger import expected_net
from domain.model import Origin, acting
from domain.payoff import Position, uncovered_short
from domain.quote import Quote
from domain.risk import RiskParams
from domain.run import Run, Terms
from domain.slices import Leg, Slice
from domain.steps import (
    Ask,
    Cancel,
    Facts,
    Need,
    Plan,
    Release,
    Reprice,
    Settlement,
    Step,
    Wait,
)

DUE = datetime(2026, 8, 4, 3, 50, tzinfo=UTC)  # 09:20 IST
EXIT = datetime(2026, 8, 4, 9, 30, tzinfo=UTC)  # 15:00 IST
EXPIRY = date(2026, 8, 11)


def contract(strike: int, option_type: OptionType, freeze: int = 1800) -> Contract:
    return Contract(
        exchange="NFO",
        tradingsymbol=f"NIFTY26811{strike}{option_type}",
        underlying="NIFTY",
        expiry=EXPIRY,
        strike=Decimal(strike),
        option_type=option_type,
        lot=65,
        tick=Decimal("0.05"),
        freeze=freeze,
    )


def condor(lots: int = 1, freeze: int = 1800) -> tuple[Leg, ...]:
    wings = (
        (24800, OptionType.CE, Side.SELL),
        (25000, OptionType.CE, Side.BUY),
        (24200, OptionType.PE, Side.SELL),
        (24000, OptionType.PE, Side.BUY),
    )
    return tuple(
        Leg(contract=contract(strike, kind, freeze), side=side, quantity=65 * lots)
        for strike, kind, side in wings
    )


def terms(**changes: object) -> Terms:
    usual = Terms(
        strategy_id="STRAT-1",
        strategy_edition=1,
        basket_id="BASK-1",
        user_id="USER-1",
        account_id="ACC-1",
        broker="paper",
        multiplier=1,
        underlying="NIFTY",
        product=Product.MIS,
        risk=RiskParams(max_loss=Decimal(5000)),
    )
    return usual.model_copy(update=changes)


def at(moment: datetime) -> Origin:
    return Origin(at=moment, actor="system", correlation_id="test")


def opened(moment: datetime = DUE, **changes: object) -> Run:
    with acting(at(moment)):
        return Run.open(
            "RUN-STRAT-1-ACC-1-20260804T0920",
            install="TEST",
            slot="20260804T0920",
            terms=terms(**changes),
            definition={},
            due_at=DUE,
            exit_at=EXIT,
        )


@dataclass
class Placed:
    """An order as the exchange has it, whether or not the book shows it yet."""

    intent: Slice
    key: str
    order_id: str
    status: OrderStatus = OrderStatus.OPEN
    filled: int = 0
    shown: bool = True

    def row(self) -> BookOrder:
        return BookOrder(
            broker_order_id=self.order_id,
            tags=(self.intent.tag,),
            key=self.key,
            side=self.intent.side,
            product="MIS",
            quantity=self.intent.quantity,
            filled=self.filled,
            average_price=self.intent.price if self.filled else Decimal(0),
            status=self.status,
        )


@dataclass
class Adversary:
    """Plays broker, market, rivals and time; `moves` says what goes wrong, in order."""

    run: Run
    plan: Plan
    moves: list[int]
    now: datetime = DUE
    worker: str = "W1"
    blocked: bool = False
    silent: bool = False
    fair: bool = False
    price: Decimal = Decimal(100)
    orders: list[Placed] = field(default_factory=list)
    hidden_buys: set[str] = field(default_factory=set)
    """Contracts with a buy-back that the book did not show for a while."""

    def choice(self, among: int) -> int:
        """The next move, 0 (nothing wrong) when they are used up."""
        return self.moves.pop() % among if self.moves and not self.fair else 0

    # ── the platform's side ───────────────────────────────────────────────────────────────

    def follow(self) -> datetime | None:
        facts = Facts(worker=self.worker)
        for _ in range(300):
            steps = next_steps(self.run, self.now, facts)
            if not steps:
                return None
            if isinstance(steps[0], Ask):
                facts = self.gather(steps[0].needs, facts)
                continue
            with acting(at(self.now)):
                record_all(self.run, steps, self.worker)
                self.run.collect_events()
            if not self.carry_out(steps):
                return self.now + timedelta(seconds=1)
            if isinstance(steps[-1], Wait):
                return steps[-1].until
            facts = replace(facts, asked=frozenset(), drift=None, plan=None)
        raise AssertionError("going in circles")

    def gather(self, needs: frozenset[Need], facts: Facts) -> Facts:
        book = tuple(o.row() for o in self.orders if o.shown)
        net = self.net()
        expected = expected_net([self.run], book)
        drift = {k: units - expected.get((k, "MIS"), 0) for k, units in net.items()}
        return replace(
            facts,
            asked=facts.asked | needs,
            book=book,
            quotes=self.quotes(),
            block="kill switch" if self.blocked else None,
            plan=self.plan,
            drift=drift,
            settlement={
                leg.contract.key: Settlement(price=Decimal(0), estimated=True)
                for leg in self.plan.legs
            },
            next_tick=self.now + timedelta(seconds=30),
        )

    def quotes(self) -> dict[str, Quote]:
        when = self.now - timedelta(seconds=60 if self.silent else 0)
        return {
            leg.contract.key: Quote(at=when, last=self.price, bid=self.price - 1, ask=self.price)
            for leg in self.plan.legs
        }

    def carry_out(self, steps: tuple[Step, ...]) -> bool:
        """False when the worker died on the way, and another took its name."""
        for step in steps:
            if isinstance(step, Release):
                for intent in step.slices:
                    if not self.place(intent):
                        return False
            elif isinstance(step, Cancel):
                self.cancel(step.tag)
            elif isinstance(step, Reprice) and self.choice(6) == 5:
                return self.die()
        return True

    def die(self) -> bool:
        self.worker += "'"
        return False

    def place(self, intent: Slice) -> bool:
        """Accept, refuse, lose the answer, hide it for a while, or die before or after."""
        outcome = self.choice(9)
        if outcome == 7:
            return self.die()
        if outcome in (0, 1, 2, 4, 5, 8):
            assert intent.tag not in {o.intent.tag for o in self.orders}, "sent twice"
            key = self.run.legs[intent.leg].contract.key
            placed = Placed(intent, key, f"O{len(self.orders)}", shown=outcome != 5)
            self.orders.append(placed)
            if outcome == 5 and intent.phase == "EXIT_BUY":
                self.hidden_buys.add(key)
            if outcome == 2:
                self.fill(placed, intent.quantity)
        if outcome == 8:
            return self.die()
        with acting(at(self.now)):
            match outcome:
                case 0 | 1 | 2:
                    self.run.accepted(intent.tag, self.orders[-1].order_id)
                case 3:
                    self.run.rejected(intent.tag, "insufficient margin")
                case 6:
                    self.run.unsent(intent.tag, "too many requests")
                case _:
                    self.run.unknown(intent.tag, "timed out")
            self.run.collect_events()
        return True

    def cancel(self, tag: str) -> None:
        for order in self.orders:
            if order.intent.tag == tag and order.status is OrderStatus.OPEN and self.choice(4) != 3:
                order.status = OrderStatus.CANCELLED

    # ── the world's side ──────────────────────────────────────────────────────────────────

    def fill(self, order: Placed, units: int) -> None:
        """An execution; after it no short may stand uncovered beyond what the plan allows."""
        order.filled += units
        if order.filled == order.intent.quantity:
            order.status = OrderStatus.COMPLETE
        self.check()

    def net(self) -> dict[str, int]:
        net = {leg.contract.key: 0 for leg in self.plan.legs}
        for order in self.orders:
            net[order.key] += order.intent.side.sign * order.filled
        return net

    def check(self) -> None:
        positions = []
        for leg in self.plan.legs:
            units = self.net()[leg.contract.key]
            side = Side.BUY if units > 0 else Side.SELL
            positions.append(Position.of(leg.contract, side, abs(units)))
            own = [o for o in self.orders if o.key == leg.contract.key]
            entered = sum(o.filled for o in own if o.intent.phase.is_entry)
            left = sum(o.filled for o in own if not o.intent.phase.is_entry)
            again = sum(o.filled for o in own if o.intent.phase == "EXIT_SELL")
            if leg.side is Side.BUY:
                assert left <= entered, "more sold than was bought"
            else:
                lost = leg.contract.key in self.hidden_buys
                assert lost or left - 2 * again <= entered, "bought back too much"
        assert uncovered_short(positions) <= self.plan.allowed_uncovered, "a naked short"

    def world(self) -> None:
        """One thing happens that is nobody's wish."""
        move = self.choice(12)
        open_orders = [o for o in self.orders if o.status is OrderStatus.OPEN]
        if move <= 2:
            for order in open_orders:
                if order.shown or self.fair:
                    self.fill(order, order.intent.quantity - order.filled)
        elif move <= 5 and open_orders:
            self.disturb(move, open_orders[self.choice(len(open_orders))])
        elif move >= 6:
            self.surprise(move)

    def disturb(self, move: int, order: Placed) -> None:
        if move == 3:
            self.fill(order, max(1, (order.intent.quantity - order.filled) // 2))
        else:
            order.status = OrderStatus.REJECTED if move == 4 else OrderStatus.CANCELLED

    def surprise(self, move: int) -> None:
        match move:
            case 6:
                with acting(at(self.now)):
                    self.run.request_exit("TRADER", "wants out")
                    self.run.collect_events()
            case 7:
                self.worker += "'"
            case 8:
                self.blocked = not self.blocked
            case 9:
                self.silent = not self.silent
            case 10:
                self.price += 40 if self.price < 150 else -90
            case _:
                for order in self.orders:
                    order.shown = True

    def let_time_pass(self, wake: datetime | None) -> None:
        jump = (0.25, 0.25, 2, 1, 12, 30, 130)[self.choice(7)]
        self.now += timedelta(seconds=jump)
        if self.fair and wake is not None:
            self.now = max(self.now, wake)
        for order in self.orders:
            if self.now > DUE + timedelta(hours=5):
                order.shown = True  # what is at the exchange surfaces, some day before the close
