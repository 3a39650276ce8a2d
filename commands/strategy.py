"""What may be asked about strategies."""

from __future__ import annotations

from pydantic import Field

from commands.basket import linked_accounts
from commands.desk import PLATFORM, Command, Desk
from domain.basket import Basket, target_faults
from domain.calendar import ist_date
from domain.definition import Definition
from domain.fault import Fault
from domain.strategy import Strategy
from domain.validation import faults_of


class StrategyCommand(Command[Strategy], frozen=True):
    KIND = Strategy
    strategy_id: str

    @property
    def stream(self) -> str:
        return self.strategy_id


class DraftStrategy(Command[Strategy], frozen=True):
    """Create a strategy in a basket, with whatever faults it has."""

    KIND = Strategy
    PREFIX = "STRAT"
    basket_id: str
    definition: Definition


def draft_strategy(command: DraftStrategy, desk: Desk) -> None:
    basket = desk.load(command.basket_id, Basket)
    strategy = Strategy.draft(
        desk.stream_id,
        user_id=basket.user_id,
        basket_id=basket.id,
        definition=command.definition,
        faults=found_faults(command.definition, desk),
    )
    basket.add(strategy.id)
    desk.save(strategy, basket)


class EditStrategy(StrategyCommand, frozen=True):
    """Define it anew for its next run."""

    definition: Definition


def edit_strategy(command: EditStrategy, desk: Desk) -> None:
    strategy = desk.load(command.strategy_id, Strategy)
    strategy.edit(command.definition, found_faults(command.definition, desk))
    desk.save(strategy)


class RestoreVersion(StrategyCommand, frozen=True):
    """Make a former version the newest."""

    version: int = Field(ge=1)


def restore_version(command: RestoreVersion, desk: Desk) -> None:
    strategy = desk.load(command.strategy_id, Strategy)
    former = strategy.definition_at(command.version)
    strategy.restore(command.version, found_faults(former, desk))
    desk.save(strategy)


class DuplicateStrategy(Command[Strategy], frozen=True):
    """Draft a copy of it, in its own basket or in another."""

    KIND = Strategy
    PREFIX = "STRAT"
    strategy_id: str
    basket_id: str | None = None
    name: str | None = Field(default=None, min_length=1, max_length=200)


def duplicate_strategy(command: DuplicateStrategy, desk: Desk) -> None:
    original = desk.load(command.strategy_id, Strategy)
    basket = desk.load(command.basket_id or original.basket_id, Basket)
    name = command.name or f"{original.definition.name[:190]} (copy)"
    definition = original.definition.model_copy(update={"name": name})
    strategy = Strategy.draft(
        desk.stream_id,
        user_id=basket.user_id,
        basket_id=basket.id,
        definition=definition,
        faults=found_faults(definition, desk),
        copied_from=original.id,
    )
    basket.add(strategy.id)
    desk.save(strategy, basket)


class ActivateStrategy(StrategyCommand, frozen=True):
    pass


def activate_strategy(command: ActivateStrategy, desk: Desk) -> None:
    strategy = desk.load(command.strategy_id, Strategy)
    basket = desk.load(strategy.basket_id, Basket)
    targets = target_faults(basket.targets, linked_accounts(basket, desk))
    strategy.activate(found_faults(strategy.definition, desk) + targets)
    desk.save(strategy)


class DeactivateStrategy(StrategyCommand, frozen=True):
    reason: str = Field(default="REQUEST", min_length=1, max_length=200)


def deactivate_strategy(command: DeactivateStrategy, desk: Desk) -> None:
    strategy = desk.load(command.strategy_id, Strategy)
    strategy.deactivate(command.reason)
    desk.save(strategy)


class DeleteStrategy(StrategyCommand, frozen=True):
    pass


def delete_strategy(command: DeleteStrategy, desk: Desk) -> None:
    strategy = desk.load(command.strategy_id, Strategy)
    basket = desk.load(strategy.basket_id, Basket)
    strategy.delete(desk.world.open_runs.of_strategy(strategy.id))
    basket.remove(strategy.id)
    desk.save(strategy, basket)


class RevalidateStrategy(StrategyCommand, frozen=True):
    """Look again, with the contracts of today; faults never stop what is active by themselves."""

    ALLOWED = PLATFORM


def revalidate_strategy(command: RevalidateStrategy, desk: Desk) -> None:
    strategy = desk.load(command.strategy_id, Strategy)
    strategy.validated(found_faults(strategy.definition, desk))
    desk.save(strategy)


def found_faults(definition: Definition, desk: Desk) -> list[Fault]:
    """Everything that keeps this definition from being traded, as of now."""
    day = ist_date(desk.at)
    return faults_of(definition, desk.world.chain(day), day)
