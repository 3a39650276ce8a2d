"""A basket: strategies that belong together, and the accounts they trade on."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from typing import ClassVar, Self

from eventsourcing.domain import triggers
from pydantic import Field

from domain.fault import Fault
from domain.model import Created, DomainEvent, Refused
from domain.refusal import Conflict, Faulty
from domain.resource import Resource
from domain.value import Value


class BasketStatus(StrEnum):
    DRAFT = "DRAFT"
    ACTIVE = "ACTIVE"
    INACTIVE = "INACTIVE"
    DELETED = "DELETED"


class Target(Value, frozen=True, extra="forbid"):
    """An account to trade on; the multiplier scales lots and rupee limits, 0 switches it off."""

    account_id: str
    multiplier: int = Field(default=1, ge=0, le=100)


class Basket(Resource):
    """Groups strategies; it is not atomic, and its runs fill and fail one by one.

    `members` are strategies that were created here. `unknown` are ids a client listed that are
    not; they are kept as faults, so that a draft is never refused for what can be mended.
    """

    TOPIC = "basket"

    class Composed(Created, frozen=True):
        TOPIC: ClassVar[str] = "basket.composed"
        user_id: str
        name: str
        description: str
        targets: tuple[Target, ...]
        unknown: tuple[str, ...] = ()

    class Edited(DomainEvent, frozen=True):
        TOPIC: ClassVar[str] = "basket.edited"
        name: str
        description: str
        targets: tuple[Target, ...]
        unknown: tuple[str, ...] = ()

    class StrategyAdded(DomainEvent, frozen=True):
        TOPIC: ClassVar[str] = "basket.strategy_added"
        strategy_id: str

    class StrategyRemoved(DomainEvent, frozen=True):
        TOPIC: ClassVar[str] = "basket.strategy_removed"
        strategy_id: str

    class Activated(DomainEvent, frozen=True):
        TOPIC: ClassVar[str] = "basket.activated"

    class Deactivated(DomainEvent, frozen=True):
        TOPIC: ClassVar[str] = "basket.deactivated"

    class Deleted(DomainEvent, frozen=True):
        TOPIC: ClassVar[str] = "basket.deleted"

    @triggers(Composed)
    def __init__(
        self,
        *,
        user_id: str,
        name: str,
        description: str,
        targets: tuple[Target, ...],
        unknown: tuple[str, ...],
    ) -> None:
        self.user_id = user_id
        self.name = name
        self.description = description
        self.targets = targets
        self.unknown = unknown
        self.members: tuple[str, ...] = ()
        self.status = BasketStatus.DRAFT

    @classmethod
    def compose(
        cls,
        basket_id: str,
        *,
        user_id: str,
        name: str,
        description: str = "",
        targets: Sequence[Target] = (),
        strategies: Sequence[str] = (),
    ) -> Self:
        """Compose under the id given; nothing listed can be a member yet."""
        return cls._create(
            cls.Composed,
            id=basket_id,
            user_id=user_id,
            name=name,
            description=description,
            targets=_each_account_once(targets),
            unknown=tuple(dict.fromkeys(strategies)),
        )

    @property
    def owner(self) -> str:
        return self.user_id

    @property
    def deleted(self) -> bool:
        return self.status is BasketStatus.DELETED

    @property
    def strategies(self) -> tuple[str, ...]:
        """Every id listed, members first."""
        return self.members + self.unknown

    def faults(self, accounts: Sequence[str]) -> list[Fault]:
        """What keeps it from being active, given the linked accounts of its owner."""
        return basket_faults(self.strategies, self.unknown, self.targets, accounts)

    def accounts(self, accounts: Sequence[str]) -> tuple[Target, ...]:
        """Where it trades, given its owner's linked accounts: none named means the only one."""
        if not self.targets and len(accounts) == 1:
            return (Target(account_id=accounts[0]),)
        return tuple(each for each in self.targets if each.account_id in accounts)

    def edit(
        self,
        *,
        name: str,
        description: str,
        targets: Sequence[Target],
        strategies: Sequence[str] | None = None,
    ) -> None:
        """Replace what may be edited; members come and go with their strategies only."""
        listed = self.strategies if strategies is None else tuple(dict.fromkeys(strategies))
        if missing := [each for each in self.members if each not in listed]:
            raise Refused("member-missing", f"{missing[0]} belongs here: delete it", "strategies")
        unknown = tuple(each for each in listed if each not in self.members)
        known = (self.name, self.description, self.targets, self.unknown)
        news = (name, description, _each_account_once(targets), unknown)
        if news != known:
            self._edited(*news)

    @triggers(Edited)
    def _edited(
        self, name: str, description: str, targets: tuple[Target, ...], unknown: tuple[str, ...]
    ) -> None:
        self.name = name
        self.description = description
        self.targets = targets
        self.unknown = unknown
        self.edition += 1

    def add(self, strategy_id: str) -> None:
        if strategy_id not in self.members:
            self._added(strategy_id)

    @triggers(StrategyAdded)
    def _added(self, strategy_id: str) -> None:
        self.members = (*self.members, strategy_id)
        self.unknown = tuple(each for each in self.unknown if each != strategy_id)
        self.edition += 1

    def remove(self, strategy_id: str) -> None:
        if strategy_id in self.members:
            self._removed(strategy_id)

    @triggers(StrategyRemoved)
    def _removed(self, strategy_id: str) -> None:
        self.members = tuple(each for each in self.members if each != strategy_id)
        self.edition += 1

    def activate(self, accounts: Sequence[str]) -> None:
        """Let its active strategies enter at their times; refused with every fault at once."""
        if faults := self.faults(accounts):
            raise Faulty("basket-has-faults", "the basket has faults", faults)
        if self.status is not BasketStatus.ACTIVE:
            self._activated()

    @triggers(Activated)
    def _activated(self) -> None:
        self.status = BasketStatus.ACTIVE
        self.edition += 1

    def deactivate(self) -> None:
        """Stop entries; what is open goes on to its exit."""
        if self.status is BasketStatus.ACTIVE:
            self._deactivated()

    @triggers(Deactivated)
    def _deactivated(self) -> None:
        self.status = BasketStatus.INACTIVE
        self.edition += 1

    def delete(self) -> None:
        if self.members:
            raise Conflict("basket-not-empty", f"delete its {len(self.members)} strategies first")
        if not self.deleted:
            self._deleted()

    @triggers(Deleted)
    def _deleted(self) -> None:
        self.status = BasketStatus.DELETED
        self.edition += 1


def basket_faults(
    strategies: Sequence[str],
    unknown: Sequence[str],
    targets: Sequence[Target],
    accounts: Sequence[str],
) -> list[Fault]:
    """What is wrong with these strategies and targets, given the linked accounts of the owner."""
    strange = [
        Fault("unknown-strategy", f"strategies[{i}]", f"{each} is no strategy of this basket")
        for i, each in enumerate(strategies)
        if each in unknown
    ]
    return strange + target_faults(targets, accounts)


def target_faults(targets: Sequence[Target], accounts: Sequence[str]) -> list[Fault]:
    """What is wrong with where it is to trade, given the linked accounts of the owner."""
    if not targets and len(accounts) != 1:
        which = "no account is linked" if not accounts else "name one: several are linked"
        return [Fault("no-target-account", "targets", which)]
    return [
        Fault("unknown-account", f"targets[{i}].account_id", f"{each.account_id} is not linked")
        for i, each in enumerate(targets)
        if each.account_id not in accounts
    ]


def _each_account_once(targets: Sequence[Target]) -> tuple[Target, ...]:
    if len({each.account_id for each in targets}) < len(targets):
        raise Refused("account-twice", "an account can be a target only once", "targets")
    return tuple(targets)
