"""Whether this machine may enter: a wrong clock and a wrong address hold entries back."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from datetime import datetime, time, timedelta
from pathlib import Path

import pytest

from adapters.account_care import linked_accounts
from adapters.address import PublicAddress
from adapters.readiness import Readiness
from adapters.timekeeping import Timekeeping
from domain.account import BrokerAccount
from domain.calendar import at_ist
from domain.run import Run
from domain.user import Role
from tests.adapters.api.practice import Person, Practice, made, ok
from tests.adapters.loopback import TimeServer, closed_port, echo, time_server

DECLARED, OTHER = "203.0.113.7", "198.51.100.4"


@pytest.fixture
def practice(tmp_path: Path) -> Practice:
    return Practice(tmp_path)


@pytest.fixture
def trader(practice: Practice) -> Person:
    return practice.admit("trader@example.com", Role.TRADER)


@pytest.fixture
def account(trader: Person) -> str:
    """An account of theirs that is no paper account, whose orders come from one address."""
    sent = {"broker": "kite", "account_name": "Mine", "static_ip": DECLARED}
    path = f"/users/{trader.user_id}/broker-accounts"
    account_id = str(made(trader.post(path, sent))["account_id"])
    ok(trader.post(f"{path}/{account_id}/connect", {"request_token": "any"}))
    return account_id


@pytest.fixture
def true_time() -> Iterator[TimeServer]:
    with time_server(0) as server:
        yield server


def ready(
    practice: Practice, servers: list[str], services: list[str], waits_s: float = 30
) -> Readiness:
    found = Readiness(
        practice.platform.bus,
        lambda: linked_accounts(practice.platform.reads.tables),
        practice.alarms.append,
        PublicAddress(services, timeout_s=30),
        Timekeeping(servers, timeout_s=waits_s),
    )
    practice.platform.engine.run_planner.ready = found
    return found


def check(practice: Practice, readiness: Readiness) -> datetime:
    again = readiness.check("", practice.clock.now())
    practice.catch_up()
    return again


def told(practice: Practice, account: str) -> list[tuple[str, bool]]:
    """What the account's stream says of addresses."""
    history = practice.platform.trading.history(account)
    seen = [e for e in history if isinstance(e, BrokerAccount.AddressSeen)]
    return [(each.found, each.foreign) for each in seen]


def test_with_the_right_time_and_address_nothing_speaks_against_an_entry(
    practice: Practice, account: str, true_time: TimeServer
) -> None:
    with echo(DECLARED) as service:
        readiness = ready(practice, [true_time.place], [service])
        again = check(practice, readiness)

    assert readiness(account) is None
    assert practice.alarms == []
    assert told(practice, account) == []
    assert again == practice.clock.now() + timedelta(minutes=30)


def test_a_clock_that_is_off_holds_entries_back_with_the_figure(
    practice: Practice, account: str
) -> None:
    with time_server(9) as wrong, echo(DECLARED) as service:
        readiness = ready(practice, [wrong.place], [service])
        again = check(practice, readiness)

    refusal = readiness(account)
    assert refusal is not None
    assert refusal.code == "clock-off"
    assert "ms behind" in refusal.message
    assert "nothing is entered" in practice.alarms[0]
    assert again == at_ist(practice.clock.now().date(), time(8, 35))


def test_a_time_server_that_is_silent_is_an_alarm_and_nothing_more(
    practice: Practice, account: str
) -> None:
    with echo(DECLARED) as service:
        readiness = ready(practice, [f"127.0.0.1:{closed_port()}"], [service], waits_s=0.3)
        check(practice, readiness)

    assert readiness(account) is None
    assert "no time server answers" in practice.alarms[0]


def test_another_address_holds_entries_back_and_the_trader_is_told_once(
    practice: Practice, account: str, trader: Person, true_time: TimeServer
) -> None:
    with echo(OTHER) as service:
        readiness = ready(practice, [true_time.place], [service])
        check(practice, readiness)
        check(practice, readiness)

    refusal = readiness(account)
    assert refusal is not None
    assert refusal.code == "address-differs"
    assert OTHER in refusal.message
    assert told(practice, account) == [(OTHER, True)]
    kinds = [each["kind"] for each in ok(trader.get("/inbox"))["items"]]
    assert kinds.count("ADDRESS") == 1


def test_an_address_that_is_right_again_lets_entries_pass(
    practice: Practice, account: str, true_time: TimeServer
) -> None:
    with ExitStack() as open_ones:
        readiness = ready(practice, [true_time.place], [open_ones.enter_context(echo(OTHER))])
        check(practice, readiness)
        readiness.address = PublicAddress([open_ones.enter_context(echo(DECLARED))])
        check(practice, readiness)

    assert readiness(account) is None
    assert told(practice, account) == [(OTHER, True), (DECLARED, False)]


def test_declaring_the_address_found_is_enough(
    practice: Practice, account: str, trader: Person, true_time: TimeServer
) -> None:
    with echo(OTHER) as service:
        readiness = ready(practice, [true_time.place], [service])
        check(practice, readiness)

    path = f"/users/{trader.user_id}/broker-accounts/{account}"
    ok(trader.put(path, {"account_name": "Mine", "static_ip": OTHER}))

    assert readiness(account) is None


def test_an_address_that_nobody_tells_is_an_alarm_and_nothing_more(
    practice: Practice, account: str, true_time: TimeServer
) -> None:
    readiness = ready(practice, [true_time.place], [f"http://127.0.0.1:{closed_port()}/"])
    check(practice, readiness)

    assert readiness(account) is None
    assert "the public address is not known" in practice.alarms[0]


def test_a_paper_account_needs_neither(practice: Practice, trader: Person, account: str) -> None:
    assert account
    with time_server(60) as wrong, echo(OTHER) as service:
        readiness = ready(practice, [wrong.place], [service])
        check(practice, readiness)

    assert readiness(trader.account_id) is None


def test_where_only_paper_is_traded_nobody_is_asked(practice: Practice, trader: Person) -> None:
    readiness = ready(practice, ["nowhere.invalid"], ["http://nowhere.invalid/"])
    check(practice, readiness)

    assert readiness(trader.account_id) is None
    assert practice.alarms == []


@pytest.mark.parametrize(
    ("at", "again"),
    [
        (time(6, 0), time(8, 35)),
        (time(8, 35), time(9, 5)),
        (time(15, 20), time(15, 50)),
        (time(16, 0), time(8, 35)),
    ],
)
def test_it_is_looked_at_from_before_the_open_to_the_close(
    practice: Practice, at: time, again: time
) -> None:
    readiness = ready(practice, [], [])
    monday = practice.clock.now().date()
    day = monday + timedelta(days=1) if at > time(15, 30) else monday

    assert readiness.check("", at_ist(monday, at)) == at_ist(day, again)


def test_a_run_on_a_machine_whose_clock_is_off_is_skipped_with_the_figure(
    practice: Practice, trader: Person, account: str
) -> None:
    path = f"/users/{trader.user_id}/broker-accounts/{trader.account_id}"
    assert trader.delete(path).status_code == 204
    _, strategy = trader.active_condor()
    with time_server(2.0) as wrong, echo(DECLARED) as service:
        check(practice, ready(practice, [wrong.place], [service]))
    practice.pass_until(at_ist(practice.clock.now().date(), time(9, 21)))

    run_id = f"RUN-{strategy}-{account}-20260803T092000"
    skipped = [e for e in practice.platform.trading.history(run_id) if isinstance(e, Run.Skipped)]
    assert [each.reason for each in skipped] == ["CLOCK_OFF"]
    assert "ms behind" in skipped[0].detail
