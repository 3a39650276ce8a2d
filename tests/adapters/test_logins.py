"""Logins under way: bound to who began them, for a while, and good once."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from adapters.logins import AT_MOST, GOOD_FOR, Login, LoginRefused, Logins, cookie_of


class Clock:
    """Time that the test moves on."""

    def __init__(self) -> None:
        self.at = datetime(2026, 8, 4, 3, tzinfo=UTC)

    def now(self) -> datetime:
        return self.at


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def logins(clock: Clock) -> Logins:
    return Logins(clock.now)


def test_the_browser_that_began_a_login_finishes_it(logins: Logins, clock: Clock) -> None:
    ticket = logins.begin("ACC-1", "USER-1")

    login = logins.finish(ticket.state, proof=ticket.proof)

    assert login == Login(account_id="ACC-1", user_id="USER-1", until=clock.at + GOOD_FOR)


def test_the_user_who_began_it_finishes_it_without_that_browser(logins: Logins) -> None:
    ticket = logins.begin("ACC-1", "USER-1")

    assert logins.finish(ticket.state, user_id="USER-1").account_id == "ACC-1"


def test_it_is_good_once(logins: Logins) -> None:
    ticket = logins.begin("ACC-1", "USER-1")
    logins.finish(ticket.state, proof=ticket.proof)

    with pytest.raises(LoginRefused):
        logins.finish(ticket.state, proof=ticket.proof)


@pytest.mark.parametrize("wrong", [{}, {"proof": "guess"}, {"user_id": "USER-2"}])
def test_nobody_else_finishes_it_and_trying_does_not_use_it_up(
    logins: Logins, wrong: dict[str, str]
) -> None:
    ticket = logins.begin("ACC-1", "USER-1")

    with pytest.raises(LoginRefused):
        logins.finish(ticket.state, proof=wrong.get("proof"), user_id=wrong.get("user_id"))

    assert logins.finish(ticket.state, proof=ticket.proof)


def test_the_proof_of_another_login_is_none(logins: Logins) -> None:
    mine, other = logins.begin("ACC-1", "USER-1"), logins.begin("ACC-2", "USER-2")

    with pytest.raises(LoginRefused):
        logins.finish(mine.state, proof=other.proof)


def test_beginning_again_makes_the_earlier_one_void(logins: Logins) -> None:
    earlier, other = logins.begin("ACC-1", "USER-1"), logins.begin("ACC-2", "USER-1")
    logins.begin("ACC-1", "USER-1")

    with pytest.raises(LoginRefused):
        logins.finish(earlier.state, proof=earlier.proof)
    assert logins.finish(other.state, proof=other.proof)


def test_it_does_not_wait_for_ever(logins: Logins, clock: Clock) -> None:
    ticket = logins.begin("ACC-1", "USER-1")
    clock.at += GOOD_FOR + timedelta(seconds=1)

    with pytest.raises(LoginRefused, match="too long"):
        logins.finish(ticket.state, proof=ticket.proof)


def test_no_more_are_remembered_than_can_be_meant(logins: Logins) -> None:
    first = logins.begin("ACC-0", "USER-1")
    for number in range(1, AT_MOST + 1):
        last = logins.begin(f"ACC-{number}", "USER-1")

    with pytest.raises(LoginRefused):
        logins.finish(first.state, proof=first.proof)
    assert logins.finish(last.state, proof=last.proof)


def test_what_is_shown_of_a_ticket_opens_nothing(logins: Logins) -> None:
    ticket = logins.begin("ACC-1", "USER-1")

    shown = repr(ticket) + repr(vars(logins)) + cookie_of(ticket.state)
    assert ticket.state not in shown
    assert ticket.proof not in shown
