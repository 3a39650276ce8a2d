"""How fast a target is told, when it is tried again, and when it counts as broken."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.notify.line import BACKOFF, BROKEN, HANGING_S, TRIES, WAITING, Line, Rate, Waiting
from adapters.notify.lines import Lines, Place
from adapters.notify.message import Manner
from domain.gravity import Gravity
from domain.notifications import Channel
from projections.inbox import Notice
from tests.adapters.notify.stage import FAST, Hook, hanging, until

AT = datetime(2026, 8, 4, 4, 0, tzinfo=UTC)
CHAT = Manner(channel=Channel.PUSH)
PLACE = Place("USER-1", "chat")


def notice(number: int, gravity: Gravity = Gravity.INFO, text: str = "") -> Notice:
    return Notice(
        id=f"RUN-1@{number:08d}",
        user_id="USER-1",
        account_id="ACC-1",
        strategy_id="STRAT-1",
        run_id="RUN-1",
        kind="ENTERED",
        gravity=gravity,
        text=text or f"notice {number}.",
        at=AT + timedelta(seconds=number),
    )


def line_of(*gravities: Gravity, rate: Rate = FAST) -> Line:
    line = Line(url="json://localhost", manner=CHAT, rate=rate)
    for number, gravity in enumerate(gravities):
        line.add(Waiting(notice=notice(number, gravity)))
    return line


def test_an_alarm_goes_out_before_what_is_only_good_to_know() -> None:
    line = line_of(Gravity.INFO, Gravity.ALARM, Gravity.INFO)

    said = []
    for now in range(3):
        said.append(line.take(now).body.splitlines()[0])
        line.settle(True, now)

    assert said == ["notice 1.", "notice 0.", "notice 2."]


def test_a_target_that_failed_is_left_alone_longer_each_time_and_then_told_in_one() -> None:
    line, now, waits = line_of(Gravity.INFO), 0.0, []
    for _ in range(5):
        line.take(now)
        line.settle(False, now)
        assert not line.ready(line.not_before - 0.01)
        waits.append(line.not_before - now)
        now = line.not_before
    line.add(Waiting(notice=notice(7)))

    message = line.take(now)

    assert tuple(waits) == BACKOFF
    assert message.title == "INFO: 2 notices"
    assert line.broken(now)
    line.settle(True, now)
    assert not line.broken(now)


def test_what_is_never_taken_is_given_up_and_the_next_message_says_so() -> None:
    line, now = line_of(Gravity.INFO), 0.0
    for _ in range(TRIES):
        line.take(now)
        given_up = line.settle(False, now)
        now = line.not_before
    line.add(Waiting(notice=notice(7)))

    assert [each.id for each in given_up] == ["RUN-1@00000000"]
    assert line.take(now).body.endswith("1 older ones are in the inbox only.")


def test_where_too_much_waits_what_matters_least_goes_first() -> None:
    line = line_of(*[Gravity.WARNING] * (WAITING - 1), Gravity.INFO)

    dropped = line.add(Waiting(notice=notice(WAITING, Gravity.ALARM)))

    assert dropped is not None
    assert dropped.gravity is Gravity.INFO
    assert len(line.waiting) == WAITING


@given(
    burst=st.integers(1, 6),
    per_minute=st.floats(1, 60),
    steps=st.lists(st.tuples(st.floats(0, 40), st.integers(0, 9), st.booleans()), max_size=40),
)
def test_never_more_messages_than_the_rate_allows_and_each_notice_at_most_once_taken(
    burst: int, per_minute: float, steps: list[tuple[float, int, bool]]
) -> None:
    line = Line(url="json://localhost", manner=CHAT, rate=Rate(burst=burst, per_minute=per_minute))
    now, number, sent, taken = 0.0, 0, 0, []
    for pause, new, listens in steps:
        now += pause
        for _ in range(new):
            number += 1
            line.add(Waiting(notice=notice(number)))
        while line.ready(now):
            line.take(now)
            sent += 1
            done = line.settle(listens, now)
            taken += [each.id for each in done] if listens else []

    assert sent <= burst + now * per_minute / 60 + 1e-6
    assert len(taken) == len(set(taken))


def under_way(lines: Lines) -> bool:
    return any(line.since is not None for line in lines._lines.values())


# ── with real places ──────────────────────────────────────────────────────────────────────


@pytest.fixture
def later() -> Callable[[float], float]:
    """A clock that is put forward by hand: answers the time after so many more seconds."""
    at = [0.0]

    def forward(seconds: float) -> float:
        at[0] += seconds
        return at[0]

    return forward


def test_a_place_that_refuses_is_a_trouble_until_it_takes_something(
    hook: Hook, later: Callable[[float], float]
) -> None:
    hook.answers = 500
    lines, told = Lines(FAST, seconds=lambda: later(0)), list[int]()
    lines.add(PLACE, hook.url(), CHAT, Waiting(notice=notice(1)))
    for attempt in range(BROKEN):
        lines.serve()
        until(lambda: hook.asked > len(told) and not under_way(lines))
        told.append(attempt)
        later(BACKOFF[attempt] + 0.01)
    broken = dict(lines.broken()), set(lines.broken_of("USER-1")), set(lines.broken_of("USER-2"))

    hook.answers = 200
    lines.serve()
    until(lambda: hook.got)
    until(lambda: not lines.busy())

    assert broken == ({"json": 1}, {"chat"}, set())
    assert dict(lines.broken()) == {}
    assert [(each.taken, len(each.notices)) for each in lines.done() if each.notices] == [(True, 1)]


def test_a_place_that_never_answers_is_a_trouble_and_is_not_asked_twice(
    later: Callable[[float], float],
) -> None:
    lines = Lines(FAST, seconds=lambda: later(0))
    with hanging() as (port, waiting):
        lines.add(PLACE, f"json://127.0.0.1:{port}", CHAT, Waiting(notice=notice(1)))
        lines.serve()
        until(lambda: waiting)
        healthy = dict(lines.broken())
        later(HANGING_S + 1)
        lines.add(PLACE, f"json://127.0.0.1:{port}", CHAT, Waiting(notice=notice(2)))

        lines.serve()

        assert healthy == {}
        assert dict(lines.broken()) == {"json": 1}
        assert len(waiting) == 1


def test_dead_ends_leave_room_for_everybody_else(
    hook: Hook, later: Callable[[float], float]
) -> None:
    lines = Lines(FAST, seconds=lambda: later(0))
    with hanging() as (port, waiting):
        for number in range(40):
            place = Place(f"USER-{number}", "dead")
            lines.add(place, f"json://127.0.0.1:{port}", CHAT, Waiting(notice=notice(number)))
        lines.serve()
        until(lambda: len(waiting) == 16)
        lines.add(PLACE, hook.url(), CHAT, Waiting(notice=notice(99)))
        later(HANGING_S + 1)
        for _ in range(4):
            lines.serve()
            later(HANGING_S + 1)

        until(lambda: hook.got)
