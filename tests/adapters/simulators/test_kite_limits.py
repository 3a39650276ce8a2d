"""How often may be called, on the simulator's own clock."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from kiteconnect.exceptions import InputException, NetworkException

from adapters.simulators.kite.limits import Limits
from tests.adapters.simulators.kite_stage import Stage


@pytest.fixture
def tight() -> Iterator[Stage]:
    """Few orders a minute and a day."""
    opened = Stage(limits=Limits(orders_a_minute=12, orders_a_day=20))
    opened.log_in()
    yield opened
    opened.stop()


def most(call: Callable[[], object]) -> int:
    """How many calls in a row are answered."""
    for number in range(100):
        try:
            call()
        except NetworkException as error:
            if (error.code, str(error)) != (429, "Too many requests"):
                raise
            return number
    raise AssertionError("no limit")


def refused_order(stage: Stage) -> Callable[[], None]:
    """An order that Kite refuses, which counts all the same."""

    def call() -> None:
        with pytest.raises(InputException):
            stage.client.place_order(**{**stage.order(), "quantity": 1})

    return call


def test_ten_orders_go_in_a_second_and_refused_ones_count(stage: Stage) -> None:
    first = most(refused_order(stage))
    stage.pass_time(0.999)
    before = most(refused_order(stage))
    stage.pass_time(0.001)

    assert (first, before, most(refused_order(stage))) == (10, 0, 10)


def test_changes_count_with_orders(stage: Stage) -> None:
    order_id = stage.place(away="0.7")
    stage.client.cancel_order("regular", order_id)

    assert most(refused_order(stage)) == 9


def test_orders_of_a_minute_and_of_a_day_are_limited(tight: Stage) -> None:
    counted = []
    for _ in range(3):
        counted.append(most(refused_order(tight)))
        tight.pass_time(1)
    tight.pass_time(60)
    last = most(refused_order(tight))
    tight.pass_time(61)

    assert counted == [10, 2, 0]
    assert (last, most(refused_order(tight))) == (8, 0)


def test_quotes_go_once_a_second_and_everything_else_ten_times(stage: Stage) -> None:
    quotes = most(lambda: stage.client.ltp("NSE:NIFTY 50"))
    others = most(stage.client.orders)
    stage.pass_time(1)

    assert (quotes, others) == (1, 10)
    assert most(stage.client.profile) == 10
    assert most(lambda: stage.client.quote("NSE:NIFTY 50")) == 1


def test_candles_go_three_times_a_second(stage: Stage) -> None:
    def call() -> None:
        stage.client.historical_data(256265, "2026-11-18 09:15:00", "2026-11-18 09:20:00", "minute")

    assert most(call) == 3


def test_without_limits_nothing_is_counted() -> None:
    free = Stage(limits=Limits(others_a_second=None))
    free.log_in()

    with pytest.raises(AssertionError, match="no limit"):
        most(free.client.orders)
    free.stop()
