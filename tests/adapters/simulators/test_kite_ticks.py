"""Ticks of the WebSocket, read by the official client's own parser."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from websockets.exceptions import InvalidStatus

from tests.adapters.simulators.kite_feed import NIFTY, Feed, connected
from tests.adapters.simulators.kite_stage import Stage


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


def test_ticks_of_a_stepped_day_are_those_of_the_step(feed: Feed) -> None:
    feed.send("mode", ["full", [NIFTY]])
    feed.ticks()
    moments = []
    for _ in range(5):
        feed.step()
        moments.append(feed.stage.clock.now())

    told = [feed.ticks()[NIFTY]["exchange_timestamp"] for _ in moments]

    assert [moment.astimezone(UTC) for moment in told] == moments
