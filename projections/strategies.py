"""strategies: what is traded and when, as last defined, with what is wrong with it."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Unpack

from domain.definition import Definition
from domain.fault import Fault
from domain.model import DomainEvent
from domain.strategy import Strategy, StrategyStatus
from projections.document import plain
from projections.evolve import evolve
from projections.view import Index, Page, Paging, ReadModel, Row, View, instant


class StrategyRow(Row, frozen=True, kw_only=True):
    """A strategy; the first fields are its definition, in the words of the API."""

    user_id: str
    basket_id: str
    name: str
    type: str
    # Any: the definition's parts as JSON, in the form a client sent them.
    legs: list[Any]
    schedule: dict[str, Any]
    risk_params: dict[str, Any]
    settings: dict[str, Any]
    """The definition's other fields."""
    status: StrategyStatus = StrategyStatus.DRAFT
    faults: tuple[Fault, ...]
    definition_version: int = 1
    edition: int = 1
    copied_from: str | None
    created_at: datetime
    updated_at: datetime


def strategy(row: StrategyRow | None, event: DomainEvent) -> StrategyRow | None:
    """The row after the event; a deleted strategy is not shown."""
    if isinstance(event, Strategy.Drafted):
        return StrategyRow(
            id=event.originator_id,
            user_id=event.user_id,
            basket_id=event.basket_id,
            faults=event.faults,
            copied_from=event.copied_from,
            created_at=event.timestamp,
            updated_at=event.timestamp,
            **_parts(event.definition),
        )
    if row is None or isinstance(event, Strategy.Deleted):
        return None
    match event:
        case Strategy.Edited():
            version, parts = row.definition_version + 1, _parts(event.definition)
            edited = evolve(row, faults=event.faults, definition_version=version, **parts)
            return _edited(edited, event)
        case Strategy.Validated():
            return evolve(row, faults=event.faults, updated_at=event.timestamp)
        case Strategy.Activated():
            return _edited(evolve(row, status=StrategyStatus.ACTIVE), event)
        case Strategy.Deactivated():
            return _edited(evolve(row, status=StrategyStatus.INACTIVE), event)
    return row


def _edited(row: StrategyRow, event: DomainEvent) -> StrategyRow:
    return evolve(row, edition=row.edition + 1, updated_at=event.timestamp)


def _parts(definition: Definition) -> dict[str, Any]:
    shown = plain(definition.model_dump(exclude_none=True))
    named = {name: shown.pop(name) for name in ("name", "type", "legs", "schedule", "risk_params")}
    return {**named, "settings": shown}


STRATEGIES: ReadModel[StrategyRow, StrategyRow] = ReadModel(
    name="strategies",
    id_name="strategy_id",
    reads=("STRAT-",),
    project=strategy,
    row=StrategyRow,
    state=StrategyRow,
    sorts={"created": lambda row: instant(row.created_at)},
    indexes=(
        Index("owner", lambda row: row.user_id, "created"),
        Index("basket", lambda row: row.basket_id, "created"),
    ),
)


def strategies_of(
    view: View[StrategyRow], user_id: str, **paging: Unpack[Paging]
) -> Page[StrategyRow]:
    """A user's strategies, by when they were drafted."""
    return view.page("owner", user_id, **paging)


def strategies_in(
    view: View[StrategyRow], basket_id: str, **paging: Unpack[Paging]
) -> Page[StrategyRow]:
    """A basket's strategies, by when they were drafted."""
    return view.page("basket", basket_id, **paging)
