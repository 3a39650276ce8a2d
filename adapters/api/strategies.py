"""Strategies: drafted in a basket with whatever faults they have, activated without any."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter
from pydantic import BaseModel, BeforeValidator, Field
from starlette.responses import Response

from adapters.api.callers import Caller, Editing, Posting, Reading, without
from adapters.api.documents import Paged as PagedShown
from adapters.api.documents import StrategyShown
from adapters.api.openapi import problems
from adapters.api.reading import Document, Paged, answer, own_row, paged, tagged, view_of
from commands.strategy import (
    ActivateStrategy,
    DeactivateStrategy,
    DeleteStrategy,
    DraftStrategy,
    DuplicateStrategy,
    EditStrategy,
)
from domain.definition import Definition
from projections.baskets import BASKETS
from projections.document import document
from projections.strategies import STRATEGIES, StrategyRow, strategies_in, strategies_of

router = APIRouter()

READ_ONLY = (
    "strategy_id", "basket_id", "user_id", "status", "faults", "definition_version", "edition",
    "copied_from", "created_at", "updated_at",
)  # fmt: skip

DefinitionSent = Annotated[Definition, BeforeValidator(without(*READ_ONLY))]


class Copy(BaseModel, frozen=True, extra="forbid"):
    """Where a copy goes and what it is called; its own basket and name unless told."""

    basket_id: str | None = None
    name: str | None = Field(default=None, min_length=1, max_length=200)


@router.get("/strategies", response_model=PagedShown[StrategyShown])
def strategies(caller: Reading, paging: Paged) -> Response:
    """The caller's strategies in all baskets, by when they were drafted."""
    page = strategies_of(view_of(caller.context, STRATEGIES), caller.user_id, **paging.paging)
    return answer(paged([strategy_document(row) for row in page.rows], page.cursor))


@router.get("/baskets/{basket_id}/strategies", response_model=PagedShown[StrategyShown])
def in_basket(basket_id: str, caller: Reading, paging: Paged) -> Response:
    """A basket's strategies, by when they were drafted."""
    own_row(caller, BASKETS, basket_id)
    page = strategies_in(view_of(caller.context, STRATEGIES), basket_id, **paging.paging)
    return answer(paged([strategy_document(row) for row in page.rows], page.cursor))


@router.post(
    "/baskets/{basket_id}/strategies",
    status_code=201,
    response_model=StrategyShown,
    responses=problems(409),
)
def draft(basket_id: str, body: DefinitionSent, caller: Posting) -> Response:
    """Draft a strategy; what keeps it from being activated is told in `faults`."""
    drafted = caller.ask(DraftStrategy(basket_id=basket_id, definition=body))
    return strategy_shown(caller, drafted.id, 201)


@router.get("/strategies/{strategy_id}", response_model=StrategyShown)
def strategy(strategy_id: str, caller: Reading) -> Response:
    """One strategy, as it now is."""
    return strategy_shown(caller, strategy_id)


@router.put("/strategies/{strategy_id}", response_model=StrategyShown, responses=problems(409, 412))
def edit(strategy_id: str, body: DefinitionSent, caller: Editing) -> Response:
    """Define it anew for its next run; what is open keeps the version it was opened with."""
    caller.ask(EditStrategy(strategy_id=strategy_id, definition=body))
    return strategy_shown(caller, strategy_id)


@router.delete("/strategies/{strategy_id}", status_code=204, responses=problems(409, 412))
def delete(strategy_id: str, caller: Editing) -> Response:
    """Delete it; refused while a run of it is open."""
    caller.ask(DeleteStrategy(strategy_id=strategy_id))
    return Response(status_code=204)


@router.post(
    "/strategies/{strategy_id}/activate", response_model=StrategyShown, responses=problems(409)
)
def activate(strategy_id: str, caller: Posting) -> Response:
    """Let it enter at its times; refused with all of its faults."""
    caller.ask(ActivateStrategy(strategy_id=strategy_id))
    return strategy_shown(caller, strategy_id)


@router.post(
    "/strategies/{strategy_id}/deactivate", response_model=StrategyShown, responses=problems(409)
)
def deactivate(strategy_id: str, caller: Posting) -> Response:
    """Stop entries; exits of what is open go on."""
    caller.ask(DeactivateStrategy(strategy_id=strategy_id))
    return strategy_shown(caller, strategy_id)


@router.post(
    "/strategies/{strategy_id}/duplicate",
    status_code=201,
    response_model=StrategyShown,
    responses=problems(409),
)
def duplicate(strategy_id: str, body: Copy, caller: Posting) -> Response:
    """Draft a copy of it."""
    command = DuplicateStrategy(strategy_id=strategy_id, basket_id=body.basket_id, name=body.name)
    return strategy_shown(caller, caller.ask(command).id, 201)


def strategy_shown(caller: Caller, strategy_id: str, status: int = 200) -> Response:
    """The caller's strategy, as it now is; raises NotFound."""
    row = own_row(caller, STRATEGIES, strategy_id)
    place = f"/strategies/{strategy_id}" if status == 201 else None
    return answer(strategy_document(row), status, tagged(row.edition, place))


def strategy_document(row: StrategyRow) -> Document:
    """A strategy with its definition's fields beside the others, as the client sent them."""
    held = document(STRATEGIES, row)
    settings = held.pop("settings")
    return {**held, **settings}
