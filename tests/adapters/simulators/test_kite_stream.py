"""The WebSocket, its ticks read by the official client's own parser."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

import pytest
from kiteconnect import KiteTicker
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import ClientConnection, connect

from adapters.simulators.kite.faults import Fault, FaultKind
from adapters.simulators.kite.orders import HandTrade
from domain.contract import Side
from tests.adapters.simulators.kite_stage import ACCOUNT, KEY, Json, Stage, statuses

NIFTY = 256265
PARSER = KiteTicker(KEY, "token")


class Feed:
    """One connection and what came over it."""

    def __init__(self, stage: Stage, socket: ClientConnection) -> None:
        self.stage = stage
        self.socket = socket

    def send(self, action: str, value: Any) -> None:  # Any: JSON
        self.socket.send(json.dumps({"a": action, "v": value}))

    def ticks(self) -> dict[int, Json]:
        """The next message of prices, as the official client reads it."""
        while True:
            frame = self.socket.recv(timeout=5)
            if isinstance(frame, bytes) and len(frame) > 1:
                return {tick["instrument_token"]: tick for tick in PARSER._parse_binary(frame)}

    def heartbeat(self) -> None:
        while self.socket.recv(timeout=5) != b"\x00":
            pass

    def texts(self, count: int) -> list[Json]:
        """The next text frames."""
        found: list[Json] = []
        while len(found) < count:
            frame = self.socket.recv(timeout=5)
            if isinstance(frame, str):
                found.append(json.loads(frame))
        return found

    def step(self, seconds: float = 1) -> None:
        self.stage.pass_time(seconds)
        self.stage.kite.step()


@contextmanager
def connected(stage: Stage, token: str | None = None) -> Iterator[Feed]:
    token = stage.client.access_token if token is None else token
    with connect(f"{stage.kite.ws}?api_key={KEY}&access_token={token}") as socket:
        feed = Feed(stage, socket)
        feed.heartbeat()  # from now on it is told
        yield feed


@pytest.fixture
def feed(stage: Stage) -> Iterator[Feed]:
    with connected(stage) as opened:
        yield opened


def token_of(stage: Stage) -> int:
    key = stage.listed().key
    return int(stage.client.ltp(key)[key]["instrument_token"])


def test_a_dead_token_is_refused_at_the_handshake(stage: Stage) -> None:
    with pytest.raises(InvalidStatus) as refused, connected(stage, "guess"):
        pass

    assert refused.value.response.status_code == 403


def test_an_option_is_sent_in_full_with_its_depth(feed: Feed) -> None:
    token, stage = token_of(feed.stage), feed.stage
    feed.send("subscribe", [token])
    feed.ticks()
    feed.send("mode", ["full", [token]])

    tick = feed.ticks()[token]

    contract = stage.listed()
    quote = stage.market.quotes([contract.key])[contract.key]
    assert (tick["mode"], tick["tradable"]) == ("full", True)
    assert tick["last_price"] == float(quote.last or 0)
    assert tick["oi"] == quote.oi
    assert tick["exchange_timestamp"] == datetime.fromtimestamp(quote.at.timestamp())  # noqa: DTZ006
    assert tick["depth"]["buy"][0] == {
        "quantity": quote.bid_qty, "price": float(quote.bid or 0), "orders": 1,
    }  # fmt: skip
    assert tick["depth"]["sell"][0]["price"] == float(quote.ask or 0)
    assert [level["price"] for level in tick["depth"]["sell"][1:]] == [0, 0, 0, 0]


@pytest.mark.parametrize("mode", ["ltp", "quote", "full"])
def test_an_index_has_packets_of_its_own(feed: Feed, mode: str) -> None:
    feed.send("mode", [mode, [NIFTY]])

    tick = feed.ticks()[NIFTY]

    spot = feed.stage.market.spot("NIFTY")
    assert spot is not None
    assert (tick["mode"], tick["tradable"]) == (mode, False)
    assert tick["last_price"] == float(spot.last or 0)
    assert ("ohlc" in tick) is (mode != "ltp")
    assert ("exchange_timestamp" in tick) is (mode == "full")
    assert "depth" not in tick


def test_the_day_of_an_index_is_in_the_order_of_its_packet(feed: Feed) -> None:
    feed.send("mode", ["full", [NIFTY]])
    seen = [feed.ticks()[NIFTY]["last_price"]]
    for _ in range(30):
        feed.step(10)
        tick = feed.ticks()[NIFTY]
        seen.append(tick["last_price"])

    assert tick["ohlc"] == {
        "open": seen[0], "high": max(seen), "low": min(seen), "close": seen[0],
    }  # fmt: skip
    assert tick["change"] == pytest.approx((seen[-1] - seen[0]) * 100 / seen[0])


def test_a_subscription_begins_with_what_is_known_and_goes_on_with_changes(feed: Feed) -> None:
    token = token_of(feed.stage)
    feed.send("subscribe", [token, NIFTY])

    first = feed.ticks()
    feed.step()
    second = feed.ticks()

    assert set(first) == {token, NIFTY}
    assert first[token]["mode"] == "quote"
    assert second[NIFTY]["last_price"] != first[NIFTY]["last_price"]


def test_what_is_not_wanted_any_more_is_not_sent(feed: Feed) -> None:
    token = token_of(feed.stage)
    feed.send("subscribe", [token, NIFTY])
    feed.ticks()
    feed.send("unsubscribe", [token])
    feed.send("mode", ["ltp", [NIFTY]])
    feed.ticks()

    feed.step()

    assert set(feed.ticks()) == {NIFTY}


def test_silence_is_filled_with_heartbeats(feed: Feed) -> None:
    feed.step(1)
    with pytest.raises(TimeoutError):
        feed.socket.recv(timeout=0.1)
    feed.step(1)

    feed.heartbeat()


def test_nonsense_is_answered_with_an_error(feed: Feed) -> None:
    feed.socket.send("nonsense")
    feed.send("dance", [1])
    feed.send("mode", ["loud", [NIFTY]])
    feed.send("subscribe", list(range(3001)))

    found = feed.texts(4)

    assert {frame["type"] for frame in found} == {"error"}
    assert "3000" in found[-1]["data"]


def test_a_fourth_connection_of_an_app_is_refused(stage: Stage) -> None:
    with (
        connected(stage),
        connected(stage),
        connected(stage),
        pytest.raises(InvalidStatus) as refused,
        connected(stage),
    ):
        pass

    assert refused.value.response.status_code == 429


def test_order_updates_come_as_text_to_every_connection(stage: Stage) -> None:
    with connected(stage) as one, connected(stage) as other:
        order_id = stage.place()
        stage.kite.step()

        found = [feed.texts(2) for feed in (one, other)]

    assert found[0] == found[1]
    assert {frame["type"] for frame in found[0]} == {"order"}
    rows = [frame["data"] for frame in found[0]]
    assert statuses(rows) == ["OPEN", "COMPLETE"]
    assert {row["order_id"] for row in rows} == {order_id}
    assert rows[-1]["filled_quantity"] == 65


def test_changes_and_partial_fills_are_updates(feed: Feed) -> None:
    stage = feed.stage
    order_id = stage.place(away="0.7")
    stage.client.modify_order("regular", order_id, price=stage.order(away="0.75")["price"])
    stage.pass_time()
    stage.client.cancel_order("regular", order_id)
    feed.step()
    stage.inject(Fault(kind=FaultKind.PARTIAL, quantity=65))
    stage.place(lots=2, tag="B2")
    feed.step()

    assert statuses(frame["data"] for frame in feed.texts(6)) == [
        "OPEN", "UPDATE", "CANCELLED", "OPEN", "UPDATE", "COMPLETE",
    ]  # fmt: skip


def test_a_hand_trade_is_told_too(feed: Feed) -> None:
    stage = feed.stage
    stage.kite.hand_trade(ACCOUNT, HandTrade(key=stage.listed().key, side=Side.BUY, quantity=65))
    feed.step()

    assert statuses(frame["data"] for frame in feed.texts(2)) == ["OPEN", "COMPLETE"]


def test_another_traders_orders_are_not_told(stage: Stage) -> None:
    stage.kite.add_app("ACC-2", "key2", "secret2", "CD5678")
    stage.kite.hand_trade("ACC-2", HandTrade(key=stage.listed().key, side=Side.BUY, quantity=65))
    with connected(stage) as feed:
        feed.step(2)
        stage.place()
        stage.kite.step()

        (first,) = feed.texts(1)

    assert first["data"]["account_id"] == "AB1234"


def test_updates_are_lost_and_doubled_to_order(feed: Feed) -> None:
    feed.stage.inject(
        Fault(kind=FaultKind.LOSE_UPDATE, path="ws"),
        Fault(kind=FaultKind.DUPLICATE_UPDATE, path="ws"),
    )
    feed.stage.place()
    feed.step()

    assert statuses(frame["data"] for frame in feed.texts(2)) == ["COMPLETE", "COMPLETE"]


def test_nothing_is_replayed_after_a_reconnect(stage: Stage) -> None:
    stage.place()
    stage.kite.step()

    with connected(stage) as feed:
        stage.place(tag="B2")
        stage.kite.step()
        found = feed.texts(2)

    assert {frame["data"]["tag"] for frame in found} == {"B2"}


def test_a_stalled_feed_says_nothing_and_stays_open(feed: Feed) -> None:
    feed.send("mode", ["ltp", [NIFTY]])
    feed.ticks()
    feed.stage.inject(Fault(kind=FaultKind.STALL, seconds=30))
    for _ in range(29):
        feed.step()

    with pytest.raises(TimeoutError):
        feed.socket.recv(timeout=0.2)
    feed.step(2)

    assert set(feed.ticks()) == {NIFTY}


def expire(stage: Stage) -> None:
    stage.kite.expire_session(ACCOUNT)


def hang_up(stage: Stage) -> None:
    stage.inject(Fault(kind=FaultKind.HANG_UP))


def fall(stage: Stage) -> None:
    stage.inject(Fault(kind=FaultKind.OUTAGE, seconds=60))
    stage.client.timeout = 5
    with pytest.raises(Exception, match="503"):
        stage.client.profile()


@pytest.mark.parametrize("how", [expire, hang_up, fall])
def test_a_connection_ends_with_its_session_or_by_a_fault(
    feed: Feed, how: Callable[[Stage], None]
) -> None:
    how(feed.stage)
    feed.step()

    with pytest.raises(ConnectionClosed):
        feed.texts(1)


def test_in_an_outage_nobody_connects(stage: Stage) -> None:
    fall(stage)

    with pytest.raises(InvalidStatus) as refused, connected(stage):
        pass

    assert refused.value.response.status_code == 503


def test_ticks_of_a_stepped_day_are_those_of_the_step(feed: Feed) -> None:
    feed.send("mode", ["full", [NIFTY]])
    feed.ticks()
    moments = []
    for _ in range(5):
        feed.step()
        moments.append(feed.stage.clock.now())

    told = [feed.ticks()[NIFTY]["exchange_timestamp"] for _ in moments]

    assert [moment.astimezone(UTC) for moment in told] == moments
