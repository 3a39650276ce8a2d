"""Postbacks: what the URL of an app is told."""

from __future__ import annotations

import json
from collections.abc import Iterator
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, HTTPServer
from queue import Empty, SimpleQueue
from threading import Thread

import pytest

from adapters.simulators.kite.faults import Fault, FaultKind
from adapters.simulators.kite.orders import HandTrade
from domain.contract import Side
from tests.adapters.simulators.kite_stage import ACCOUNT, SECRET, USER, Json, Stage, statuses


class Mailbox:
    """A URL that takes postbacks."""

    def __init__(self) -> None:
        self.posts: SimpleQueue[Json] = SimpleQueue()
        posts = self.posts

        class Taking(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                posts.put(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
                self.send_response(200)
                self.end_headers()

            def log_message(self, *_: object) -> None:
                """Tests need no log of requests."""

        self.server = HTTPServer(("127.0.0.1", 0), Taking)
        self.thread = Thread(target=self.server.serve_forever, args=(0.02,))
        self.thread.start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server.server_port}/postback"

    def take(self, count: int) -> list[Json]:
        return [self.posts.get(timeout=30) for _ in range(count)]

    def close(self) -> None:
        self.server.shutdown()
        self.thread.join()
        self.server.server_close()


@pytest.fixture
def mailbox() -> Iterator[Mailbox]:
    opened = Mailbox()
    yield opened
    opened.close()


@pytest.fixture
def told(mailbox: Mailbox) -> Iterator[Stage]:
    opened = Stage(postback_url=mailbox.url)
    opened.log_in()
    yield opened
    opened.stop()


def test_a_fill_is_posted_and_signed(told: Stage, mailbox: Mailbox) -> None:
    order_id = told.place()
    told.kite.step()

    (post,) = mailbox.take(1)

    signed = f"{order_id}{post['order_timestamp']}{SECRET}"
    assert (post["order_id"], post["status"], post["user_id"]) == (order_id, "COMPLETE", USER)
    assert post["checksum"] == sha256(signed.encode()).hexdigest()
    assert (post["unfilled_quantity"], post["app_id"]) == (0, 1)


def test_changes_partial_fills_and_ends_are_posted(told: Stage, mailbox: Mailbox) -> None:
    order_id = told.place(away="0.7")
    told.client.modify_order("regular", order_id, price=told.order(away="0.75")["price"])
    told.pass_time()
    told.client.cancel_order("regular", order_id)
    told.pass_time()
    told.inject(Fault(kind=FaultKind.PARTIAL, quantity=65))
    told.place(lots=2, tag="B2")
    told.inject(Fault(kind=FaultKind.REFUSE, message="No."))
    told.place(tag="B3")
    told.kite.step()

    assert statuses(mailbox.take(5)) == ["UPDATE", "CANCELLED", "UPDATE", "COMPLETE", "REJECTED"]


def test_hand_trades_are_not_posted(told: Stage, mailbox: Mailbox) -> None:
    told.kite.hand_trade(ACCOUNT, HandTrade(key=told.listed().key, side=Side.BUY, quantity=65))
    told.pass_time()
    told.place()
    told.kite.step()

    (post,) = mailbox.take(1)

    assert post["tag"] == "B1"


def test_a_postback_may_be_lost_or_doubled(told: Stage, mailbox: Mailbox) -> None:
    told.inject(
        Fault(kind=FaultKind.LOSE_UPDATE, path="postback"),
        Fault(kind=FaultKind.DUPLICATE_UPDATE, path="postback"),
    )
    told.place()
    told.place(tag="B2")
    told.kite.step()

    assert [post["tag"] for post in mailbox.take(2)] == ["B2", "B2"]
    with pytest.raises(Empty):
        mailbox.posts.get(timeout=0.1)


def test_a_url_where_nobody_answers_harms_nothing(mailbox: Mailbox) -> None:
    stage = Stage(postback_url="http://127.0.0.1:1/postback")
    stage.log_in()
    order_id = stage.place()

    assert stage.row(order_id)["status"] == "COMPLETE"
    assert mailbox.posts.empty()
    stage.stop()
