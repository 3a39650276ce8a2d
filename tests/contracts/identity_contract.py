"""What every identity keeps to; each one's tests inherit this suite.

They bring fixtures `identity`, empty, and `anna`, the id of a user who chose RIGHT as password.
"""

from __future__ import annotations

import pytest

from adapters.api.context import Identity
from adapters.identity.terms import AddressTaken, PasswordRefused, SignInRefused

ANNA, RIGHT = "anna@example.com", "Correct-horse battery 1"
BETTER = "A much better 1, indeed"


class IdentityContract:
    """Inherit it, with fixtures `identity` and `anna`."""

    def test_the_right_password_opens_a_session(self, identity: Identity, anna: str) -> None:
        tokens = identity.sign_in(" Anna@Example.com ", RIGHT, None, None)

        session = identity.session(tokens.access)
        assert (tokens.user_id, session.user_id) == (anna, anna)
        assert not session.must_change_password

    def test_a_stranger_and_a_wrong_password_get_the_same_answer(
        self, identity: Identity, anna: str
    ) -> None:
        with pytest.raises(SignInRefused) as wrong:
            identity.sign_in(ANNA, "not that", None, None)
        with pytest.raises(SignInRefused) as stranger:
            identity.sign_in("nobody@example.com", "not that", None, None)

        told = (wrong.value.code, wrong.value.message)
        assert told == (stranger.value.code, stranger.value.message)
        assert (wrong.value.user_id, stranger.value.user_id) == (anna, None)

    @pytest.mark.usefixtures("anna")
    def test_an_altered_token_is_none(self, identity: Identity) -> None:
        head, body, signature = identity.sign_in(ANNA, RIGHT, None, None).access.split(".")

        for token in (f"{head}.{body}x.{signature}", "eyJhbGciOiJub25lIn0." + body + ".", "x"):
            with pytest.raises(SignInRefused):
                identity.session(token)

    @pytest.mark.usefixtures("anna")
    def test_signing_out_ends_the_session_at_once(self, identity: Identity) -> None:
        tokens = identity.sign_in(ANNA, RIGHT, None, None)

        identity.sign_out(identity.session(tokens.access).session_id)

        with pytest.raises(SignInRefused):
            identity.session(tokens.access)
        with pytest.raises(SignInRefused):
            identity.refresh(tokens.refresh)

    def test_a_refresh_token_brings_the_next_access_token(
        self, identity: Identity, anna: str
    ) -> None:
        tokens = identity.sign_in(ANNA, RIGHT, None, None)

        next_ones = identity.refresh(tokens.refresh)

        assert identity.session(next_ones.access).user_id == anna
        assert next_ones.refresh

    def test_what_is_no_refresh_token_brings_nothing(self, identity: Identity) -> None:
        with pytest.raises(SignInRefused) as refused:
            identity.refresh("not one")

        assert refused.value.code == "refresh-refused"

    def test_a_new_user_gets_a_password_that_has_to_be_changed(self, identity: Identity) -> None:
        told = identity.admit("new@example.com", lambda: "USER-NEW").one_time_password
        assert told is not None

        before = identity.sign_in("new@example.com", told, None, None)
        session = identity.session(before.access)
        after = identity.change_password("USER-NEW", told, BETTER)

        assert session.must_change_password
        assert before.must_change_password
        assert not after.must_change_password
        assert identity.sign_in("new@example.com", BETTER, None, None).user_id == "USER-NEW"
        with pytest.raises(SignInRefused):
            identity.sign_in("new@example.com", told, None, None)

    def test_a_changed_password_ends_other_sessions_and_opens_one(
        self, identity: Identity, anna: str
    ) -> None:
        before = identity.sign_in(ANNA, RIGHT, None, None)

        after = identity.change_password(anna, RIGHT, BETTER)

        assert identity.session(after.access).user_id == anna
        for ended in (lambda: identity.session(before.access),
                      lambda: identity.refresh(before.refresh),
                      lambda: identity.sign_in(ANNA, RIGHT, None, None)):  # fmt: skip
            with pytest.raises(SignInRefused):
                ended()

    def test_who_does_not_know_the_password_changes_none(
        self, identity: Identity, anna: str
    ) -> None:
        with pytest.raises(SignInRefused):
            identity.change_password(anna, "not that", BETTER)

        assert identity.sign_in(ANNA, RIGHT, None, None).user_id == anna

    @pytest.mark.parametrize("new", ["short", "aaaaaaaaaaaaaaaa", "anna-anna-banana", RIGHT])
    def test_a_poor_password_is_refused(self, identity: Identity, anna: str, new: str) -> None:
        with pytest.raises(PasswordRefused):
            identity.change_password(anna, RIGHT, new)

        assert identity.sign_in(ANNA, RIGHT, None, None).user_id == anna

    def test_a_reset_ends_every_session(self, identity: Identity, anna: str) -> None:
        tokens = identity.sign_in(ANNA, RIGHT, None, None)

        told = identity.reset(anna)

        with pytest.raises(SignInRefused):
            identity.session(tokens.access)
        assert identity.sign_in(ANNA, told, None, None).must_change_password

    def test_a_stranger_s_password_is_not_reset(self, identity: Identity) -> None:
        with pytest.raises(LookupError):
            identity.reset("USER-NOBODY")

    def test_an_address_is_taken_once_and_nobody_is_registered_for_it(
        self, identity: Identity, anna: str
    ) -> None:
        registered: list[str] = []

        def register() -> str:
            registered.append("USER-X")
            return "USER-X"

        with pytest.raises(AddressTaken) as taken:
            identity.admit("ANNA@example.com", register)

        assert (taken.value.user_id, registered) == (anna, [])

    def test_there_is_nothing_to_confirm_without_an_offer(
        self, identity: Identity, anna: str
    ) -> None:
        with pytest.raises(LookupError):
            identity.confirm(anna, "123456")
