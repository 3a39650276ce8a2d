"""Baskets as files, and a trader who owns one: what practice and replayed days begin with."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from pydantic import BaseModel, Field, ValidationError

from commands.basket import ActivateBasket, ComposeBasket
from commands.bus import Bus
from commands.desk import Principal, Request
from commands.strategy import ActivateStrategy, DraftStrategy
from commands.user import RegisterUser
from domain.basket import Target
from domain.definition import Definition
from domain.user import Role


class BasketFile(BaseModel, frozen=True, extra="forbid"):
    """A basket with its strategies, in the words of the API."""

    name: str = Field(min_length=1)
    description: str = ""
    multiplier: int = Field(default=1, ge=0, le=100)
    strategies: tuple[Definition, ...] = Field(min_length=1)


class UnreadableBasket(ValueError):
    """The file is no basket; the message names the file and each field at fault."""


def read_basket(path: Path) -> BasketFile:
    """A basket from its JSON file; raises UnreadableBasket."""
    try:
        return BasketFile.model_validate(json.loads(path.read_text()))
    except OSError as error:
        raise UnreadableBasket(f"{path}: {error.strerror}") from error
    except json.JSONDecodeError as error:
        raise UnreadableBasket(f"{path}: line {error.lineno}: {error.msg}") from error
    except ValidationError as error:
        faults = "; ".join(
            f"{'.'.join(str(part) for part in each['loc'])}: {each['msg']}"
            for each in error.errors(include_url=False)
        )
        raise UnreadableBasket(f"{path}: {faults}") from error


@dataclass(frozen=True, slots=True, kw_only=True)
class Demo:
    """Who trades what, where."""

    user_id: str
    account_id: str
    basket_id: str
    strategies: tuple[str, ...]


def trader(user_id: str, at: datetime) -> Request:
    """A request of that trader."""
    principal = Principal(user_id=user_id, roles=frozenset((Role.TRADER,)))
    return Request(principal=principal, at=at, correlation_id=f"demo-{user_id}")


def compose(bus: Bus, basket: BasketFile, at: datetime) -> Demo:
    """A new trader with a paper account and this basket, activated; raises Faulty."""
    platform = Request(
        principal=Principal(user_id="platform", platform=True), at=at, correlation_id="demo"
    )
    user = bus.execute(RegisterUser(email="trader@example.com", name="Trader"), platform)
    return add_basket(bus, basket, user.id, user.accounts[0], at)


def add_basket(bus: Bus, basket: BasketFile, user_id: str, account_id: str, at: datetime) -> Demo:
    """The basket on this account, activated."""
    asked = trader(user_id, at)
    composed = bus.execute(
        ComposeBasket(
            name=basket.name,
            description=basket.description,
            targets=(Target(account_id=account_id, multiplier=basket.multiplier),),
        ),
        asked,
    )
    drafted = [
        bus.execute(DraftStrategy(basket_id=composed.id, definition=each), asked)
        for each in basket.strategies
    ]
    for strategy in drafted:
        bus.execute(ActivateStrategy(strategy_id=strategy.id), asked)
    bus.execute(ActivateBasket(basket_id=composed.id), asked)
    return Demo(
        user_id=user_id,
        account_id=account_id,
        basket_id=composed.id,
        strategies=tuple(strategy.id for strategy in drafted),
    )
