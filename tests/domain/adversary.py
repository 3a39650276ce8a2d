"""A market and broker that do the worst they may, to see what a run decides in spite of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal

from commands.recording import record_all
from domain.book import BookOrder, OrderStatus
from domain.calendar import MARKET, at_ist, ist_date
from domain.contract import Contract, OptionType, Product, Side
from domain.following import next_steps
from domain.ledger import expected_net
from domain.model import Origin, acting
from domain.payoff import Position, uncovered_short
from domain.quote import Quote
from domain.risk import RiskParams
from domain.run import Run
from domain.run_terms import Terms
from domain.slices import Leg, Phase, Slice, SliceStatus
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
    product: str
    at: datetime
    price: Decimal
    status: OrderStatus = OrderStatus.OPEN
    filled: int = 0
    shown: bool = True

    @property
    def day(self) -> date:
        return ist_date(self.at)

    def row(self) -> BookOrder:
        return BookOrder(
            broker_order_id=self.order_id,
            tags=(self.intent.tag,),
            key=self.key,
            side=self.intent.side,
            product=self.product,
            quantity=self.intent.quantity,
            filled=self.filled,
            average_price=self.intent.price if self.filled else Decimal(0),
            status=self.status,
            price=self.price,
        )


@dataclass
class Adversary:
    """Plays broker, market, rivals, the trader and time; `moves` says what goes wrong, in order."""

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
    by_hand: dict[str, int] = field(default_factory=dict)
    """Units the trader dealt in our contracts, past us."""
    owned_up: dict[str, int] = field(default_factory=dict)
    """What of it the trader has told us."""
    hidden_buys: set[str] = field(default_factory=set)
    """Contracts with a buy-back that the book did not show for a while."""
    books: list[tuple[date, tuple[BookOrder, ...]]] = field(default_factory=list)
    owner: tuple[str, int] = ("", 0)
    seen: dict[str, int] = field(default_factory=dict)

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
            self.check_owner(steps)
            self.check_grows()
            if not self.carry_out(steps):
                return self.now + timedelta(seconds=1)
            if isinstance(steps[-1], Wait):
                return steps[-1].until
            facts = replace(facts, asked=frozenset(), drift=None, plan=None)
        raise AssertionError("going in circles")

    def check_owner(self, steps: tuple[Step, ...]) -> None:
        """Whoever sends something owns the run, by a lease that runs and in its own epoch."""
        if not any(isinstance(step, Release | Cancel | Reprice) for step in steps):
            return
        assert self.run.worker == self.worker, "sent by a worker that is not the owner"
        assert self.run.lease_until is not None
        assert self.run.lease_until > self.now, "sent without a lease"
        before, epoch = self.owner
        assert before == self.worker or self.run.epoch > epoch, "two owners in one epoch"
        self.owner = (self.worker, self.run.epoch)

    def check_grows(self) -> None:
        """What was once known to be filled stays filled, however old the book that is read."""
        for tag, state in self.run.slices.items():
            assert state.filled >= self.seen.get(tag, 0), "a fill was forgotten"
            self.seen[tag] = state.filled

    def rival(self) -> None:
        """Another worker looks while the lease runs: it has nothing to do but wait."""
        steps = next_steps(self.run, self.now, Facts(worker="rival"))
        if steps and self.run.lease_until is not None and self.now < self.run.lease_until:
            assert steps == (Wait(self.run.lease_until),), "a rival did not wait"

    def gather(self, needs: frozenset[Need], facts: Facts) -> Facts:
        book = self.book()
        shown = self.older_book() if self.choice(8) == 7 and not self.closed() else book
        self.books = [*self.books[-3:], (ist_date(self.now), book)]
        expected = expected_net([self.run], book)
        product = self.run.terms.product.value
        drift = {k: units - expected.get((k, product), 0) for k, units in self.net().items()}
        return replace(
            facts,
            asked=facts.asked | needs,
            book=shown if Need.DRIFT not in needs else book,
            quotes=self.quotes(),
            block="kill switch" if self.blocked else None,
            plan=self.plan,
            drift=drift,
            settlement={} if self.silent else self.settlement(),
            next_tick=self.now + timedelta(hours=1 if self.fair else 0, seconds=30),
        )

    def book(self) -> tuple[BookOrder, ...]:
        """Today's orders, as far as the broker shows them."""
        return tuple(o.row() for o in self.orders if o.shown and o.day == ist_date(self.now))

    def older_book(self) -> tuple[BookOrder, ...]:
        """One of the last books, as a broker's cache may still show it."""
        of_today = [book for day, book in self.books if day == ist_date(self.now)]
        return of_today[self.choice(len(of_today))] if of_today else ()

    def settlement(self) -> dict[str, Settlement]:
        worth = Settlement(price=Decimal(0), estimated=True)
        return {leg.contract.key: worth for leg in self.plan.legs}

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
            elif isinstance(step, Reprice) and not self.reprice(step.tag, step.price):
                return False
        return True

    def die(self) -> bool:
        self.worker += "'"
        return False

    def reprice(self, tag: str, price: Decimal) -> bool:
        outcome = self.choice(6)
        if outcome == 5:
            return self.die()
        if outcome == 4:
            with acting(at(self.now)):
                self.run.change_refused(tag, "being processed")
                self.run.collect_events()
            return True
        for order in self.orders:
            if order.intent.tag == tag:
                order.price = price
        return True

    def place(self, intent: Slice) -> bool:
        """Accept, refuse, lose the answer, hide it for a while, or die before or after."""
        outcome = self.choice(9)
        if outcome == 7:
            return self.die()
        if outcome in (0, 1, 2, 4, 5, 8):
            self.arrive(intent, shown=outcome != 5)
            if outcome == 2:
                self.fill(self.orders[-1], intent.quantity)
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

    def arrive(self, intent: Slice, *, shown: bool) -> None:
        assert intent.tag not in {o.intent.tag for o in self.orders}, "sent twice"
        key = self.run.legs[intent.leg].contract.key
        placed = Placed(
            intent=intent,
            key=key,
            order_id=f"O{len(self.orders)}",
            product=self.run.terms.product,
            at=self.now,
            price=intent.price,
            shown=shown,
        )
        self.orders.append(placed)
        if not shown and intent.phase is Phase.EXIT_BUY:
            self.hidden_buys.add(key)
        self.check_reduces(placed)

    def check_reduces(self, order: Placed) -> None:
        """An exit, with what else is on its way, asks for no more than the broker's net leaves."""
        own = [o for o in self.orders if o.key == order.key]
        if order.intent.phase.is_entry or any(not o.shown for o in own):
            return
        sign = order.intent.side.sign
        going = sum(
            o.intent.quantity - o.filled
            for o in own
            if o.status is OrderStatus.OPEN and o.intent.side is order.intent.side
        )
        assert going <= max(0, -sign * self.net()[order.key]), "an exit beyond the broker's net"

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

    def own(self) -> dict[str, int]:
        """Units by contract that our orders brought."""
        own = {leg.contract.key: 0 for leg in self.plan.legs}
        for order in self.orders:
            own[order.key] += order.intent.side.sign * order.filled
        return own

    def net(self) -> dict[str, int]:
        """The broker's net: our orders and the trader's; nothing once the contracts expired."""
        if self.now >= EXPIRY_CLOSE:
            return {leg.contract.key: 0 for leg in self.plan.legs}
        return {key: units + self.by_hand.get(key, 0) for key, units in self.own().items()}

    def check(self) -> None:
        """The promises, by what our orders brought; a trade by hand counts as told, or as it is.

        A hand trade that happens to make up for a fill nobody saw looks like no fill at all, and
        what the trader leaves naked is the trader's.
        """
        for leg in self.plan.legs:
            self.check_quantities(leg)
        naked = min(self.uncovered(dealt) for dealt in (self.owned_up, self.by_hand))
        assert naked <= self.plan.allowed_uncovered, "a naked short"

    def uncovered(self, by_hand: Mapping[str, int]) -> int:
        """What our orders leave uncovered beyond what those trades do by themselves."""
        nothing = dict.fromkeys(self.own(), 0)
        return self.naked(self.own(), by_hand) - self.naked(nothing, by_hand)

    def naked(self, own: Mapping[str, int], by_hand: Mapping[str, int]) -> int:
        positions = []
        for leg in self.plan.legs:
            units = own[leg.contract.key] + by_hand.get(leg.contract.key, 0)
            side = Side.BUY if units > 0 else Side.SELL
            positions.append(Position.of(leg.contract, side, abs(units)))
        return uncovered_short(positions)

    def check_quantities(self, leg: Leg) -> None:
        """No more goes in than was planned, and no more comes out than went in or was told."""
        key, sign = leg.contract.key, leg.side.sign
        own = [o for o in self.orders if o.key == key]
        entered = sum(o.filled for o in own if o.intent.phase.is_entry)
        exits = [o for o in own if not o.intent.phase.is_entry]
        left = -sign * sum(o.intent.side.sign * o.filled for o in exits)
        told = max(0, *(sign * dealt.get(key, 0) for dealt in (self.owned_up, self.by_hand)))
        assert entered <= leg.quantity, "more entered than was planned"
        assert key in self.hidden_buys or left <= entered + told, "more left than was held"

    def world(self) -> None:
        """One thing happens that is nobody's wish."""
        self.rival()
        move = self.choice(15)
        open_orders = [o for o in self.orders if o.status is OrderStatus.OPEN]
        if self.closed():
            return
        if move <= 2:
            for order in [o for o in open_orders if o.shown] or self.worst(open_orders):
                self.fill(order, order.intent.quantity - order.filled)
        elif move <= 5 and open_orders:
            self.disturb(move, open_orders[self.choice(len(open_orders))])
        elif move >= 6:
            self.surprise(move)

    def worst(self, hidden: list[Placed]) -> list[Placed]:
        """What nobody sees fills late, when everything else has: after its cover would be gone."""
        late = [o for o in hidden if self.now >= o.at + timedelta(seconds=100)]
        return late if self.fair or self.choice(3) == 2 else []

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
            case 11:
                self.trade_by_hand()
            case 12:
                self.wish_a_price()
            case _:
                for order in self.orders:
                    order.shown = True

    def trade_by_hand(self) -> None:
        """The trader deals in a contract of ours without telling us."""
        leg = self.plan.legs[self.choice(len(self.plan.legs))]
        units = leg.contract.lot * (1 if self.choice(2) else -1)
        self.by_hand[leg.contract.key] = self.by_hand.get(leg.contract.key, 0) + units

    def wish_a_price(self) -> None:
        resting = [t for t, s in self.run.slices.items() if s.status is SliceStatus.OPEN]
        if resting:
            with acting(at(self.now)):
                self.run.wish_price(resting[self.choice(len(resting))], Decimal("77.05"))
                self.run.collect_events()

    def own_up(self) -> None:
        """The trader says whose trades they were: the run's own, where the broker's net differs."""
        if self.now >= EXPIRY_CLOSE:
            return
        expected = expected_net([self.run], self.book())
        for number, leg in enumerate(self.run.legs):
            key = leg.contract.key
            units = self.net()[key] - expected[key, self.run.terms.product.value]
            if units:
                self.owned_up[key] = self.by_hand.get(key, 0)
                with acting(at(self.now)):
                    self.run.adjust(number, units, Decimal(100), "traded by hand")
                    self.run.collect_events()

    # ── time ──────────────────────────────────────────────────────────────────────────────

    def closed(self) -> bool:
        session = MARKET.session(ist_date(self.now))
        return session is None or not session.open <= self.now < session.close

    def let_time_pass(self, wake: datetime | None) -> None:
        jump = (0.25, 0.25, 2, 1, 12, 30, 130, None)[self.choice(8)]
        before = ist_date(self.now)
        if jump is None:
            self.now = at_ist(MARKET.next_session(before), time(9, 15))
        else:
            self.now += timedelta(seconds=jump)
        if self.fair and wake is not None:
            self.now = max(self.now, wake)
        for order in self.orders:
            if self.now > at_ist(order.day, time(14, 20)):
                order.shown = True  # what is at the exchange surfaces, some day before the close
            if self.closed() or order.day < ist_date(self.now):
                self.end_of_day(order)

    def end_of_day(self, order: Placed) -> None:
        if order.status is OrderStatus.OPEN:
            order.status = OrderStatus.CANCELLED


EXPIRY_CLOSE = at_ist(EXPIRY, time(15, 30))
