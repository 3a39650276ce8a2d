"""How far the clock is off, by time servers that really answer."""

from __future__ import annotations

import socket
import time
from collections.abc import Sequence
from datetime import timedelta

import pytest

from adapters.timekeeping import Timekeeping, TimeUnknown, off
from tests.adapters.loopback import time_server

#: Seconds that a server which answers has for it, on a machine that does other things, too.
SOON_S = 30


def asked(places: Sequence[str], timeout_s: float = SOON_S) -> tuple[timedelta, timedelta]:
    """The offset; and how long the answer took: by half of that it may be wrong."""
    since = time.monotonic()
    offset = Timekeeping(places, timeout_s).offset()
    return offset, timedelta(seconds=time.monotonic() - since)


@pytest.mark.parametrize("ahead", [0.0, 0.8, -3600.0])
def test_the_offset_is_what_has_to_be_added(ahead: float) -> None:
    with time_server(ahead) as server:
        offset, took = asked([server.place])

    assert abs(offset - timedelta(seconds=ahead)) <= took


def test_the_middle_of_several_is_believed() -> None:
    with time_server(0) as one, time_server(0.1) as two, time_server(9000) as liar:
        offset, took = asked([one.place, liar.place, two.place])

    assert abs(offset) <= timedelta(seconds=0.1) + took


def test_a_server_that_is_silent_is_left_out() -> None:
    with time_server(0) as server, socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as silent:
        silent.bind(("127.0.0.1", 0))
        places = [server.place, f"127.0.0.1:{silent.getsockname()[1]}"]

        offset, took = asked(places, timeout_s=1)

    assert abs(offset) <= took


def test_nobody_answering_is_told() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as silent:
        silent.bind(("127.0.0.1", 0))
        place = f"127.0.0.1:{silent.getsockname()[1]}"

        with pytest.raises(TimeUnknown, match=place):
            Timekeeping([place], timeout_s=0.1).offset()


def test_a_name_that_does_not_exist_is_no_time_server() -> None:
    with pytest.raises(TimeUnknown, match=r"nowhere\.invalid"):
        Timekeeping(["nowhere.invalid"], timeout_s=0.1).offset()


@pytest.mark.parametrize(
    ("milliseconds", "told"),
    [
        (0, None),
        (500, None),
        (-500, None),
        (501, "this machine's clock is 501 ms behind"),
        (-812, "this machine's clock is 812 ms ahead"),
    ],
)
def test_half_a_second_is_tolerated(milliseconds: int, told: str | None) -> None:
    assert off(timedelta(milliseconds=milliseconds)) == told
