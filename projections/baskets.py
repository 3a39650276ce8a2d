"""baskets: which strategies belong together, and on which accounts they trade."""

from __future__ import annotations

from datetime import datetime
from typing import Unpack

from domain.basket import Basket, BasketStatus, Target
from domain.model import DomainEvent
from projections.evolve import evolve
from projections.view import Index, Page, Paging, ReadModel, Row, View, instant


class BasketRow(Row, frozen=True, kw_only=True):
    """A basket; `unknown` are ids listed in it that are no strategies of it."""

    user_id: str
    name: str
    description: str
    strategies: tuple[str, ...] = ()
    unknown: tuple[str, ...]
    targets: tuple[Target, ...]
    status: BasketStatus
    edition: int = 1
    created_at: datetime
    updated_at: datetime


def basket(row: BasketRow | None, event: DomainEvent) -> BasketRow | None:
    """The row after the event; a deleted basket is not shown."""
    if isinstance(event, Basket.Composed):
        return BasketRow(
            id=event.originator_id,
            user_id=event.user_id,
            name=event.name,
            description=event.description,
            unknown=event.unknown,
            strategies=event.unknown,
            targets=event.targets,
            status=BasketStatus.DRAFT,
            created_at=event.timestamp,
            updated_at=event.timestamp,
        )
    if row is None or isinstance(event, Basket.Deleted):
        return None
    after = _after(row, event)
    if after is row:
        return row
    return evolve(after, edition=row.edition + 1, updated_at=event.timestamp)


def _after(row: BasketRow, event: DomainEvent) -> BasketRow:
    members = tuple(each for each in row.strategies if each not in row.unknown)
    match event:
        case Basket.Edited():
            return evolve(
                row,
                name=event.name,
                description=event.description,
                targets=event.targets,
                unknown=event.unknown,
                strategies=members + event.unknown,
            )
        case Basket.StrategyAdded():
            unknown = tuple(each for each in row.unknown if each != event.strategy_id)
            listed = (*members, event.strategy_id, *unknown)
            return evolve(row, strategies=listed, unknown=unknown)
        case Basket.StrategyRemoved():
            left = tuple(each for each in row.strategies if each != event.strategy_id)
            return evolve(row, strategies=left)
        case Basket.Activated():
            return evolve(row, status=BasketStatus.ACTIVE)
        case Basket.Deactivated():
            return evolve(row, status=BasketStatus.INACTIVE)
    return row


BASKETS: ReadModel[BasketRow, BasketRow] = ReadModel(
    name="baskets",
    id_name="basket_id",
    reads=("BASK-",),
    project=basket,
    row=BasketRow,
    state=BasketRow,
    sorts={"created": lambda row: instant(row.created_at)},
    indexes=(Index("owner", lambda row: row.user_id, "created"),),
)


def baskets_of(view: View[BasketRow], user_id: str, **paging: Unpack[Paging]) -> Page[BasketRow]:
    """A user's baskets, by when they were composed."""
    return view.page("owner", user_id, **paging)
