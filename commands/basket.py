"""What may be asked about baskets."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from commands.desk import Command, Desk
from domain.basket import Basket, BasketStatus, Target
from domain.user import User

Wished = Literal[BasketStatus.DRAFT, BasketStatus.ACTIVE, BasketStatus.INACTIVE]


class BasketCommand(Command[Basket], frozen=True):
    KIND = Basket
    basket_id: str

    @property
    def stream(self) -> str:
        return self.basket_id


class ComposeBasket(Command[Basket], frozen=True):
    """Create a basket; wished ACTIVE, it stays a draft while it has faults."""

    KIND = Basket
    PREFIX = "BASK"
    name: str = Field(min_length=1, max_length=200)
    description: str = Field(default="", max_length=2000)
    strategies: tuple[str, ...] = Field(default=(), max_length=200)
    targets: tuple[Target, ...] = Field(default=(), max_length=100)
    status: Wished | None = None


def compose_basket(command: ComposeBasket, desk: Desk) -> None:
    basket = Basket.compose(
        desk.stream_id,
        user_id=desk.principal.user_id,
        name=command.name,
        description=command.description,
        targets=command.targets,
        strategies=command.strategies,
    )
    _follow_wish(basket, command.status, desk)
    desk.save(basket)


class EditBasket(BasketCommand, frozen=True):
    """Replace what may be edited; what is absent of strategies and status stays as it is."""

    name: str = Field(min_length=1, max_length=200)
    description: str = Field(default="", max_length=2000)
    strategies: tuple[str, ...] | None = Field(default=None, max_length=200)
    targets: tuple[Target, ...] = Field(default=(), max_length=100)
    status: Wished | None = None


def edit_basket(command: EditBasket, desk: Desk) -> None:
    basket = desk.load(command.basket_id, Basket)
    basket.edit(
        name=command.name,
        description=command.description,
        targets=command.targets,
        strategies=command.strategies,
    )
    _follow_wish(basket, command.status, desk)
    desk.save(basket)


class ActivateBasket(BasketCommand, frozen=True):
    pass


def activate_basket(command: ActivateBasket, desk: Desk) -> None:
    basket = desk.load(command.basket_id, Basket)
    basket.activate(linked_accounts(basket, desk))
    desk.save(basket)


class DeactivateBasket(BasketCommand, frozen=True):
    pass


def deactivate_basket(command: DeactivateBasket, desk: Desk) -> None:
    basket = desk.load(command.basket_id, Basket)
    basket.deactivate()
    desk.save(basket)


class DeleteBasket(BasketCommand, frozen=True):
    pass


def delete_basket(command: DeleteBasket, desk: Desk) -> None:
    basket = desk.load(command.basket_id, Basket)
    basket.delete()
    desk.save(basket)


def linked_accounts(basket: Basket, desk: Desk) -> tuple[str, ...]:
    """The accounts its owner has linked."""
    return desk.load(basket.user_id, User).accounts


def _follow_wish(basket: Basket, status: BasketStatus | None, desk: Desk) -> None:
    if status is BasketStatus.INACTIVE:
        basket.deactivate()
    elif BasketStatus.ACTIVE in (status, basket.status):
        accounts = linked_accounts(basket, desk)
        if basket.faults(accounts):
            basket.deactivate()  # a draft may have faults, what is active may not
        elif status is BasketStatus.ACTIVE:
            basket.activate(accounts)
