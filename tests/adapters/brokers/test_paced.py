"""Reads of one account keep to their pace, and runs that look at once share a look."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from threading import Event, Thread, get_ident

import pytest

from adapters.brokers.paced import A_SECOND, SHARED_S, Paced
from adapters.clock import SteppedClock
from bench.crowd import Instant
from commands.ports import Broker
from domain.book import BookOrder, Funds, NetPosition, Throttled, Ticket, TooFast, Unavailable
from domain.contract import Contract, OptionType, Product, Side

OPEN = datetime(2026, 11, 18, 3, 45, tzinfo=UTC)


class Counting(Instant):
    """A broker that counts how often, and when, it was asked."""

    def __init__(self, clock: SteppedClock) -> None:
        super().__init__()
        self.clock = clock
        self.asked: list[float] = []
        self.refuses = 0
        self.sent: list[float] = []
        self.turns_away = 0

    def place(self, ticket: Ticket) -> str:
        self.sent.append(self.clock.monotonic())
        if self.turns_away:
            self.turns_away -= 1
            raise TooFast("Too many requests")
        return super().place(ticket)

    def orders(self) -> Sequence[BookOrder]:
        self.asked.append(self.clock.monotonic())
        if self.refuses:
            self.refuses -= 1
            raise Throttled("Too many requests")
        return list(super().orders())

    def positions(self) -> Sequence[NetPosition]:
        self.asked.append(self.clock.monotonic())
        return super().positions()


@pytest.fixture
def clock() -> SteppedClock:
    return SteppedClock(OPEN)


@pytest.fixture
def kite(clock: SteppedClock) -> Counting:
    return Counting(clock)


@pytest.fixture
def paced(kite: Counting, clock: SteppedClock) -> Paced:
    return Paced(kite, clock)


def ticket(tag: str = "T1") -> Ticket:
    call = Contract(
        exchange="NFO",
        tradingsymbol="NIFTY26N2424500CE",
        underlying="NIFTY",
        expiry=OPEN.date(),
        strike=Decimal(24500),
        option_type=OptionType.CE,
        lot=65,
        tick=Decimal("0.05"),
    )
    return Ticket(
        tag=tag,
        contract=call,
        side=Side.BUY,
        quantity=65,
        product=Product.NRML,
        price=Decimal(100),
    )


def test_it_is_a_broker(paced: Paced) -> None:
    broker: Broker = paced

    assert broker.place(ticket()) == "O0"


def test_ten_runs_that_look_at_the_same_time_read_the_book_once(
    paced: Paced, kite: Counting
) -> None:
    for _ in range(10):
        paced.orders()

    assert len(kite.asked) == 1


def test_an_order_sent_since_is_in_the_book_that_is_read_next(paced: Paced) -> None:
    assert paced.orders() == []

    paced.place(ticket())

    assert [row.tags for row in paced.orders()] == [("T1",)]


def test_news_of_the_account_make_the_next_look_a_new_one(paced: Paced, kite: Counting) -> None:
    paced.orders()

    paced.stir()
    paced.orders()

    assert len(kite.asked) == 2


def test_after_the_net_the_book_is_read_anew(paced: Paced, kite: Counting) -> None:
    paced.orders()
    paced.positions()
    paced.orders()

    assert len(kite.asked) == 3


def test_a_book_is_shared_for_a_quarter_of_a_second(
    paced: Paced, kite: Counting, clock: SteppedClock
) -> None:
    paced.orders()
    clock.sleep(0.3)
    paced.orders()

    assert len(kite.asked) == 2


def test_no_more_than_eight_reads_go_out_in_a_second(paced: Paced, kite: Counting) -> None:
    for _ in range(30):
        paced.positions()

    for n, at in enumerate(kite.asked):
        assert sum(at - 1 < other <= at for other in kite.asked[: n + 1]) <= 9


def test_being_told_to_wait_is_waited_out(paced: Paced, kite: Counting) -> None:
    kite.refuses = 2

    assert paced.orders() == []
    assert len(kite.asked) == 3
    assert kite.asked[-1] - kite.asked[0] >= 2


def test_a_broker_that_never_lets_us_read_is_not_asked_for_ever(
    paced: Paced, kite: Counting
) -> None:
    kite.refuses = 10

    with pytest.raises(Unavailable, match="Too many requests"):
        paced.orders()

    assert len(kite.asked) == 4


class Slow(Counting):
    """A broker that takes longer to show its book than a book is shared for."""

    def __init__(self, clock: SteppedClock) -> None:
        super().__init__(clock)
        self.may_answer = Event()

    def orders(self) -> Sequence[BookOrder]:
        rows = super().orders()
        self.may_answer.wait(30)
        self.clock.sleep(2 * SHARED_S)
        return rows


class Glanced(SteppedClock):
    """A clock that knows which threads looked at it."""

    def __init__(self, start: datetime) -> None:
        super().__init__(start)
        self.by: set[int] = set()

    def monotonic(self) -> float:
        self.by.add(get_ident())
        return super().monotonic()


def test_runs_that_leave_together_share_looks_however_slow_the_broker_is() -> None:
    clock = Glanced(OPEN)
    kite = Slow(clock)
    paced = Paced(kite, clock)
    runs = [Thread(target=paced.orders, daemon=True) for _ in range(5)]

    for run in runs:
        run.start()
    while len(clock.by) < len(runs):
        Event().wait(0.001)
    kite.may_answer.set()
    for run in runs:
        run.join(30)

    # The first was asked for before the others came; the second serves all of them.
    assert len(kite.asked) == 2


def test_an_order_turned_away_by_a_rate_limit_is_told_and_nothing_is_sent_for_a_second(
    paced: Paced, kite: Counting
) -> None:
    kite.turns_away = 1

    with pytest.raises(TooFast):
        paced.place(ticket())
    paced.place(ticket("T2"))
    paced.place(ticket("T3"))
    paced.orders()

    assert [round(at - kite.sent[0], 3) for at in kite.sent] == [0, 1, 1]
    assert kite.asked[0] - kite.sent[0] >= 1


class Crossing(SteppedClock):
    """A clock during whose first sleep something else happens."""

    meanwhile: Callable[[], object] | None = None

    def sleep(self, seconds: float) -> None:
        now, then = self.meanwhile, self.now() + timedelta(seconds=seconds)
        self.meanwhile = None
        if now is not None:
            now()
        if then > self.now():
            self.advance_to(then)


class Asked(Instant):
    """A broker that notes what it was asked for."""

    def __init__(self) -> None:
        super().__init__()
        self.what: list[str] = []

    def orders(self) -> Sequence[BookOrder]:
        self.what.append("orders")
        return super().orders()

    def funds(self) -> Funds:
        self.what.append("funds")
        return super().funds()


def test_a_run_that_leaves_looks_before_a_screen_shows_the_money() -> None:
    clock, kite = Crossing(OPEN), Asked()
    paced = Paced(kite, clock)
    paced.positions()
    clock.meanwhile = paced.orders

    paced.funds()

    assert kite.what == ["orders", "funds"]
    assert clock.monotonic() == 2 / A_SECOND
