"""The paper broker as a process: it outlives the platform, and itself."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest
from typer.testing import CliRunner

from adapters.brokers.paper.client import PaperBroker
from adapters.brokers.paper.faults import Fault, FaultKind
from adapters.brokers.paper.ledger import Judge
from adapters.brokers.paper.process import (
    NotStarted,
    PaperProcess,
    running,
    start_paper_process,
)
from adapters.brokers.paper.server import app
from adapters.brokers.paper.spec import MarketKind, PaperSpec
from adapters.brokers.paper.wire import Endpoint
from domain.book import NotSent, OrderStatus, Ticket, Unavailable, Unknown
from domain.contract import Product, Side
from tests.adapters.brokers.paper.simulated_venue import SPEED, ProcessVenue, at_ten_o_clock
from tests.adapters.market.recorded_days import minute, minutes, row, write_parquet
from tests.contracts.broker_contract import await_order, by_tag, ticket

ACCOUNT = "ACC-1"


@pytest.fixture
def spec() -> PaperSpec:
    return at_ten_o_clock()


@pytest.fixture
def process(tmp_path: Path, spec: PaperSpec) -> Iterator[PaperProcess]:
    started = start_paper_process(tmp_path / "paper", spec)
    yield started
    started.stop()


def test_a_killed_broker_comes_back_with_its_book(process: PaperProcess, spec: PaperSpec) -> None:
    venue = ProcessVenue(process, spec, ACCOUNT)
    venue.broker.place(ticket(venue, Side.BUY, "B1"))
    filled = await_order(venue, "B1")
    venue.broker.place(ticket(venue, Side.BUY, "B2", rests=True))
    os.kill(process.pid, signal.SIGKILL)
    assert process.child is not None
    process.child.wait()

    with pytest.raises(NotSent):
        venue.broker.place(ticket(venue, Side.BUY, "B3"))
    with pytest.raises(Unavailable):
        venue.broker.orders()
    again = start_paper_process(process.folder, spec)

    try:
        assert by_tag(venue.broker, "B1") == filled
        waiting = by_tag(venue.broker, "B2")
        assert waiting is not None
        assert waiting.status is OrderStatus.OPEN
        assert by_tag(venue.broker, "B3") is None
    finally:
        again.stop()


def test_a_living_broker_is_found_and_not_started_again(
    process: PaperProcess, spec: PaperSpec
) -> None:
    found = start_paper_process(process.folder, spec)

    found.stop()  # it is not ours to end

    assert (found.pid, found.child) == (process.pid, None)
    assert running(process.folder) is not None


def test_a_second_broker_of_the_same_folder_refuses_to_work(process: PaperProcess) -> None:
    second = subprocess.run(
        [sys.executable, "-m", "adapters.brokers.paper.server", str(process.folder)],
        capture_output=True,
        text=True,
        check=False,
    )

    assert second.returncode == 3
    assert "already at work" in second.stderr


def test_a_slow_answer_is_unknown_and_the_order_is_placed_all_the_same(
    process: PaperProcess, spec: PaperSpec
) -> None:
    venue = ProcessVenue(process, spec, ACCOUNT)
    order = ticket(venue, Side.BUY, "B1")
    venue.inject(Fault(kind=FaultKind.DELAY, seconds=1.0 * SPEED))
    impatient = process.broker(ACCOUNT, timeout_s=0.3)

    with pytest.raises(Unknown):
        impatient.place(order)
    time.sleep(1.0)

    assert await_order(venue, "B1").filled == venue.call.lot


def test_accounts_at_one_broker_know_nothing_of_each_other(
    process: PaperProcess, spec: PaperSpec
) -> None:
    one, other = (ProcessVenue(process, spec, account) for account in ("ACC-1", "ACC-2"))

    one.broker.place(ticket(one, Side.BUY, "B1"))
    await_order(one, "B1")

    assert list(other.broker.orders()) == []
    assert list(other.broker.positions()) == []
    assert other.broker.funds().available == spec.rules.cash


def test_orders_from_many_threads_are_all_in_the_ledger_once(
    process: PaperProcess, spec: PaperSpec
) -> None:
    venue = ProcessVenue(process, spec, ACCOUNT)
    orders = [ticket(venue, Side.BUY, f"B{n}", rests=True) for n in range(40)]

    threads = [threading.Thread(target=venue.broker.place, args=(order,)) for order in orders]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    judge = Judge(process.ledger)
    assert judge.sent_twice() == []
    assert {line.ticket.tag for line in judge.placed(ACCOUNT)} == {o.tag for o in orders}
    judge.close()


def test_a_wrong_token_gets_nothing(process: PaperProcess, tmp_path: Path) -> None:
    forged = Endpoint.read(process.endpoint).model_copy(update={"token": "guess"})
    forged.write(tmp_path / "endpoint.json")
    stranger = PaperBroker(tmp_path / "endpoint.json", ACCOUNT)

    with pytest.raises(Unavailable, match="token"):
        stranger.orders()
    with pytest.raises(NotSent, match="token"):
        stranger.cancel("1")


def test_what_is_no_request_is_answered_and_does_no_harm(process: PaperProcess) -> None:
    endpoint = Endpoint.read(process.endpoint)

    with socket.create_connection((endpoint.host, endpoint.port), 5) as wire:
        wire.sendall(b"GET / HTTP/1.1\r\n")
        answer = wire.recv(65536)

    assert b'"error":"NotSent"' in answer
    assert running(process.folder) is not None


def test_the_endpoint_is_for_its_owner_only(process: PaperProcess) -> None:
    assert process.endpoint.stat().st_mode & 0o077 == 0
    assert Endpoint.read(process.endpoint).host == "127.0.0.1"


def test_where_no_broker_is_nothing_was_sent(tmp_path: Path) -> None:
    nobody = PaperBroker(tmp_path / "endpoint.json", ACCOUNT)

    with pytest.raises(NotSent):
        nobody.cancel("1")
    with pytest.raises(Unavailable):
        nobody.funds()
    assert running(tmp_path) is None


def test_an_answer_cut_short_is_unknown(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]
        Endpoint(host="127.0.0.1", port=port, token="t").write(tmp_path / "endpoint.json")
        broker = PaperBroker(tmp_path / "endpoint.json", ACCOUNT)

        def half_an_answer() -> None:
            for _ in range(2):
                wire, _ = listening.accept()
                wire.recv(65536)
                wire.sendall(b'{"value": "2608')
                wire.close()

        speaking = threading.Thread(target=half_an_answer)
        speaking.start()
        with pytest.raises(Unknown):
            broker.cancel("1")
        with pytest.raises(Unavailable):
            broker.orders()
        speaking.join()


def test_a_recorded_day_can_be_traded_in_a_process_of_its_own(tmp_path: Path) -> None:
    day = write_parquet(tmp_path / "day.parquet", [row(at) for at in minutes(60)])
    recorded = {"market": MarketKind.RECORDED, "days": (day,), "market_start": minute("09:21")}
    spec = at_ten_o_clock(60).model_copy(update=recorded)
    process = start_paper_process(tmp_path / "paper", spec)
    broker = process.broker(ACCOUNT)
    clock = spec.clock()

    try:
        (call,) = spec.open_market(clock).chain(minute("09:21").date()).contracts
        broker.place(
            Ticket(
                tag="B1",
                contract=call,
                side=Side.BUY,
                quantity=call.lot,
                product=Product.MIS,
                price=Decimal(101),
            )
        )
        clock.sleep(90)
        (found,) = broker.orders()
    finally:
        process.stop()

    assert (found.status, found.average_price) == (OrderStatus.COMPLETE, Decimal("100.25"))


def test_a_broker_that_cannot_start_says_why(tmp_path: Path) -> None:
    nowhere = PaperSpec(market=MarketKind.RECORDED, days=(tmp_path / "2026-08-04.parquet",))

    with pytest.raises(NotStarted, match=r"there is no recorded day 2026-08-04.parquet"):
        start_paper_process(tmp_path / "paper", nowhere)


@pytest.mark.parametrize(
    "wrong", [{"market": "recorded"}, {"wall_start": "2026-08-04T03:45:00Z"}, {"sped": 2}]
)
def test_a_spec_that_means_nothing_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="validation error"):
        PaperSpec.model_validate(wrong)


def test_a_broken_spec_stops_the_server_with_a_message(tmp_path: Path) -> None:
    (tmp_path / "spec.json").write_text('{"speed": "fast"}')

    result = CliRunner().invoke(app, [str(tmp_path)])

    assert result.exit_code == 2
    assert "spec.json" in result.output
