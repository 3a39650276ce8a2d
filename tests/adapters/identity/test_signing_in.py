"""Signing in: what is right, what is wrong, and what a stranger learns."""

from __future__ import annotations

import sqlite3
import stat
from pathlib import Path

import pytest

from adapters.identity.file import IdentityFile, NewerIdentitySchema
from adapters.identity.keys import IdentityKey, KeyExposed
from adapters.identity.local import FILE, KEY, LocalIdentity
from adapters.identity.terms import (
    AddressTaken,
    PasswordRefused,
    SignInRefused,
    TooManyAttempts,
)
from tests.adapters.identity.conftest import ANNA, RIGHT, Wall


def test_the_right_password_opens_a_session(identity: LocalIdentity, anna: str) -> None:
    tokens = identity.sign_in(" Anna@Example.com ", RIGHT, None, None)

    session = identity.session(tokens.access)
    assert (session.user_id, session.must_change_password) == (anna, False)


def test_a_stranger_and_a_wrong_password_get_the_same_answer(
    identity: LocalIdentity, anna: str
) -> None:
    with pytest.raises(SignInRefused) as wrong:
        identity.sign_in(ANNA, "not that", None, None)
    with pytest.raises(SignInRefused) as stranger:
        identity.sign_in("nobody@example.com", "not that", None, None)

    told = (wrong.value.code, wrong.value.message)
    assert told == (stranger.value.code, stranger.value.message)
    assert (wrong.value.user_id, stranger.value.user_id) == (anna, None)


@pytest.mark.usefixtures("anna")
@pytest.mark.parametrize("email", [ANNA, "nobody@example.com"])
def test_who_fails_too_often_has_to_wait_known_or_not(identity: LocalIdentity, email: str) -> None:
    for _ in range(5):
        with pytest.raises(SignInRefused):
            identity.sign_in(email, "not that", None, None)

    with pytest.raises(TooManyAttempts) as locked:
        identity.sign_in(email, RIGHT, None, None)
    assert locked.value.seconds == 31


def test_after_the_wait_the_right_password_counts_again(
    identity: LocalIdentity, anna: str, wall: Wall
) -> None:
    for _ in range(5):
        with pytest.raises(SignInRefused):
            identity.sign_in(ANNA, "not that", None, None)

    wall.pass_(seconds=31)

    assert identity.sign_in(ANNA, RIGHT, None, None).user_id == anna


def test_one_network_address_may_not_try_everybody(identity: LocalIdentity) -> None:
    for number in range(60):
        with pytest.raises(SignInRefused):
            identity.sign_in(f"user{number}@example.com", "not that", None, "192.0.2.1")

    with pytest.raises(TooManyAttempts):
        identity.sign_in("user61@example.com", "not that", None, "192.0.2.1")


@pytest.mark.usefixtures("anna")
def test_an_access_token_lives_for_a_quarter_of_an_hour(
    identity: LocalIdentity, wall: Wall
) -> None:
    tokens = identity.sign_in(ANNA, RIGHT, None, None)

    wall.pass_(minutes=15)

    with pytest.raises(SignInRefused):
        identity.session(tokens.access)


@pytest.mark.usefixtures("anna")
def test_an_altered_token_is_none(identity: LocalIdentity) -> None:
    head, body, signature = identity.sign_in(ANNA, RIGHT, None, None).access.split(".")

    with pytest.raises(SignInRefused):
        identity.session(f"{head}.{body}x.{signature}")
    with pytest.raises(SignInRefused):
        identity.session("eyJhbGciOiJub25lIn0." + body + ".")


@pytest.mark.usefixtures("anna")
def test_signing_out_ends_the_session_at_once(identity: LocalIdentity) -> None:
    tokens = identity.sign_in(ANNA, RIGHT, None, None)

    identity.sign_out(identity.session(tokens.access).session_id)

    with pytest.raises(SignInRefused):
        identity.session(tokens.access)
    with pytest.raises(SignInRefused):
        identity.refresh(tokens.refresh)


def test_a_refresh_token_is_good_once_and_its_reuse_ends_the_session(
    identity: LocalIdentity, anna: str
) -> None:
    first = identity.sign_in(ANNA, RIGHT, None, None)
    second = identity.refresh(first.refresh)

    with pytest.raises(SignInRefused) as reuse:
        identity.refresh(first.refresh)

    assert reuse.value.user_id == anna
    with pytest.raises(SignInRefused):
        identity.session(second.access)
    with pytest.raises(SignInRefused):
        identity.refresh(second.refresh)


@pytest.mark.usefixtures("anna")
def test_an_answer_that_was_lost_is_given_again(identity: LocalIdentity, wall: Wall) -> None:
    first = identity.sign_in(ANNA, RIGHT, None, None)
    lost = identity.refresh(first.refresh, again=True)
    wall.pass_(seconds=29)

    second = identity.refresh(first.refresh, again=True)

    assert second.refresh == lost.refresh
    assert identity.refresh(second.refresh).refresh not in (first.refresh, second.refresh)


@pytest.mark.usefixtures("anna")
def test_an_answer_that_arrived_is_not_given_again(identity: LocalIdentity) -> None:
    first = identity.sign_in(ANNA, RIGHT, None, None)
    second = identity.refresh(first.refresh, again=True)
    third = identity.refresh(second.refresh, again=True)

    for refused in (first.refresh, third.refresh):  # somebody else has the first: all is over
        with pytest.raises(SignInRefused):
            identity.refresh(refused, again=True)


@pytest.mark.usefixtures("anna")
def test_nobody_loses_an_answer_for_long(identity: LocalIdentity, wall: Wall) -> None:
    first = identity.sign_in(ANNA, RIGHT, None, None)
    second = identity.refresh(first.refresh, again=True)
    wall.pass_(seconds=32)

    for refused in (first.refresh, second.refresh):
        with pytest.raises(SignInRefused):
            identity.refresh(refused, again=True)


@pytest.mark.usefixtures("anna")
def test_a_session_that_was_ended_gives_nothing_again(identity: LocalIdentity) -> None:
    first = identity.sign_in(ANNA, RIGHT, None, None)
    second = identity.refresh(first.refresh, again=True)

    identity.sign_out(identity.session(second.access).session_id)

    with pytest.raises(SignInRefused):
        identity.refresh(first.refresh, again=True)


@pytest.mark.usefixtures("anna")
def test_a_session_ends_by_itself(identity: LocalIdentity, wall: Wall) -> None:
    tokens = identity.sign_in(ANNA, RIGHT, None, None)
    for _ in range(4):
        wall.pass_(days=6)
        tokens = identity.refresh(tokens.refresh)
    wall.pass_(days=6)

    with pytest.raises(SignInRefused):
        identity.refresh(tokens.refresh)


def test_a_new_user_gets_a_password_that_has_to_be_changed(identity: LocalIdentity) -> None:
    admitted = identity.admit("new@example.com", lambda: "USER-NEW")
    told = admitted.one_time_password
    assert told is not None

    before = identity.sign_in("new@example.com", told, None, None)
    after = identity.change_password("USER-NEW", told, "a much better one")

    assert (before.must_change_password, after.must_change_password) == (True, False)
    with pytest.raises(SignInRefused):
        identity.session(before.access)
    with pytest.raises(SignInRefused):
        identity.sign_in("new@example.com", told, None, None)


@pytest.mark.parametrize("new", ["short", "aaaaaaaaaaaaaaaa", "anna-anna-banana", RIGHT, "x" * 300])
def test_a_poor_password_is_refused(identity: LocalIdentity, anna: str, new: str) -> None:
    with pytest.raises(PasswordRefused):
        identity.change_password(anna, RIGHT, new)

    assert identity.sign_in(ANNA, RIGHT, None, None).user_id == anna


def test_a_reset_ends_every_session(identity: LocalIdentity, anna: str) -> None:
    tokens = identity.sign_in(ANNA, RIGHT, None, None)

    told = identity.reset(anna)

    with pytest.raises(SignInRefused):
        identity.session(tokens.access)
    assert identity.sign_in(ANNA, told, None, None).must_change_password


@pytest.mark.usefixtures("anna")
def test_an_address_is_taken_once_and_nobody_is_registered_for_it(identity: LocalIdentity) -> None:
    registered: list[str] = []

    def register() -> str:
        registered.append("USER-X")
        return "USER-X"

    with pytest.raises(AddressTaken):
        identity.admit("ANNA@example.com", register)

    assert registered == []


def test_no_secret_lies_in_the_file_and_nobody_else_may_read_it(
    identity: LocalIdentity, anna: str, tmp_path: Path
) -> None:
    tokens = identity.sign_in(ANNA, RIGHT, None, None)
    secret = identity.enrol(anna, RIGHT).secret

    held = b"".join(path.read_bytes() for path in tmp_path.iterdir())

    assert [w for w in (RIGHT, tokens.refresh, tokens.access, secret) if w.encode() in held] == []
    modes = {stat.S_IMODE(path.stat().st_mode) for path in tmp_path.iterdir()}
    assert modes == {0o600}


def test_a_key_that_others_may_read_is_refused(tmp_path: Path) -> None:
    IdentityKey.at(tmp_path / KEY)
    (tmp_path / KEY).chmod(0o644)

    with pytest.raises(KeyExposed):
        IdentityKey.at(tmp_path / KEY)


def test_a_file_of_a_later_version_is_refused(tmp_path: Path) -> None:
    IdentityFile(tmp_path / FILE).close()
    with sqlite3.connect(tmp_path / FILE) as file:
        file.execute("PRAGMA user_version=99")

    with pytest.raises(NewerIdentitySchema):
        IdentityFile(tmp_path / FILE)
