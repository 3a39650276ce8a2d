import json
from collections.abc import Callable
from typing import Any

import pytest
from pydantic import ValidationError

from commands.account import LinkAccount
from commands.basket import ActivateBasket, ComposeBasket, DeleteBasket, EditBasket
from commands.bus import Bus
from commands.desk import World
from commands.errors import Conflict, Faulty, NotFound, Refused
from commands.strategy import (
    ActivateStrategy,
    DeactivateStrategy,
    DeleteStrategy,
    DraftStrategy,
    DuplicateStrategy,
    EditStrategy,
    RestoreVersion,
    RevalidateStrategy,
)
from domain.basket import Basket, BasketStatus, Target
from domain.chain import Chain
from domain.definition import Definition
from domain.strategy import Strategy, StrategyStatus
from domain.user import User
from tests.commands.scene import PLATFORM, Asker, CountedTrading, Runs

Facts = Callable[[str], list[str]]

PRD_STRATEGY = """
{
  "strategy_id": "STRAT456",
  "basket_id": "BASK123",
  "name": "NIFTY Iron Condor",
  "type": "IRON_CONDOR",
  "legs": [
    {
      "symbol": "NIFTY24AUG18000CE",
      "qty": 50,
      "action": "SELL",
      "option_type": "CE",
      "strike": 18000
    },
    {
      "symbol": "NIFTY24AUG18200CE",
      "qty": 50,
      "action": "BUY",
      "option_type": "CE",
      "strike": 18200
    }
  ],
  "schedule": {
    "entry_time": "09:20",
    "exit_time": "15:00",
    "weekdays": ["MON", "WED", "FRI"],
    "dte_min": 0,
    "dte_max": 7
  },
  "risk_params": {
    "max_loss": 5000,
    "target_profit": 2000,
    "stop_loss_pct": 50
  }
}
"""


def definition(**changes: Any) -> Definition:  # Any: whatever a client may send
    """A bull call spread that is fit to trade."""
    legs = [
        {"symbol": "NIFTY2680424500CE", "qty": 65, "action": "BUY"},
        {"symbol": "NIFTY2680424600CE", "qty": 65, "action": "SELL"},
    ]
    schedule = {"entry_time": "09:20", "exit_time": "15:00"}
    body = {"name": "Spread", "type": "BULL_CALL_SPREAD", "legs": legs, "schedule": schedule}
    return Definition.model_validate(body | changes)


FAULTY = definition(type="BEAR_CALL_SPREAD")


@pytest.fixture
def basket(ask: Asker) -> Basket:
    return ask(ComposeBasket(name="Weekly"))


@pytest.fixture
def strategy(ask: Asker, basket: Basket) -> Strategy:
    return ask(DraftStrategy(basket_id=basket.id, definition=definition()))


@pytest.fixture
def activated(ask: Asker, strategy: Strategy) -> Strategy:
    return ask(ActivateStrategy(strategy_id=strategy.id))


def test_the_example_of_the_requirements_is_stored_with_its_faults(
    ask: Asker, basket: Basket
) -> None:
    example = Definition.model_validate_json(PRD_STRATEGY)

    strategy = ask(DraftStrategy(basket_id=basket.id, definition=example))

    assert strategy.status is StrategyStatus.DRAFT
    assert [(fault.code, fault.field) for fault in strategy.faults] == [
        ("unknown-symbol", "legs[0].symbol"),
        ("unknown-symbol", "legs[1].symbol"),
        ("type-differs", "type"),
    ]


def test_what_the_example_says_comes_back_as_it_was_sent() -> None:
    example = json.loads(PRD_STRATEGY)
    stored = json.loads(Definition.model_validate_json(PRD_STRATEGY).model_dump_json())

    assert stored["schedule"].items() >= example["schedule"].items()
    for name in ("name", "type"):
        assert stored[name] == example[name]
    for leg, sent in zip(stored["legs"], example["legs"], strict=True):
        assert leg.items() >= (sent | {"strike": str(sent["strike"])}).items()


def test_the_example_basket_of_the_requirements_stays_a_draft(ask: Asker) -> None:
    basket = ask(
        ComposeBasket(
            name="Weekly NIFTY Iron Condor",
            description="Conservative weekly income strategy",
            strategies=("STRAT456", "STRAT789"),
            status=BasketStatus.ACTIVE,
        )
    )

    assert basket.strategies == ("STRAT456", "STRAT789")
    assert basket.status is BasketStatus.DRAFT


def test_a_basket_wished_active_is_active_if_nothing_is_wrong(ask: Asker) -> None:
    basket = ask(ComposeBasket(name="Weekly", status=BasketStatus.ACTIVE))

    assert basket.status is BasketStatus.ACTIVE


def test_an_active_basket_that_is_given_a_fault_stops(ask: Asker) -> None:
    basket = ask(ComposeBasket(name="Weekly", status=BasketStatus.ACTIVE))

    elsewhere = (Target(account_id="ACC-9"),)
    basket = ask(EditBasket(basket_id=basket.id, name="Weekly", targets=elsewhere))

    assert basket.status is BasketStatus.INACTIVE


def test_a_draft_becomes_a_member_of_its_basket_in_the_same_commit(
    strategy: Strategy, basket: Basket, facts: Facts, trading: CountedTrading
) -> None:
    writes = trading.shared.writes

    assert facts(basket.id) == ["Composed", "StrategyAdded"]
    assert facts(strategy.id) == ["Drafted"]
    assert trading.load(basket.id, Basket).members == (strategy.id,)
    assert trading.shared.writes == writes


def test_a_draft_in_somebody_elses_basket_is_refused(stranger: Asker, basket: Basket) -> None:
    with pytest.raises(NotFound):
        stranger(DraftStrategy(basket_id=basket.id, definition=definition()))


def test_a_faultless_strategy_is_activated_once(
    ask: Asker, activated: Strategy, facts: Facts
) -> None:
    ask(ActivateStrategy(strategy_id=activated.id))

    assert activated.status is StrategyStatus.ACTIVE
    assert facts(activated.id) == ["Drafted", "Activated"]


def test_activation_names_every_fault(ask: Asker, basket: Basket) -> None:
    ask(LinkAccount(broker="zerodha", account_name="Primary"))
    example = Definition.model_validate_json(PRD_STRATEGY)
    strategy = ask(DraftStrategy(basket_id=basket.id, definition=example))

    with pytest.raises(Faulty) as refused:
        ask(ActivateStrategy(strategy_id=strategy.id))

    assert [fault.field for fault in refused.value.faults] == [
        "legs[0].symbol",
        "legs[1].symbol",
        "type",
        "targets",
    ]


def test_an_edit_is_a_new_version_and_the_former_stays(
    ask: Asker, strategy: Strategy, trading: CountedTrading
) -> None:
    edited = ask(EditStrategy(strategy_id=strategy.id, definition=definition(name="Wider")))

    assert edited.definition_version == 2
    assert [each.name for each in edited.versions] == ["Spread", "Wider"]
    assert trading.as_of(strategy.id, Strategy, version=1).definition.name == "Spread"


def test_the_same_definition_again_is_no_version(
    ask: Asker, strategy: Strategy, facts: Facts
) -> None:
    ask(EditStrategy(strategy_id=strategy.id, definition=definition()))

    assert facts(strategy.id) == ["Drafted"]


def test_an_active_strategy_stays_active_through_a_good_edit(
    ask: Asker, activated: Strategy
) -> None:
    edited = ask(EditStrategy(strategy_id=activated.id, definition=definition(name="Wider")))

    assert edited.status is StrategyStatus.ACTIVE


def test_an_active_strategy_that_is_edited_into_faults_enters_no_more(
    ask: Asker, activated: Strategy, facts: Facts
) -> None:
    edited = ask(EditStrategy(strategy_id=activated.id, definition=FAULTY))

    assert edited.status is StrategyStatus.INACTIVE
    assert [fault.code for fault in edited.faults] == ["type-differs"]
    assert facts(activated.id)[-2:] == ["Edited", "Deactivated"]


def test_a_former_version_can_be_the_newest_again(ask: Asker, strategy: Strategy) -> None:
    ask(EditStrategy(strategy_id=strategy.id, definition=FAULTY))

    restored = ask(RestoreVersion(strategy_id=strategy.id, version=1))

    assert restored.definition_version == 3
    assert restored.definition == definition()
    assert restored.faults == ()


def test_a_version_that_never_was_cannot_be_restored(ask: Asker, strategy: Strategy) -> None:
    with pytest.raises(Refused, match="there are versions 1 to 1"):
        ask(RestoreVersion(strategy_id=strategy.id, version=2))


def test_a_copy_is_a_draft_beside_its_original(
    ask: Asker, activated: Strategy, basket: Basket, trading: CountedTrading
) -> None:
    copy = ask(DuplicateStrategy(strategy_id=activated.id), key="K1")
    again = ask(DuplicateStrategy(strategy_id=activated.id), key="K1")

    assert copy.id == again.id != activated.id
    assert (copy.status, copy.definition.name) == (StrategyStatus.DRAFT, "Spread (copy)")
    assert trading.load(basket.id, Basket).members == (activated.id, copy.id)


def test_a_deactivated_strategy_can_be_activated_again(
    ask: Asker, activated: Strategy, facts: Facts
) -> None:
    ask(DeactivateStrategy(strategy_id=activated.id))
    ask(DeactivateStrategy(strategy_id=activated.id))
    ask(ActivateStrategy(strategy_id=activated.id))

    assert facts(activated.id) == ["Drafted", "Activated", "Deactivated", "Activated"]


def test_a_strategy_with_an_open_run_cannot_be_deleted(
    ask: Asker, strategy: Strategy, runs: Runs
) -> None:
    runs.strategies[strategy.id] = ["RUN-1"]

    with pytest.raises(Conflict, match="still open") as refused:
        ask(DeleteStrategy(strategy_id=strategy.id))

    assert refused.value.code == "open-runs"


def test_a_deleted_strategy_is_gone_but_its_history_stays(
    ask: Asker, strategy: Strategy, basket: Basket, facts: Facts, trading: CountedTrading
) -> None:
    ask(DeleteStrategy(strategy_id=strategy.id), key="K1")
    ask(DeleteStrategy(strategy_id=strategy.id), key="K1")

    with pytest.raises(NotFound):
        ask(ActivateStrategy(strategy_id=strategy.id))
    assert facts(strategy.id) == ["Drafted", "Deleted"]
    assert trading.load(basket.id, Basket).members == ()
    assert ask(DeleteBasket(basket_id=basket.id)).deleted


def test_what_the_next_day_finds_is_recorded_and_stops_nothing_by_itself(
    activated: Strategy, facts: Facts, trading: CountedTrading, runs: Runs
) -> None:
    after_expiry = World(chain=lambda day: Chain(day, []), open_runs=runs)
    platform = Asker(Bus(trading, after_expiry), PLATFORM)

    platform(RevalidateStrategy(strategy_id=activated.id))
    looked_at = platform(RevalidateStrategy(strategy_id=activated.id))

    assert {fault.code for fault in looked_at.faults} == {"unknown-symbol"}
    assert looked_at.status is StrategyStatus.ACTIVE
    assert facts(activated.id) == ["Drafted", "Activated", "Validated"]


def test_a_basket_without_its_own_target_needs_one_as_soon_as_there_are_two_accounts(
    ask: Asker, strategy: Strategy, basket: Basket, trader: User
) -> None:
    zerodha = ask(LinkAccount(broker="zerodha", account_name="Primary"))
    with pytest.raises(Faulty, match="has faults"):
        ask(ActivateStrategy(strategy_id=strategy.id))

    targets = (Target(account_id=zerodha.id, multiplier=2), Target(account_id=trader.accounts[0]))
    ask(EditBasket(basket_id=basket.id, name="Weekly", targets=targets))
    ask(ActivateBasket(basket_id=basket.id))

    assert ask(ActivateStrategy(strategy_id=strategy.id)).status is StrategyStatus.ACTIVE


@pytest.mark.parametrize(
    ("change", "where"),
    [
        ({"colour": "red"}, "colour"),
        ({"type": "GUESS"}, "type"),
        ({"legs": [{"symbol": "X", "qty": "many", "action": "BUY"}]}, "legs.0.qty"),
        ({"legs": [{"symbol": "X", "qty": 65, "action": "HOLD"}]}, "legs.0.action"),
        ({"legs": [{"symbol": "X", "qty": -65, "action": "BUY"}]}, "legs.0.qty"),
        ({"legs": [{"symbol": "X", "qty": True, "action": "BUY"}]}, "legs.0.qty"),
        ({"legs": [{"symbol": "X", "action": "BUY"}]}, "legs.0"),
        ({"legs": [{"qty": 65, "action": "BUY"}]}, "legs.0"),
        ({"schedule": {"entry_time": "9.20", "exit_time": "15:00"}}, "schedule.entry_time"),
        ({"schedule": {"entry_time": "09:20"}}, "schedule.exit_time"),
        ({"risk_params": {"max_loss": 0}}, "risk_params.max_loss"),
        ({"risk_params": {"max_loss": "NaN"}}, "risk_params.max_loss"),
        ({"accept_unbounded_risk": "yes"}, "accept_unbounded_risk"),
        ({"name": ""}, "name"),
    ],
)
def test_a_malformed_definition_says_where(change: dict[str, object], where: str) -> None:
    with pytest.raises(ValidationError) as malformed:
        definition(**change)

    assert where in {".".join(map(str, e["loc"])) for e in malformed.value.errors()}
