"""Whatever is asked, in whatever order: streams replay to the state that was answered."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from commands.account import LinkAccount, ResumeTrading, SetLimits, StopTrading, UnlinkAccount
from commands.basket import (
    ActivateBasket,
    ComposeBasket,
    DeactivateBasket,
    DeleteBasket,
    EditBasket,
)
from commands.bus import Bus
from commands.desk import Command, Principal, World
from commands.errors import Refused
from commands.strategy import (
    ActivateStrategy,
    DeactivateStrategy,
    DeleteStrategy,
    DraftStrategy,
    DuplicateStrategy,
    EditStrategy,
    RestoreVersion,
)
from commands.user import RegisterUser, UpdateProfile
from domain.account_terms import FlattenScope, Limits
from domain.basket import BasketStatus, Target
from domain.definition import Definition
from domain.model import Aggregate
from domain.user import Role
from tests.commands.scene import PLATFORM, Asker, CountedTrading, Runs, nifty_chain

names = st.sampled_from(["First", "Second", "Third"])
places = st.integers(0, 3)
Picks = Sequence[str]


def spread(name: str, lots: int, kind: str) -> Definition:
    legs = [
        {"symbol": "NIFTY2680424500CE", "qty": 65 * lots, "action": "BUY"},
        {"symbol": "NIFTY2680424600CE", "qty": 65 * lots, "action": "SELL"},
    ]
    schedule = {"entry_time": "09:20", "exit_time": "15:00"}
    return Definition.model_validate(
        {"name": name, "type": kind, "legs": legs, "schedule": schedule}
    )


definitions = st.builds(
    spread, names, st.integers(1, 2), st.sampled_from(["BULL_CALL_SPREAD", "BEAR_CALL_SPREAD"])
)
# A wish names streams by their place among those created so far; asking turns it into a command.
wishes = st.one_of(
    st.tuples(st.just(LinkAccount), st.fixed_dictionaries({"account_name": names})),
    st.tuples(
        st.just(ComposeBasket),
        st.fixed_dictionaries(
            {"name": names, "status": st.sampled_from([None, BasketStatus.ACTIVE])}
        ),
    ),
    st.tuples(
        st.just(EditBasket),
        st.fixed_dictionaries(
            {"basket_id": places, "name": names, "targets": st.lists(places, max_size=2)}
        ),
    ),
    *(
        st.tuples(st.just(command), st.fixed_dictionaries({"basket_id": places}))
        for command in (ActivateBasket, DeactivateBasket, DeleteBasket)
    ),
    st.tuples(
        st.just(DraftStrategy),
        st.fixed_dictionaries({"basket_id": places, "definition": definitions}),
    ),
    st.tuples(
        st.just(EditStrategy),
        st.fixed_dictionaries({"strategy_id": places, "definition": definitions}),
    ),
    st.tuples(
        st.just(RestoreVersion),
        st.fixed_dictionaries({"strategy_id": places, "version": st.integers(1, 3)}),
    ),
    *(
        st.tuples(st.just(command), st.fixed_dictionaries({"strategy_id": places}))
        for command in (ActivateStrategy, DeactivateStrategy, DeleteStrategy, DuplicateStrategy)
    ),
    st.tuples(
        st.just(StopTrading),
        st.fixed_dictionaries(
            {"account_id": places, "reason": names, "scope": st.sampled_from(FlattenScope)}
        ),
    ),
    st.tuples(
        st.just(ResumeTrading), st.fixed_dictionaries({"account_id": places, "reason": names})
    ),
    st.tuples(
        st.just(SetLimits),
        st.fixed_dictionaries(
            {"account_id": places, "limits": st.builds(Limits, max_lots=st.integers(1, 2))}
        ),
    ),
    st.tuples(st.just(UnlinkAccount), st.fixed_dictionaries({"account_id": places})),
    st.tuples(st.just(UpdateProfile), st.fixed_dictionaries({"name": names})),
)
keys = st.none() | st.sampled_from(["K1", "K2"])


class Day:
    """One trader's commands on a platform of their own."""

    def __init__(self) -> None:
        self.trading = CountedTrading()
        bus = Bus(self.trading, World(chain=nifty_chain, open_runs=Runs()))
        user = Asker(bus, PLATFORM)(RegisterUser(email="t@example.com"))
        self.ask = Asker(bus, Principal(user_id=user.id, roles=frozenset((Role.TRADER,))))
        self.created: dict[str, list[str]] = {
            "account_id": list(user.accounts),
            "basket_id": [],
            "strategy_id": [],
        }

    def do(self, kind: type[Command[Any]], wish: dict[str, Any], key: str | None) -> None:
        """Ask, and check the answer against the stream; a refusal must leave no trace in it."""
        command = self.command(kind, dict(wish))
        before = self.streams()
        try:
            answer = self.ask(command, key=key)
        except Refused:
            assert self.streams() == before
            return
        assert answer == self.as_stored(answer)
        if kind.PREFIX is not None:
            created = self.created[f"{PREFIXES[kind.PREFIX]}_id"]
            created += [answer.id] if answer.id not in created else []

    def command(self, kind: type[Command[Any]], wish: dict[str, Any]) -> Command[Any]:
        for name, created in self.created.items():
            if name in wish:
                wish[name] = created[wish[name] % len(created)] if created else "NONE-0"
        if "targets" in wish:
            accounts = self.created["account_id"]
            wish["targets"] = [
                Target(account_id=accounts[n % len(accounts)]) for n in wish["targets"]
            ]
        if kind is LinkAccount:
            wish["broker"] = "zerodha"
        if kind is UpdateProfile:
            wish["user_id"] = self.ask.principal.user_id
        return kind.model_validate(wish)

    def as_stored(self, answer: Aggregate) -> Aggregate:
        return self.trading.as_of(answer.id, type(answer), version=answer.version)

    def streams(self) -> dict[str, int]:
        ids = [each for created in self.created.values() for each in created]
        return {each: len(self.trading.history(each)) for each in ids}


PREFIXES = {"ACC": "account", "BASK": "basket", "STRAT": "strategy"}


@settings(max_examples=50, deadline=None)
@given(st.lists(st.tuples(wishes, keys), max_size=15))
def test_any_sequence_of_commands_replays_to_what_was_answered(
    asked: list[tuple[tuple[type[Command[Any]], dict[str, Any]], str | None]],
) -> None:
    day = Day()

    for (kind, wish), key in asked:
        day.do(kind, wish, key)

    for stream_id in day.streams():
        remembered = day.trading.load(stream_id, Aggregate, verify=False)
        replayed = day.trading.as_of(stream_id, Aggregate)
        elsewhere = CountedTrading(day.trading.shared).load(stream_id, Aggregate)
        assert remembered == replayed == elsewhere


@settings(max_examples=50, deadline=None)
@given(wish=wishes, before=st.lists(wishes, max_size=6))
def test_any_command_sent_twice_with_its_key_has_one_effect(
    before: list[tuple[type[Command[Any]], dict[str, Any]]],
    wish: tuple[type[Command[Any]], dict[str, Any]],
) -> None:
    day = Day()
    for earlier in before:
        day.do(*earlier, None)
    command = day.command(wish[0], dict(wish[1]))
    try:
        first = day.ask(command, key="K")
    except Refused as refused:
        with pytest.raises(type(refused)):
            day.ask(command, key="K")
        return

    recorded = day.trading.shared.max_notification_id()
    again = day.ask(command, key="K")

    assert again == first
    assert day.trading.shared.max_notification_id() == recorded
