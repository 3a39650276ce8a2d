from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from pydantic import ValidationError

from domain.basket import Basket, BasketStatus, Target
from domain.model import Origin, Refused, acting
from domain.refusal import Conflict, Faulty

PAPER = ("ACC-1",)
TWO = ("ACC-1", "ACC-2")


@pytest.fixture(autouse=True)
def _by_the_trader() -> Iterator[None]:
    at = datetime(2026, 8, 3, 3, 0, tzinfo=UTC)
    with acting(Origin(at=at, actor="USER-1", correlation_id="C1")):
        yield


@pytest.fixture
def basket() -> Basket:
    return Basket.compose("BASK-1", user_id="USER-1", name="Weekly income")


def edit(basket: Basket, targets: tuple[Target, ...] = (), **changes: tuple[str, ...]) -> None:
    basket.edit(name=basket.name, description=basket.description, targets=targets, **changes)


def facts(basket: Basket) -> list[str]:
    return [type(event).__name__ for event in basket.pending_events[1:]]


def test_a_basket_without_targets_trades_on_the_only_account(basket: Basket) -> None:
    assert basket.accounts(PAPER) == (Target(account_id="ACC-1", multiplier=1),)
    assert basket.faults(PAPER) == []


@pytest.mark.parametrize("accounts", [(), TWO])
def test_without_targets_none_or_several_accounts_are_a_fault(
    basket: Basket, accounts: tuple[str, ...]
) -> None:
    with pytest.raises(Faulty) as refused:
        basket.activate(accounts)

    assert [(fault.code, fault.field) for fault in refused.value.faults] == [
        ("no-target-account", "targets")
    ]
    assert basket.status is BasketStatus.DRAFT


def test_a_target_that_is_not_linked_is_a_fault(basket: Basket) -> None:
    edit(basket, (Target(account_id="ACC-2", multiplier=2), Target(account_id="ACC-9")))

    assert [fault.field for fault in basket.faults(TWO)] == ["targets[1].account_id"]
    assert basket.accounts(TWO) == (Target(account_id="ACC-2", multiplier=2),)


@pytest.mark.parametrize("multiplier", [-1, 101])
def test_a_multiplier_is_between_0_and_100(multiplier: int) -> None:
    with pytest.raises(ValidationError):
        Target(account_id="ACC-1", multiplier=multiplier)


def test_an_account_is_a_target_once(basket: Basket) -> None:
    with pytest.raises(Refused, match="only once"):
        edit(basket, (Target(account_id="ACC-1"), Target(account_id="ACC-1", multiplier=2)))


def test_ids_that_are_no_strategies_of_it_are_kept_as_faults() -> None:
    listed = ("STRAT456", "STRAT789")

    basket = Basket.compose("BASK-1", user_id="USER-1", name="Weekly", strategies=listed)

    assert basket.strategies == listed
    assert basket.members == ()
    assert [(fault.code, fault.field) for fault in basket.faults(PAPER)] == [
        ("unknown-strategy", "strategies[0]"),
        ("unknown-strategy", "strategies[1]"),
    ]


def test_a_member_comes_and_goes_with_its_strategy(basket: Basket) -> None:
    basket.add("STRAT-1")
    basket.add("STRAT-1")
    with pytest.raises(Refused, match="STRAT-1 belongs here"):
        edit(basket, strategies=())

    basket.remove("STRAT-1")
    basket.remove("STRAT-1")

    assert basket.strategies == ()
    assert facts(basket) == ["StrategyAdded", "StrategyRemoved"]


def test_the_same_edit_again_records_nothing(basket: Basket) -> None:
    basket.add("STRAT-1")
    edit(basket, (Target(account_id="ACC-1", multiplier=3),))
    edit(basket, (Target(account_id="ACC-1", multiplier=3),), strategies=("STRAT-1",))

    assert facts(basket) == ["StrategyAdded", "Edited"]
    assert basket.edition == 3


def test_a_basket_is_activated_and_deactivated_once(basket: Basket) -> None:
    basket.activate(PAPER)
    basket.activate(PAPER)
    basket.deactivate()
    basket.deactivate()

    assert basket.status is BasketStatus.INACTIVE
    assert facts(basket) == ["Activated", "Deactivated"]


def test_a_basket_with_strategies_cannot_be_deleted(basket: Basket) -> None:
    basket.add("STRAT-1")
    with pytest.raises(Conflict, match="delete its 1 strategies first"):
        basket.delete()

    basket.remove("STRAT-1")
    basket.delete()

    assert basket.deleted
