"""Decisions one by one, in the order of arrival; who waits for the world stands beside."""

from __future__ import annotations

from collections.abc import Callable
from threading import Event, Thread

import pytest

from adapters.turnstile import Turnstile

LONG_S = 30


def begun(work: Callable[[], None]) -> Thread:
    thread = Thread(target=work, daemon=True)
    thread.start()
    return thread


def queued(turnstile: Turnstile, many: int) -> None:
    """Until so many wait."""
    pause = Event()
    for _ in range(LONG_S * 1000):
        if len(turnstile._queue) == many:
            return
        pause.wait(0.001)
    raise AssertionError(f"{len(turnstile._queue)} wait, and not {many}")


def test_who_came_first_decides_first() -> None:
    turnstile, went = Turnstile(), list[int]()

    def decide(number: int) -> None:
        with turnstile:
            went.append(number)

    with turnstile:
        threads = []
        for number in range(5):
            threads.append(begun(lambda number=number: decide(number)))  # type: ignore[misc]  # bound by its default
            queued(turnstile, number + 1)
    for thread in threads:
        thread.join(LONG_S)

    assert went == [0, 1, 2, 3, 4]
    assert not turnstile.busy


def test_while_one_waits_for_its_broker_another_decides() -> None:
    turnstile, answered, decided = Turnstile(), Event(), Event()

    def send() -> None:
        with turnstile, turnstile.aside():
            answered.wait(LONG_S)

    def decide() -> None:
        with turnstile:
            decided.set()

    sender = begun(send)
    other = begun(decide)

    assert decided.wait(LONG_S)
    answered.set()
    sender.join(LONG_S)
    other.join(LONG_S)
    assert not turnstile.busy


def test_who_waited_for_the_disk_only_goes_on_before_those_who_came_later() -> None:
    turnstile, went = Turnstile(), list[str]()
    aside, inside, written = Event(), Event(), Event()

    def store() -> None:
        with turnstile:
            with turnstile.briefly():
                aside.set()
                written.wait(LONG_S)
            went.append("stored")

    def hold() -> None:
        with turnstile:
            inside.set()
            queued(turnstile, 2)

    def late() -> None:
        with turnstile:
            went.append("late")

    storing = begun(store)
    aside.wait(LONG_S)
    holding = begun(hold)
    inside.wait(LONG_S)
    coming = begun(late)
    queued(turnstile, 1)
    written.set()
    for thread in (storing, holding, coming):
        thread.join(LONG_S)

    assert went == ["stored", "late"]


def test_a_thread_that_does_not_decide_is_never_kept() -> None:
    turnstile = Turnstile()

    with turnstile:
        asked = Event()

        def read() -> None:
            with turnstile.aside():
                asked.set()

        begun(read).join(LONG_S)

    assert asked.is_set()


def test_a_decision_that_fails_lets_the_next_one_through() -> None:
    turnstile = Turnstile()

    with pytest.raises(ValueError, match="no plan"), turnstile:
        raise ValueError("no plan")

    assert not turnstile.busy
    with turnstile:
        assert turnstile.busy
