import json
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
from eventsourcing.persistence import StoredEvent

from commands.account import LinkAccount, RecordConnection, StopTrading
from commands.basket import ActivateBasket, ComposeBasket, DeactivateBasket, EditBasket
from commands.bus import HANDLERS, Bus
from commands.desk import PLATFORM as REPORTED
from commands.desk import Command, Principal, World
from commands.errors import Busy, Conflict, Forbidden, NotFound, Refused, StaleEdition
from commands.user import ChangeRoles, RegisterUser, UpdateProfile
from domain.basket import Basket
from domain.user import Preferences, Role, User
from tests.commands.scene import Asker, CountedTrading, CountingRecorder

Facts = Callable[[str], list[str]]


@pytest.fixture
def basket(ask: Asker) -> Basket:
    return ask(ComposeBasket(name="Weekly"))


def rename(basket: Basket, name: str) -> EditBasket:
    return EditBasket(basket_id=basket.id, name=name)


# ── who may ──────────────────────────────────────────────────────────────────────────────


def test_somebody_elses_basket_is_not_found(stranger: Asker, basket: Basket) -> None:
    with pytest.raises(NotFound) as refused:
        stranger(rename(basket, "Mine"))

    assert refused.value.message == f"there is no Basket {basket.id}"


def test_a_basket_that_is_none_reads_the_same_as_a_foreign_one(stranger: Asker) -> None:
    with pytest.raises(NotFound, match="there is no Basket BASK-0"):
        stranger(EditBasket(basket_id="BASK-0", name="Mine"))


def test_another_kind_of_stream_is_not_found(ask: Asker) -> None:
    with pytest.raises(NotFound):
        ask(EditBasket(basket_id=ask.principal.user_id, name="Mine"))


def test_a_viewer_changes_nothing(admit: Callable[..., Asker]) -> None:
    viewer = admit(Role.VIEWER)

    with pytest.raises(Forbidden, match="ComposeBasket needs one of these roles: admin, trader"):
        viewer(ComposeBasket(name="Weekly"))


def test_an_admin_gives_roles_to_others_but_does_not_trade_for_them(
    admit: Callable[..., Asker], ask: Asker, basket: Basket
) -> None:
    admin = admit(Role.ADMIN)

    trader = admin(ChangeRoles(user_id=ask.principal.user_id, roles=(Role.TRADER, Role.AUDITOR)))

    assert trader.roles == {Role.TRADER, Role.AUDITOR}
    with pytest.raises(NotFound):
        admin(rename(basket, "Theirs"))


def test_what_a_broker_reports_cannot_be_claimed_by_a_user(ask: Asker, trader: User) -> None:
    with pytest.raises(Forbidden, match="platform"):
        ask(RecordConnection(account_id=trader.accounts[0], broker_user_id="X", capabilities=()))


@pytest.mark.parametrize("command", HANDLERS, ids=lambda command: str(command.__name__))
def test_every_command_says_who_may_ask_it_and_of_what(command: type[Command[Basket]]) -> None:
    assert command.KIND.TOPIC  # type: ignore[attr-defined]  # every aggregate has one
    assert command.__name__.startswith("Record") <= (command.ALLOWED == REPORTED)
    assert command.FOREIGN <= command.ALLOWED


# ── refusals are remembered ──────────────────────────────────────────────────────────────


def test_a_refused_command_is_in_the_askers_audit(
    stranger: Asker, basket: Basket, trading: CountedTrading
) -> None:
    with pytest.raises(NotFound):
        stranger(rename(basket, "Mine"), key="K1")

    refused = trading.history(stranger.principal.user_id)[-1]
    assert isinstance(refused, User.CommandRefused)
    assert (refused.command, refused.target, refused.code) == (
        "EditBasket",
        basket.id,
        "not-found",
    )
    assert refused.actor == stranger.principal.user_id
    assert refused.idempotency_key is None


def test_a_request_that_was_refused_may_be_mended_under_the_same_key(ask: Asker) -> None:
    user_id = ask.principal.user_id
    with pytest.raises(Refused, match="no time zone"):
        ask(UpdateProfile(user_id=user_id, preferences=Preferences(timezone="Mars")), key="K1")

    user = ask(UpdateProfile(user_id=user_id, name="Asha"), key="K1")

    assert user.name == "Asha"


# ── the same request again ───────────────────────────────────────────────────────────────


def test_a_repeated_creation_creates_once(ask: Asker, facts: Facts) -> None:
    first = ask(ComposeBasket(name="Weekly"), key="K1")
    again = ask(ComposeBasket(name="Weekly"), key="K1")

    assert again.id == first.id
    assert facts(first.id) == ["Composed"]


def test_two_users_with_the_same_key_do_not_meet(ask: Asker, stranger: Asker) -> None:
    mine = ask(ComposeBasket(name="Weekly"), key="K1")
    theirs = stranger(ComposeBasket(name="Weekly"), key="K1")

    assert mine.id != theirs.id


def test_a_repeated_edit_is_answered_as_it_was_answered_then(
    ask: Asker, basket: Basket, facts: Facts
) -> None:
    first = ask(rename(basket, "Second"), key="K1", edition=1)
    ask(rename(basket, "Third"), key="K2", edition=2)

    again = ask(rename(basket, "Second"), key="K1", edition=1)

    assert (again.name, again.edition) == (first.name, first.edition) == ("Second", 2)
    assert facts(basket.id) == ["Composed", "Edited", "Edited"]


def test_a_key_serves_one_request_only(ask: Asker, basket: Basket, facts: Facts) -> None:
    ask(rename(basket, "Second"), key="K1")

    with pytest.raises(Conflict, match="used for another request") as refused:
        ask(rename(basket, "Third"), key="K1")

    assert refused.value.code == "idempotency-key-reused"
    assert facts(basket.id) == ["Composed", "Edited"]


def test_a_creation_with_a_used_key_and_another_body_is_refused(ask: Asker) -> None:
    ask(ComposeBasket(name="Weekly"), key="K1")

    with pytest.raises(Conflict, match="used for another request"):
        ask(ComposeBasket(name="Monthly"), key="K1")


class Crash(Exception):
    """The process died here."""


class DyingTrading(CountedTrading):
    """Dies after the append, before anybody is answered."""

    def save(self, *args: object, **kwargs: object) -> list[object]:  # type: ignore[override]  # never returns
        super().save(*args, **kwargs)  # type: ignore[arg-type]  # passed through
        raise Crash


@pytest.mark.parametrize("name", ["Weekly", "Monthly"])
def test_after_a_crash_between_append_and_answer_a_retry_finds_its_effect(
    ask: Asker, trading: CountedTrading, world: World, name: str
) -> None:
    dying = Asker(Bus(DyingTrading(trading.shared), world), ask.principal)
    with pytest.raises(Crash):
        dying(ComposeBasket(name="Weekly"), key="K1")

    restarted = Asker(Bus(CountedTrading(trading.shared), world), ask.principal)

    if name == "Weekly":
        basket = restarted(ComposeBasket(name=name), key="K1")
        assert basket.version == 1
    else:
        with pytest.raises(Conflict, match="used for another request"):
            restarted(ComposeBasket(name=name), key="K1")


def test_a_link_is_made_once_with_both_its_streams(ask: Asker, facts: Facts) -> None:
    link = LinkAccount(broker="zerodha", account_name="Primary", secrets_ref="vault:1")

    first = ask(link, key="K1")
    again = ask(link, key="K1")

    assert again.id == first.id
    assert facts(ask.principal.user_id) == ["Registered", "AccountLinked", "AccountLinked"]


# ── two at once ──────────────────────────────────────────────────────────────────────────


def test_an_edit_of_a_stale_edition_is_refused(ask: Asker, basket: Basket, facts: Facts) -> None:
    ask(rename(basket, "Second"), edition=1)

    with pytest.raises(StaleEdition, match="edition 1 was meant, it now is 2"):
        ask(rename(basket, "Third"), edition=1)

    assert facts(basket.id) == ["Composed", "Edited"]


def test_of_two_edits_of_the_same_edition_one_wins(ask: Asker, basket: Basket) -> None:
    def edit(name: str) -> str:
        try:
            return ask(rename(basket, name), edition=1).name
        except StaleEdition as refused:
            return refused.code

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(edit, [f"Name {n}" for n in range(8)]))

    assert answers.count("stale-edition") == 7


def test_no_edit_is_lost_between_threads(ask: Asker, basket: Basket, facts: Facts) -> None:
    with ThreadPoolExecutor(8) as pool:
        editions = list(pool.map(lambda n: ask(rename(basket, f"Name {n}")).edition, range(40)))

    assert sorted(editions) == list(range(2, 42))
    assert facts(basket.id).count("Edited") == 40


def test_two_processes_do_not_overwrite_each_other(
    ask: Asker, basket: Basket, trading: CountedTrading, world: World
) -> None:
    elsewhere = Asker(Bus(CountedTrading(trading.shared, seed=8), world), ask.principal)
    elsewhere(rename(basket, "Second"))

    answer = ask(rename(basket, "Third"))

    assert (answer.name, answer.edition) == ("Third", 3)


def test_no_refusal_rests_on_what_another_process_changed(
    ask: Asker, basket: Basket, trading: CountedTrading, world: World
) -> None:
    elsewhere = Asker(Bus(CountedTrading(trading.shared, seed=8), world), ask.principal)
    elsewhere(rename(basket, "Second"), edition=1)

    answer = ask(rename(basket, "Third"), edition=2)

    assert answer.edition == 3


def test_nothing_to_do_is_only_said_of_what_is_there_now(
    ask: Asker, basket: Basket, trading: CountedTrading, world: World
) -> None:
    ask(ActivateBasket(basket_id=basket.id))
    elsewhere = Asker(Bus(CountedTrading(trading.shared, seed=8), world), ask.principal)
    elsewhere(DeactivateBasket(basket_id=basket.id))

    assert ask(ActivateBasket(basket_id=basket.id)).status == "ACTIVE"


class ContestedRecorder(CountingRecorder):
    """Whenever a basket is to be edited, somebody else is a moment faster."""

    rivals = 0

    def insert_events(
        self, stored_events: Sequence[StoredEvent], **kwargs: object
    ) -> Sequence[int] | None:
        first = stored_events[0]
        if self.rivals and first.topic in ("basket.edited", "user.command_refused"):
            self.rivals -= 1
            edit = json.loads(first.state) | {"name": f"Rival {self.rivals}"}
            super().insert_events([replace(first, state=json.dumps(edit).encode())])
        return super().insert_events(stored_events, **kwargs)


@pytest.mark.parametrize(("rivals", "won"), [(9, True), (1000, False)])
def test_conflicts_are_retried_but_not_for_ever(world: World, rivals: int, won: bool) -> None:
    recorder = ContestedRecorder()
    bus = Bus(CountedTrading(recorder), world)
    platform = Asker(bus, Principal(user_id="system", platform=True))
    user = platform(RegisterUser(email="t@example.com"))
    ask = platform.as_(Principal(user_id=user.id, roles=user.roles))
    basket = ask(ComposeBasket(name="Weekly"))
    recorder.rivals = rivals

    if won:
        assert ask(rename(basket, "At last")).name == "At last"
    else:
        with pytest.raises(Busy, match="kept changing"):
            ask(rename(basket, "Never"))


def test_a_refusal_is_remembered_even_if_others_write_to_the_askers_stream(world: World) -> None:
    recorder = ContestedRecorder()
    trading = CountedTrading(recorder)
    platform = Asker(Bus(trading, world), Principal(user_id="system", platform=True))
    user = platform(RegisterUser(email="t@example.com"))
    ask = platform.as_(Principal(user_id=user.id, roles=user.roles))
    recorder.rivals = 3

    with pytest.raises(NotFound):
        ask(EditBasket(basket_id="BASK-0", name="None"))

    refusals = [e for e in trading.history(user.id) if isinstance(e, User.CommandRefused)]
    assert len(refusals) == 3 + 1


def test_a_refusal_that_cannot_be_remembered_is_not_passed_over(world: World) -> None:
    recorder = ContestedRecorder()
    platform = Asker(
        Bus(CountedTrading(recorder), world), Principal(user_id="system", platform=True)
    )
    user = platform(RegisterUser(email="t@example.com"))
    recorder.rivals = 1000

    with pytest.raises(Busy):
        platform.as_(Principal(user_id=user.id, roles=user.roles))(
            EditBasket(basket_id="BASK-0", name="None")
        )


# ── round trips ──────────────────────────────────────────────────────────────────────────


def trips(trading: CountedTrading, act: Callable[[], object]) -> tuple[int, int]:
    before = trading.shared.reads, trading.shared.writes
    act()
    return trading.shared.reads - before[0], trading.shared.writes - before[1]


def test_a_command_on_a_remembered_stream_is_one_write(
    ask: Asker, basket: Basket, trading: CountedTrading
) -> None:
    assert trips(trading, lambda: ask(rename(basket, "Second"), key="K1", edition=1)) == (0, 1)


def test_a_command_on_an_unknown_stream_is_one_read_and_one_write(
    ask: Asker, basket: Basket, trading: CountedTrading
) -> None:
    trading.forget_all()

    assert trips(trading, lambda: ask(rename(basket, "Second"), key="K1", edition=1)) == (1, 1)


def test_a_creation_is_one_write(ask: Asker, trading: CountedTrading) -> None:
    assert trips(trading, lambda: ask(ComposeBasket(name="Weekly"), key="K1")) == (0, 1)


def test_a_repeated_command_is_one_read(
    ask: Asker, basket: Basket, trading: CountedTrading
) -> None:
    ask(rename(basket, "Second"), key="K1")

    assert trips(trading, lambda: ask(rename(basket, "Second"), key="K1")) == (1, 0)


def test_the_kill_switch_is_one_write(ask: Asker, trader: User, trading: CountedTrading) -> None:
    stop = StopTrading(account_id=trader.accounts[0], reason="runaway")

    assert trips(trading, lambda: ask(stop)) == (0, 1)
