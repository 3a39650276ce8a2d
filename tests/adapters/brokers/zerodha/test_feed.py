"""The feed: how streams stand, who carries the prices, and what is done while nothing comes."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from random import Random
from typing import Any

import pytest

from adapters.brokers.zerodha.feed import Feed, Told
from adapters.brokers.zerodha.line import Login, UnsafePlace
from adapters.brokers.zerodha.patience import Patience
from adapters.brokers.zerodha.standing import State, Worry
from adapters.brokers.zerodha.ticks import TickBook
from adapters.clock import SteppedClock
from tests.adapters.brokers.zerodha.exchange_line import (
    ExchangeLine,
    eventually,
    exchange_line,
)
from tests.adapters.brokers.zerodha.packing import framed, index

#: 09:20 IST on a Monday, and an evening.
MORNING = datetime(2026, 8, 3, 3, 50, tzinfo=UTC)
EVENING = datetime(2026, 8, 3, 14, 0, tzinfo=UTC)
SPOT, NIFTY = "NSE:NIFTY 50", 256265
HASTY = Patience(silence_s=60, first_pause_s=0.02, longest_pause_s=0.1, closing_s=0.1)
ORDER = json.dumps({"type": "order", "data": {}})


class Listening(Feed):
    """A feed that counts what it hears, and can be struck by a fault once."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:  # Any: as the feed itself takes them
        self.heard_of: Counter[str] = Counter()
        self.fault: Exception | None = None
        super().__init__(*args, **kwargs)

    def heard(self, account_id: str, line: int) -> None:
        fault, self.fault = self.fault, None
        if fault is not None:
            raise fault
        super().heard(account_id, line)
        self.heard_of[account_id] += 1


class Stage:
    """A feed whose real seconds pass only when they are told to."""

    def __init__(self, at: datetime = MORNING) -> None:
        self.clock = SteppedClock(at)
        self.seconds = 1000.0
        self.logins: dict[str, Login] = {}
        self.news: list[str] = []
        self.lost: list[str] = []
        self.alarms: list[str] = []
        self.ticks = TickBook()
        self.feed = Listening(
            self.ticks,
            self.clock,
            self.logins.get,
            Told(news=self.news.append, session_lost=self.lost.append, alarm=self.alarms.append),
            patience=HASTY,
            worry=Worry(silent_s=5, stalled_s=15, grace_s=3),
            chance=Random(1),
            seconds=lambda: self.seconds,
        )

    def link(self, account_id: str, exchange: ExchangeLine) -> None:
        self.logins[account_id] = Login("key", "TOKEN")
        self.feed.link(account_id, exchange.url)
        self.becomes(account_id, State.LIVE)

    def becomes(self, account_id: str, state: State) -> None:
        def stands() -> bool:
            standing = self.feed.standing(account_id)
            return standing is not None and standing.state is state

        eventually(stands, f"{account_id} {state}")

    def pass_time(self, seconds: float, *beating: str) -> None:
        """Let that many real seconds go by, with heartbeats of these accounts, and look."""
        self.seconds += seconds
        self.clock.sleep(seconds)
        for name in beating:
            self.beat(name)
        self.look()

    def beat(self, account_id: str) -> None:
        """Wait for a heartbeat that came after this moment: the first may be older."""
        enough = self.feed.heard_of[account_id] + 2
        eventually(lambda: self.feed.heard_of[account_id] >= enough, f"a beat of {account_id}")

    def look(self) -> None:
        again = self.feed.look("", self.clock.now())
        assert again > self.clock.now()

    def price(self, exchange: ExchangeLine, last: int) -> None:
        at = int(self.clock.now().timestamp())
        exchange.send(framed([index(NIFTY, last, (0, 0, 0, 0), at=at)]))
        shown = Decimal(last) / 100

        def seen() -> bool:
            quote = self.ticks.quote(SPOT)
            return quote is not None and quote.last == shown

        eventually(seen, f"₹{shown}")


@contextmanager
def staged(*accounts: str, at: datetime = MORNING) -> Iterator[tuple[Stage, list[ExchangeLine]]]:
    """One exchange line for each account."""
    stage = Stage(at)
    with ExitStack() as open_lines:
        lines = [open_lines.enter_context(exchange_line("TOKEN")) for _ in accounts]
        open_lines.callback(stage.feed.stop)
        for account, line in zip(accounts, lines, strict=True):
            stage.link(account, line)
        stage.look()
        yield stage, lines


def test_a_stream_that_comes_up_is_live_without_an_alarm_and_the_book_is_read() -> None:
    with staged("ACC-1", at=EVENING) as (stage, _):
        standing = stage.feed.standing("ACC-1")

        assert standing is not None
        assert (standing.state, standing.since) == (State.LIVE, EVENING)
        eventually(lambda: stage.news == ["ACC-1"], "what was missed is read")
        assert stage.alarms == []
        assert stage.feed.troubles() == ()


def test_every_order_update_is_news_of_its_account() -> None:
    with staged("ACC-1", "ACC-2") as (stage, lines):
        stage.news.clear()

        lines[1].send(ORDER)

        eventually(lambda: stage.news == ["ACC-2"], "the news")


def test_silence_is_told_once_with_its_beginning_and_so_is_its_end() -> None:
    with staged("ACC-1", at=EVENING) as (stage, lines):
        lines[0].beating = False
        eventually(lambda: not lines[0].between_beats, "the last beat")

        for _ in range(12):
            stage.pass_time(1)
        lines[0].beating = True
        stage.becomes("ACC-1", State.LIVE)
        stage.pass_time(0)
        stage.pass_time(1)

        told = [alarm for alarm in stage.alarms if alarm.startswith("stream")]
        assert [alarm.split(": ")[1] for alarm in told] == [
            "SILENT since 19:30:06 IST",
            "LIVE since 19:30:12 IST",
        ]


def test_while_a_stream_does_not_live_the_book_is_read_every_two_seconds() -> None:
    with staged("ACC-1") as (stage, lines):
        lines[0].tokens.clear()
        lines[0].drop()
        eventually(lambda: stage.lost == ["ACC-1"], "the session is lost")
        stage.becomes("ACC-1", State.DOWN)
        stage.news.clear()

        for _ in range(10):
            stage.pass_time(1)

        assert stage.news == ["ACC-1"] * 5
        assert stage.lost == ["ACC-1"]


def test_a_cut_that_is_mended_at_once_is_nobodys_trouble_but_the_book_is_read() -> None:
    with staged("ACC-1", at=EVENING) as (stage, lines):
        stage.news.clear()

        lines[0].drop()

        eventually(lambda: "ACC-1" in stage.news, "read after the cut")
        stage.becomes("ACC-1", State.LIVE)
        stage.pass_time(1)
        assert stage.alarms == []


def test_a_dead_session_is_down_until_somebody_logs_in() -> None:
    with staged("ACC-1", at=EVENING) as (stage, lines):
        lines[0].tokens = {"NEXT"}
        lines[0].drop()
        eventually(lambda: stage.lost == ["ACC-1"], "the session is lost")
        stage.becomes("ACC-1", State.DOWN)
        stage.pass_time(1)
        stage.pass_time(3)

        stage.logins["ACC-1"] = Login("key", "NEXT")
        stage.feed.renewed("ACC-1")

        stage.becomes("ACC-1", State.LIVE)
        assert [alarm.split(": ")[1:] for alarm in stage.alarms[:1]] == [
            ["DOWN since 19:30:00 IST", "the stream was refused with 403"]
        ]


def test_prices_come_over_one_stream_and_over_another_when_that_is_gone() -> None:
    with staged("ACC-1", "ACC-2") as (stage, lines):
        stage.ticks.want({SPOT: NIFTY})
        eventually(lambda: lines[0].carried() == {NIFTY: "full"}, "the first carries")
        assert lines[1].carried() == {}

        lines[0].tokens.clear()
        lines[0].drop()
        stage.becomes("ACC-1", State.DOWN)
        stage.look()

        eventually(lambda: lines[1].carried() == {NIFTY: "full"}, "the second carries")
        stage.price(lines[1], 2450000)
        stage.look()
        assert stage.feed.prices().state is State.LIVE


def test_an_account_that_is_unlinked_leaves_the_prices_to_the_others() -> None:
    with staged("ACC-1", "ACC-2") as (stage, lines):
        stage.ticks.want({SPOT: NIFTY})

        stage.feed.unlink("ACC-1")

        eventually(lambda: lines[1].carried() == {NIFTY: "full"}, "the second carries")
        assert stage.feed.standing("ACC-1") is None
        eventually(lambda: not lines[0].callers, "closed at the other end")


def test_heartbeats_without_prices_are_silence_in_session_and_all_is_subscribed_anew() -> None:
    with staged("ACC-1") as (stage, lines):
        stage.ticks.want({SPOT: NIFTY})
        stage.look()
        stage.price(lines[0], 2450000)
        stage.look()
        assert stage.feed.prices().state is State.LIVE
        attempts = len(lines[0].attempts)

        stage.pass_time(15, "ACC-1")
        assert stage.feed.prices().state is State.LIVE
        stage.pass_time(1, "ACC-1")

        assert stage.feed.prices().state is State.SILENT
        eventually(lambda: len(lines[0].attempts) > attempts, "connected anew")
        eventually(lambda: lines[0].carried() == {NIFTY: "full"}, "subscribed anew")


def test_prices_that_come_back_are_live_again_and_told() -> None:
    with staged("ACC-1") as (stage, lines):
        stage.ticks.want({SPOT: NIFTY})
        stage.look()
        eventually(lambda: lines[0].carried() == {NIFTY: "full"}, "subscribed")
        for _ in range(20):
            stage.pass_time(1, "ACC-1")
        assert stage.feed.prices().state is State.SILENT
        eventually(lambda: lines[0].carried() == {NIFTY: "full"}, "subscribed anew")

        stage.price(lines[0], 2450000)
        stage.look()

        assert stage.feed.prices().state is State.LIVE
        states = [alarm.split(": ")[1].split()[0] for alarm in stage.alarms]
        assert [s for s in states if s != "DOWN"] == ["SILENT", "LIVE"]


def test_at_night_nobody_waits_for_prices() -> None:
    with staged("ACC-1", at=EVENING) as (stage, _):
        stage.ticks.want({SPOT: NIFTY})

        for _ in range(10):
            stage.pass_time(4, "ACC-1")

        assert stage.feed.prices().state is State.LIVE


def test_without_streams_there_is_nothing_to_worry_about() -> None:
    with staged() as (stage, _):
        for _ in range(20):
            stage.pass_time(1)

        assert stage.alarms == []
        assert stage.feed.troubles() == ()
        assert list(stage.feed.chores()) == ["feed"]


def test_a_stream_that_never_came_up_is_told_and_polled_for() -> None:
    with staged() as (stage, _):
        stage.feed.link("ACC-1", "ws://127.0.0.1:9")

        for _ in range(6):
            stage.pass_time(1)

        assert any(alarm.startswith("stream of ACC-1: DOWN") for alarm in stage.alarms)
        assert len(stage.feed.troubles()) == 2
        assert "ACC-1" in stage.news


@pytest.mark.parametrize("url", ["ws://ws.kite.trade", "https://ws.kite.trade", "wss://", "x"])
def test_a_token_goes_to_no_place_that_would_show_it(url: str) -> None:
    with staged() as (stage, _), pytest.raises(UnsafePlace):
        stage.feed.link("ACC-1", url)


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_a_stream_that_died_of_a_fault_is_started_again() -> None:
    with staged("ACC-1", at=EVENING) as (stage, lines):
        stage.feed.fault = RuntimeError("a fault of ours")
        stage.becomes("ACC-1", State.DOWN)

        def again() -> bool:
            stage.look()
            return len(lines[0].attempts) == 2

        eventually(again, "a second attempt")
        stage.becomes("ACC-1", State.LIVE)


def test_time_goes_by_between_looks() -> None:
    with staged() as (stage, _):
        assert stage.feed.look("", MORNING) - MORNING == timedelta(seconds=1)
