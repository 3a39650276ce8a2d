from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from random import Random

import pytest
from eventsourcing.persistence import IntegrityError

from commands.application import FOLD_BEYOND, Trading
from commands.errors import NotFound
from commands.identity import derived_id, new_id
from domain.basket import Basket
from domain.model import Origin, acting
from domain.user import Preferences, Role, User
from tests.commands.scene import MONDAY, CountedTrading


@pytest.fixture(autouse=True)
def _by_the_trader() -> Iterator[None]:
    with acting(Origin(at=MONDAY, actor="USER-1", correlation_id="C1")):
        yield


@pytest.fixture
def user(trading: Trading) -> User:
    user = User.register(
        "USER-1",
        email="t@example.com",
        name="Asha",
        roles={Role.TRADER},
        preferences=Preferences(),
    )
    trading.save(user)
    return user


def test_what_was_saved_is_loaded_alike(trading: Trading, user: User) -> None:
    assert trading.load(user.id, User) == user


def test_a_stream_that_is_none_is_not_found(trading: Trading) -> None:
    with pytest.raises(NotFound, match="there is no User USER-9"):
        trading.load("USER-9", User)


def test_a_stream_of_another_kind_is_not_found(trading: Trading, user: User) -> None:
    with pytest.raises(NotFound):
        trading.load(user.id, Basket)


def test_a_remembered_stream_is_loaded_without_a_read_unless_it_is_to_be_verified(
    trading: CountedTrading, user: User
) -> None:
    trading.load(user.id, User, verify=False)
    unverified = trading.shared.reads
    trading.load(user.id, User, verify=True)

    assert unverified == 0
    assert trading.shared.reads == 1


def test_a_verified_load_sees_what_another_process_wrote(
    trading: CountedTrading, user: User
) -> None:
    other = CountedTrading(trading.shared)
    theirs = other.load(user.id, User)
    theirs.signed_out()
    other.save(theirs)

    assert trading.load(user.id, User, verify=False).version == 1
    assert trading.load(user.id, User, verify=True).version == 2
    assert trading.version_of(user.id) == 2


def test_two_copies_never_share_what_changes(trading: Trading, user: User) -> None:
    one, two = (trading.load(user.id, User, verify=False) for _ in range(2))

    one.link("ACC-1")

    assert two.accounts == ()
    assert trading.load(user.id, User, verify=False).accounts == ()


def test_of_two_copies_that_went_on_the_second_is_refused_and_forgotten(
    trading: Trading, user: User
) -> None:
    one, two = (trading.load(user.id, User, verify=False) for _ in range(2))
    one.link("ACC-1")
    two.link("ACC-2")
    trading.save(one)

    with pytest.raises(IntegrityError):
        trading.save(two)

    assert trading.load(user.id, User, verify=False).accounts == ("ACC-1",)


def test_nothing_decided_is_nothing_written(trading: CountedTrading, user: User) -> None:
    writes = trading.shared.writes

    assert trading.save(trading.load(user.id, User)) == []
    assert trading.shared.writes == writes


def test_a_long_stream_is_remembered_right(trading: Trading, user: User) -> None:
    for number in range(3 * FOLD_BEYOND):
        copy = trading.load(user.id, User, verify=False)
        copy.acknowledge((f"N{number}",))
        trading.save(copy)

    remembered = trading.load(user.id, User, verify=False)

    assert len(remembered.acknowledged) == 3 * FOLD_BEYOND
    assert remembered == trading.as_of(user.id, User)


def test_only_so_many_streams_are_remembered(user: User) -> None:
    small = Trading(
        {"MAPPER_TOPIC": "adapters.store.mapper:PydanticMapper"},
        entropy=Random(1).randbytes,
        kept=2,
    )
    for number in range(4):
        small.save(Basket.compose(f"BASK-{number}", user_id=user.id, name="Weekly"))

    remembered = [small.version_of(f"BASK-{number}") for number in range(4)]

    assert remembered == [0, 0, 1, 1]
    assert small.load("BASK-0", Basket).name == "Weekly"


def test_threads_that_save_at_once_lose_nothing(trading: Trading, user: User) -> None:
    def acknowledge(number: int) -> None:
        while True:
            copy = trading.load(user.id, User, verify=False)
            with acting(Origin(at=MONDAY, actor="USER-1", correlation_id=f"C{number}")):
                copy.acknowledge((f"N{number}",))
            try:
                trading.save(copy)
                return
            except IntegrityError:
                continue

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(acknowledge, range(200)))

    assert len(trading.load(user.id, User).acknowledged) == 200
    assert len(trading.history(user.id)) == 201


def test_a_state_can_be_seen_as_it_was_at_a_version_or_a_time(trading: Trading) -> None:
    basket = Basket.compose("BASK-1", user_id="USER-1", name="First")
    later = MONDAY + timedelta(hours=1)
    with acting(Origin(at=later, actor="USER-1", correlation_id="C2")):
        basket.edit(name="Second", description="", targets=())
    trading.save(basket)

    assert trading.as_of("BASK-1", Basket, version=1).name == "First"
    assert trading.as_of("BASK-1", Basket, at=later - timedelta(seconds=1)).name == "First"
    assert trading.as_of("BASK-1", Basket, at=later).name == "Second"
    with pytest.raises(NotFound):
        trading.as_of("BASK-1", Basket, at=MONDAY - timedelta(seconds=1))


def test_several_streams_are_saved_together_or_not_at_all(trading: Trading, user: User) -> None:
    stale = trading.load(user.id, User)
    user = trading.load(user.id, User)
    user.signed_out()
    trading.save(user)
    stale.signed_out()

    with pytest.raises(IntegrityError):
        trading.save(Basket.compose("BASK-1", user_id=user.id, name="Weekly"), stale)

    with pytest.raises(NotFound):
        trading.load("BASK-1", Basket)


def test_new_ids_sort_by_time_and_are_the_same_in_a_replay() -> None:
    def ids() -> list[str]:
        chance = Random(7).randbytes
        return [new_id("BASK", MONDAY + timedelta(seconds=n), chance) for n in range(5)]

    assert ids() == sorted(ids())
    assert len(set(ids())) == 5
    assert all(len(each) == len("BASK-") + 26 for each in ids())


def test_a_derived_id_tells_users_keys_and_kinds_apart() -> None:
    asked = [("BASK", "U1", "K1"), ("BASK", "U1", "K2"), ("BASK", "U2", "K1"), ("ACC", "U1", "K1")]

    assert len({derived_id(*each).split("-")[1] for each in asked}) == 4
    assert derived_id(*asked[0]) == derived_id(*asked[0])
