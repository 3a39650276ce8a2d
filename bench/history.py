"""A made-up but well-formed history: users with baskets, strategies and the runs of many days."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from eventsourcing.persistence import JSONTranscoder, StoredEvent

from adapters.store.mapper import PydanticMapper
from domain.account import BrokerAccount
from domain.basket import Basket
from domain.book import BookOrder, OrderStatus, OrderType
from domain.contract import Contract, OptionType, Product, Side
from domain.definition import Definition
from domain.model import Aggregate, Origin, acting
from domain.risk import RiskParams
from domain.run import Run
from domain.run_terms import Reference, Terms
from domain.slices import Leg, Phase, Slice, tag_of
from domain.strategy import Strategy
from domain.user import Preferences, Role, User

DUE = datetime(2026, 8, 4, 3, 50, tzinfo=UTC)
MAPPER = PydanticMapper(transcoder=JSONTranscoder())
DEFINITION = Definition.model_validate(
    {
        "name": "NIFTY Iron Condor",
        "type": "IRON_CONDOR",
        "legs": [
            {"symbol": "NIFTY24AUG18000CE", "qty": 50, "action": "SELL", "option_type": "CE"},
            {"symbol": "NIFTY24AUG18200CE", "qty": 50, "action": "BUY", "option_type": "CE"},
        ],
        "schedule": {
            "entry_time": "09:20",
            "exit_time": "15:00",
            "weekdays": ["MON", "WED", "FRI"],
            "dte_min": 0,
            "dte_max": 7,
        },
        "risk_params": {"max_loss": 5000, "target_profit": 2000, "stop_loss_pct": 50},
    }
)


def option(strike: int, option_type: OptionType) -> Contract:
    return Contract(
        exchange="NFO",
        tradingsymbol=f"NIFTY26804{strike}{option_type}",
        underlying="NIFTY",
        expiry=date(2026, 8, 4),
        strike=Decimal(strike),
        option_type=option_type,
        lot=65,
        tick=Decimal("0.05"),
        freeze=1800,
    )


CONDOR = (
    Leg(contract=option(24700, OptionType.CE), side=Side.BUY, quantity=65),
    Leg(contract=option(24300, OptionType.PE), side=Side.BUY, quantity=65),
    Leg(contract=option(24600, OptionType.CE), side=Side.SELL, quantity=65),
    Leg(contract=option(24400, OptionType.PE), side=Side.SELL, quantity=65),
)


def by(at: datetime, actor: str = "schedule") -> Origin:
    return Origin(at=at, actor=actor, correlation_id=f"{actor}-{at:%H%M%S}", causation_id="tick-1")


def terms(user: str = "USER-1", account: str = "ACC-1", strategy: str = "STRAT-1") -> Terms:
    return Terms(
        strategy_id=strategy,
        strategy_edition=1,
        basket_id="BASK-1",
        user_id=user,
        account_id=account,
        broker="paper",
        multiplier=1,
        underlying="NIFTY",
        product=Product.MIS,
        risk=RiskParams(),
    )


class Story:
    """A run told step by step; every step is a second, and an event or a few."""

    def __init__(self, run_id: str, told: Terms, due: datetime = DUE) -> None:
        self.at = due
        self.run_id = run_id
        with acting(by(due)):
            self.run = Run.open(
                run_id,
                install="bench",
                slot=f"{due:%Y%m%d-%H%M}",
                terms=told,
                definition=DEFINITION.model_dump(mode="json"),
                due_at=due,
                exit_at=due + timedelta(hours=5),
            )

    def tick(self, seconds: float = 1) -> Origin:
        self.at += timedelta(seconds=seconds)
        return by(self.at)

    def planned(self, legs: tuple[Leg, ...] = CONDOR) -> None:
        with acting(self.tick()):
            self.run.claim(1, "worker", self.at + timedelta(seconds=20))
            reference = Reference(price=Decimal("24500.35"), source="SPOT")
            self.run.plan(legs, reference, 0, self.run.exit_at)

    def released(self, phase: Phase, leg: int, price: str, attempt: int = 1) -> str:
        tag = tag_of("bench", self.run_id, phase, leg, 1, attempt)
        intent = Slice(
            tag=tag,
            phase=phase,
            leg=leg,
            number=1,
            attempt=attempt,
            side=phase.side,
            quantity=self.run.legs[leg].quantity,
            order_type=OrderType.LIMIT,
            price=Decimal(price),
        )
        with acting(self.tick()):
            self.run.release(phase, (intent,))
        return tag

    def accepted(self, tag: str) -> None:
        with acting(self.tick(0.1)):
            self.run.accepted(tag, f"2608040000{tag[:6]}")

    def seen(self, tag: str, filled: int, price: str, status: OrderStatus) -> None:
        state = self.run.slices[tag]
        row = BookOrder(
            broker_order_id=state.broker_order_id or f"2608040000{tag[:6]}",
            tags=(tag,),
            key=state.contract.key,
            side=state.intent.side,
            product="MIS",
            quantity=state.intent.quantity,
            filled=filled,
            average_price=Decimal(price),
            status=status,
        )
        with acting(self.tick(0.1)):
            self.run.see(tag, row)

    def traded(self, phase: Phase, leg: int, price: str) -> str:
        """Released, accepted, half filled, filled."""
        tag = self.released(phase, leg, price)
        self.accepted(tag)
        whole = self.run.legs[leg].quantity
        self.seen(tag, whole // 2, price, OrderStatus.OPEN)
        self.seen(tag, whole, price, OrderStatus.COMPLETE)
        return tag

    def entered(self) -> None:
        for leg, price in ((0, "11.30"), (1, "9.85")):
            self.traded(Phase.ENTRY_BUY, leg, price)
        for leg, price in ((2, "45.50"), (3, "38.20")):
            self.traded(Phase.ENTRY_SELL, leg, price)
        with acting(self.tick()):
            self.run.enter(Decimal("4065.75"))

    def left(self, reason: str = "TIME") -> None:
        with acting(self.tick(18000)):
            self.run.request_exit(reason, "15:00")
        for leg, price in ((2, "20.10"), (3, "22.00")):
            self.traded(Phase.EXIT_BUY, leg, price)
        for leg, price in ((0, "3.00"), (1, "2.55")):
            self.traded(Phase.EXIT_SELL, leg, price)
        with acting(self.tick()):
            self.run.close("DONE", Decimal("1688.05"), Decimal("214.37"))

    def events(self) -> list[StoredEvent]:
        return stored(self.run)


def stored(aggregate: Aggregate) -> list[StoredEvent]:
    """What the aggregate would save."""
    return [MAPPER.to_stored_event(event) for event in aggregate.collect_events()]


def whole_run(run_id: str, told: Terms, due: datetime = DUE) -> list[StoredEvent]:
    """An iron condor entered and left: some forty events."""
    story = Story(run_id, told, due)
    story.planned()
    story.entered()
    story.left()
    return story.events()


def household(number: int) -> list[StoredEvent]:
    """A user with an account, a basket and a strategy, all active."""
    user, account, basket, strategy = (
        f"{kind}-{number}" for kind in ("USER", "ACC", "BASK", "STRAT")
    )
    with acting(by(DUE - timedelta(days=3), user)):
        trader = User.register(
            user,
            email=f"trader{number}@example.com",
            name="Trader",
            roles={Role.TRADER},
            preferences=Preferences(),
        )
        linked = BrokerAccount.link(account, user_id=user, broker="paper", account_name="Paper")
        composed = Basket.compose(basket, user_id=user, name="Weekly NIFTY Iron Condor")
        drafted = Strategy.draft(
            strategy, user_id=user, basket_id=basket, definition=DEFINITION, faults=()
        )
        composed.add(strategy)
        drafted.activate(())
        composed.activate([account])
    return [event for each in (trader, linked, composed, drafted) for event in stored(each)]


def history(users: int, days: int) -> Iterator[list[StoredEvent]]:
    """Commits as a store would receive them: the runs of a day interleaved, event by event."""
    for number in range(users):
        yield household(number)
    for day in range(days):
        due = DUE + timedelta(days=day)
        runs = [
            whole_run(
                f"RUN-STRAT-{n}-ACC-{n}-{due:%Y%m%d-%H%M}",
                terms(f"USER-{n}", f"ACC-{n}", f"STRAT-{n}"),
                due,
            )
            for n in range(users)
        ]
        for commit in zip(*runs, strict=True):
            yield list(commit)
