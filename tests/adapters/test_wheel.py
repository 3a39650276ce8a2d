"""Due times: soonest first, each thing once, told by any thread."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from adapters.wheel import Wheel

NINE = datetime(2026, 8, 4, 3, 30, tzinfo=UTC)


def second(n: int) -> datetime:
    return NINE + timedelta(seconds=n)


def test_what_is_due_comes_soonest_first_and_the_rest_stays() -> None:
    wheel: Wheel[str] = Wheel()
    for n, what in ((3, "c"), (1, "a"), (2, "b"), (9, "z")):
        wheel.at(second(n), what)

    assert wheel.pop_due(second(3)) == ["a", "b", "c"]
    assert wheel.next_due() == second(9)


def test_what_is_due_at_one_moment_comes_in_the_order_it_was_told() -> None:
    wheel: Wheel[str] = Wheel()
    for what in "xyz":
        wheel.at(second(1), what)

    assert wheel.pop_due(second(1)) == ["x", "y", "z"]


def test_a_sooner_call_moves_it_and_a_later_one_does_not() -> None:
    wheel: Wheel[str] = Wheel()
    wheel.at(second(5), "run")
    wheel.at(second(2), "run")
    wheel.at(second(8), "run")

    assert wheel.pop_due(second(2)) == ["run"]
    assert wheel.pop_due(second(60)) == []
    assert wheel.next_due() is None


def test_what_was_done_may_be_due_again_at_a_time_it_once_had() -> None:
    wheel: Wheel[str] = Wheel()
    wheel.at(second(5), "run")
    wheel.at(second(2), "run")
    wheel.pop_due(second(2))

    wheel.at(second(5), "run")

    assert wheel.pop_due(second(5)) == ["run"]
    assert wheel.pop_due(second(9)) == []


@given(st.lists(st.tuples(st.integers(0, 20), st.sampled_from("abcde")), max_size=40))
def test_each_thing_is_due_at_the_soonest_of_its_times(calls: list[tuple[int, str]]) -> None:
    wheel: Wheel[str] = Wheel()
    soonest: dict[str, int] = {}
    for n, what in calls:
        wheel.at(second(n), what)
        soonest[what] = min(n, soonest.get(what, n))

    found = {what: n for n in range(21) for what in wheel.pop_due(second(n))}

    assert found == soonest


def test_many_threads_may_tell_it() -> None:
    wheel: Wheel[int] = Wheel()

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda n: wheel.at(second(n % 7), n % 100), range(2000)))

    assert sorted(wheel.pop_due(second(7))) == list(range(100))
