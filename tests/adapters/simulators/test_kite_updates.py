"""Order updates over the WebSocket, and how its connections end."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus

from adapters.simulators.kite.faults import Fault, FaultKind
from adapters.simulators.kite.orders import HandTrade
from domain.contract import Side
from tests.adapters.simulators.kite_feed import NIFTY, Feed, connected
from tests.adapters.simulators.kite_stage import ACCOUNT, Stage, statuses


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
