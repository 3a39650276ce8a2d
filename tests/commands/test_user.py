from collections.abc import Callable

import pytest
from pydantic import ValidationError

from commands.errors import Forbidden, NotFound, Refused
from commands.user import (
    AcknowledgeNotices,
    ChangeRoles,
    ChooseChannels,
    DisableUser,
    EnableUser,
    RecordCredentialChange,
    RecordExport,
    RecordSecretRead,
    RecordSignIn,
    RecordSignInFailure,
    RecordSignOut,
    RegisterUser,
    UpdateProfile,
)
from domain.account import BrokerAccount
from domain.notifications import Channel, Notifications
from domain.user import Preferences, Role, User, UserStatus
from tests.commands.scene import Asker, CountedTrading

Facts = Callable[[str], list[str]]
Admit = Callable[..., Asker]


def test_a_new_user_owns_a_paper_account(
    platform: Asker, trading: CountedTrading, facts: Facts
) -> None:
    user = platform(RegisterUser(email="Asha@Example.com", name="Asha"), key="K1")
    platform(RegisterUser(email="Asha@Example.com", name="Asha"), key="K1")

    (account_id,) = user.accounts
    account = trading.load(account_id, BrokerAccount)
    assert (account.owner, account.paper, account.tradable) == (user.id, True, True)
    assert facts(user.id) == ["Registered", "AccountLinked"]


@pytest.mark.parametrize("email", ["", "asha", "a b@example.com", "a@b@c"])
def test_an_address_has_the_form_of_one(email: str) -> None:
    with pytest.raises(ValidationError):
        RegisterUser(email=email)


def test_the_profile_of_the_requirements_can_be_put(ask: Asker) -> None:
    sent = {
        "email": "trader@example.com",
        "preferences": {
            "timezone": "Asia/Kolkata",
            "notifications": {"email": True, "sms": True},
        },
    }

    user = ask(UpdateProfile.model_validate(sent | {"user_id": ask.principal.user_id}))

    assert user.preferences == Preferences(notifications=Notifications(email=True, sms=True))


def test_a_time_zone_that_is_none_is_refused_at_its_field(ask: Asker) -> None:
    nowhere = Preferences(timezone="Asia/Atlantis")

    with pytest.raises(Refused, match="no time zone") as refused:
        ask(UpdateProfile(user_id=ask.principal.user_id, preferences=nowhere))

    assert refused.value.field == "preferences.timezone"


@pytest.mark.parametrize("role", Role)
def test_everybody_edits_their_own_profile_and_nobody_elses(
    admit: Admit, stranger: Asker, role: Role
) -> None:
    asker = admit(role)

    assert asker(UpdateProfile(user_id=asker.principal.user_id, name="New")).name == "New"
    with pytest.raises(NotFound):
        asker(UpdateProfile(user_id=stranger.principal.user_id, name="New"))


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.ADMIN])
def test_only_an_admin_manages_users(admit: Admit, stranger: Asker, role: Role) -> None:
    asker, other = admit(role), stranger.principal.user_id
    managing = (
        RegisterUser(email="new@example.com"),
        ChangeRoles(user_id=other, roles=(Role.ADMIN,)),
        DisableUser(user_id=other),
        EnableUser(user_id=other),
    )

    for command in managing:
        with pytest.raises(Forbidden, match="admin"):
            asker(command)


def test_an_admin_disables_and_enables_others(admit: Admit, stranger: Asker) -> None:
    admin, other = admit(Role.ADMIN), stranger.principal.user_id

    disabled = admin(DisableUser(user_id=other, reason="left"))
    enabled = admin(EnableUser(user_id=other))

    assert disabled.status is UserStatus.DISABLED
    assert enabled.status is UserStatus.ACTIVE


def test_an_admin_cannot_lock_the_last_door_behind_them(admit: Admit) -> None:
    admin = admit(Role.ADMIN)
    own = admin.principal.user_id

    with pytest.raises(Refused, match="cannot give up"):
        admin(ChangeRoles(user_id=own, roles=(Role.TRADER,)))
    with pytest.raises(Refused, match="nobody can disable themselves"):
        admin(DisableUser(user_id=own))


def test_of_the_places_where_one_is_told_only_kinds_and_number_are_recorded(ask: Asker) -> None:
    user_id = ask.principal.user_id
    kinds = (Channel.PUSH, Channel.EMAIL, Channel.PUSH)

    user = ask(ChooseChannels(user_id=user_id, kinds=kinds, count=3))

    chosen = ask.bus.trading.history(user_id)[-1]
    assert isinstance(chosen, User.ChannelsChosen)
    assert (chosen.kinds, chosen.count) == ((Channel.EMAIL, Channel.PUSH), 3)
    assert user.edition == 2


def test_a_notice_is_acknowledged_in_the_inbox_of_its_reader(ask: Asker) -> None:
    user = ask(AcknowledgeNotices(user_id=ask.principal.user_id, notices=("N1", "N2")))

    assert user.acknowledged == {"N1", "N2"}


def test_what_the_platform_saw_of_a_user_is_in_their_audit(
    platform: Asker, ask: Asker, facts: Facts, trading: CountedTrading
) -> None:
    user_id = ask.principal.user_id
    seen = (
        RecordSignInFailure(user_id=user_id, reason="totp", address="203.0.113.7"),
        RecordSignIn(user_id=user_id, method="password+totp", address="203.0.113.7"),
        RecordSecretRead(user_id=user_id, account_id="ACC-1", purpose="place orders"),
        RecordExport(user_id=user_id, what="audit", form="jsonl"),
        RecordSignOut(user_id=user_id),
    )

    for command in seen:
        platform(command)

    assert facts(user_id)[-5:] == [
        "SignInFailed",
        "SignedIn",
        "SecretRead",
        "Exported",
        "SignedOut",
    ]
    assert trading.load(user_id, User).edition == 1


def test_an_admin_who_sends_the_same_request_again_admits_nobody_else(
    admit: Admit,
) -> None:
    admin = admit(Role.ADMIN)

    first = admin(RegisterUser(email="new@example.com"), key="K1")
    second = admin(RegisterUser(email="new@example.com"), key="K1")

    assert first.id == second.id


def test_a_change_of_credentials_leaves_a_trace_but_no_secret(
    platform: Asker, trader: User, facts: Facts
) -> None:
    platform(RecordCredentialChange(user_id=trader.id, what="password"))

    assert facts(trader.id)[-1] == "CredentialChanged"
