from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from domain.model import Origin, Refused, acting
from domain.user import Preferences, Role, User, UserStatus


@pytest.fixture(autouse=True)
def _by_an_admin() -> Iterator[None]:
    at = datetime(2026, 8, 3, 3, 0, tzinfo=UTC)
    with acting(Origin(at=at, actor="USER-ADMIN", correlation_id="C1")):
        yield


@pytest.fixture
def user() -> User:
    return User.register(
        "USER-1",
        email=" Trader@Example.com ",
        name="Asha",
        roles={Role.TRADER},
        preferences=Preferences(),
    )


def facts(user: User) -> list[str]:
    return [type(event).__name__ for event in user.pending_events]


def test_a_new_user_is_active_and_known_by_a_lower_case_address(user: User) -> None:
    assert user.status is UserStatus.ACTIVE
    assert user.email == "trader@example.com"
    assert user.owner == user.id
    assert user.edition == 1


def test_the_same_profile_again_records_nothing(user: User) -> None:
    user.update_profile("TRADER@example.com", "Asha R", Preferences(timezone="Europe/London"))
    user.update_profile(None, "Asha R", Preferences(timezone="Europe/London"))

    assert facts(user) == ["Registered", "ProfileUpdated"]
    assert user.edition == 2


def test_the_address_one_signs_in_with_cannot_be_edited(user: User) -> None:
    with pytest.raises(Refused, match="cannot be changed") as refused:
        user.update_profile("other@example.com", "Asha", Preferences())

    assert (refused.value.code, refused.value.field) == ("email-fixed", "email")


def test_roles_are_given_as_a_whole(user: User) -> None:
    user.change_roles({Role.ADMIN, Role.TRADER}, by="USER-2")
    user.change_roles({Role.TRADER, Role.ADMIN}, by="USER-2")

    assert user.roles == {Role.ADMIN, Role.TRADER}
    assert facts(user) == ["Registered", "RolesChanged"]


def test_a_user_without_any_role_is_refused(user: User) -> None:
    with pytest.raises(Refused, match="at least one role"):
        user.change_roles(set(), by="USER-2")


def test_an_admin_can_neither_step_down_nor_lock_themselves_out_alone(user: User) -> None:
    user.change_roles({Role.ADMIN}, by="USER-2")

    with pytest.raises(Refused, match="cannot give up"):
        user.change_roles({Role.TRADER}, by=user.id)
    with pytest.raises(Refused, match="nobody can disable themselves"):
        user.disable("holiday", by=user.id)


def test_a_disabled_user_can_be_enabled_again(user: User) -> None:
    user.disable("left the desk", by="USER-2")
    user.disable("left the desk", by="USER-2")
    disabled = user.status

    user.enable()
    user.enable()

    assert (disabled, user.status) == (UserStatus.DISABLED, UserStatus.ACTIVE)
    assert facts(user) == ["Registered", "Disabled", "Enabled"]


def test_a_notice_is_acknowledged_once(user: User) -> None:
    user.acknowledge(("N1", "N2", "N1"))
    user.acknowledge(("N2",))

    assert user.acknowledged == {"N1", "N2"}
    assert facts(user) == ["Registered", "NoticesAcknowledged"]


def test_every_sign_in_is_a_fact_of_its_own_and_no_edit(user: User) -> None:
    user.signed_in("password+totp", "10.0.0.1")
    user.signed_in("password+totp", "10.0.0.1")
    user.sign_in_failed("totp")
    user.signed_out()
    user.secret_read("ACC-1", "place orders")
    user.exported("audit", "jsonl")

    assert facts(user)[1:] == [
        "SignedIn",
        "SignedIn",
        "SignInFailed",
        "SignedOut",
        "SecretRead",
        "Exported",
    ]
    assert user.edition == 1


def test_accounts_are_linked_and_unlinked_once(user: User) -> None:
    user.link("ACC-1")
    user.link("ACC-1")
    user.link("ACC-2")
    user.unlink("ACC-1")
    user.unlink("ACC-1")

    assert user.accounts == ("ACC-2",)
