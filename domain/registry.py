"""All aggregates; importing this makes every event of every stream readable."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from domain.account import BrokerAccount
from domain.basket import Basket
from domain.listing import Listing
from domain.model import Aggregate, DomainEvent
from domain.run import Run
from domain.strategy import Strategy
from domain.user import User

AGGREGATES: Final[tuple[type[Aggregate], ...]] = (
    User,
    BrokerAccount,
    Basket,
    Strategy,
    Run,
    Listing,
)


def event_types(aggregate: type[Aggregate]) -> Iterator[type[DomainEvent]]:
    """Every kind of fact its streams may hold."""
    for name in (each for each in dir(aggregate) if not each.startswith("__")):
        # Without dunders: libraries hang some on every class that cannot be read from it.
        found = getattr(aggregate, name)
        if isinstance(found, type) and issubclass(found, DomainEvent) and name != "Event":
            yield found
