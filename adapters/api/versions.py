"""The versions a strategy ever had: each can be seen, and made the newest again."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated

from fastapi import APIRouter, Path
from starlette.responses import Response

from adapters.api.callers import Caller, Posting, Reading
from adapters.api.documents import Shown, StrategyShown, VersionShown
from adapters.api.openapi import problems
from adapters.api.reading import Document, answer, own_row
from adapters.api.strategies import strategy_shown
from commands.errors import NotFound
from commands.strategy import RestoreVersion
from domain.strategy import Strategy
from projections.document import plain
from projections.strategies import STRATEGIES

router = APIRouter(prefix="/strategies/{strategy_id}/versions")


Number = Annotated[int, Path(ge=1, le=1_000_000)]


class VersionsShown(Shown):
    items: list[VersionShown]


@router.get("", response_model=VersionsShown)
def versions(strategy_id: str, caller: Reading) -> Response:
    """Every definition it ever had, oldest first, with who made it and when."""
    return answer({"items": list(_versions(caller, strategy_id))})


@router.get("/{version}", response_model=VersionShown)
def version(strategy_id: str, version: Number, caller: Reading) -> Response:
    """One definition it had."""
    for found in _versions(caller, strategy_id):
        if found["version"] == version:
            return answer(found)
    raise NotFound(f"version {version} of", strategy_id)


@router.post("/{version}/restore", response_model=StrategyShown, responses=problems(409))
def restore(strategy_id: str, version: Number, caller: Posting) -> Response:
    """Make a former version the newest; history is not rewritten."""
    caller.ask(RestoreVersion(strategy_id=strategy_id, version=version))
    return strategy_shown(caller, strategy_id)


def _versions(caller: Caller, strategy_id: str) -> Iterator[Document]:
    own_row(caller, STRATEGIES, strategy_id)
    number = 0
    for event in caller.context.bus.trading.history(strategy_id):
        if isinstance(event, Strategy.Drafted | Strategy.Edited):
            number += 1
            yield {
                **plain(event.definition.model_dump(exclude_none=True)),
                "version": number,
                "defined_at": plain(event.timestamp),
                "defined_by": event.actor,
                "restored": event.restored if isinstance(event, Strategy.Edited) else None,
            }
