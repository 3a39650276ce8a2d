"""Baskets: strategies that belong together, and the accounts they trade on."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter
from pydantic import BaseModel, BeforeValidator, Field
from starlette.responses import Response

from adapters.api.callers import Caller, Editing, Posting, Reading, without
from adapters.api.documents import BasketShown
from adapters.api.documents import Paged as PagedShown
from adapters.api.openapi import problems
from adapters.api.reading import Document, Paged, answer, own_row, paged, state_of, tagged, view_of
from commands.basket import (
    ActivateBasket,
    ComposeBasket,
    DeactivateBasket,
    DeleteBasket,
    EditBasket,
    Wished,
)
from domain.basket import Target, basket_faults
from projections.baskets import BASKETS, BasketRow, baskets_of
from projections.document import document, plain
from projections.users import USERS

router = APIRouter(prefix="/baskets")

READ_ONLY = (
    "basket_id", "user_id", "created_at", "updated_at", "edition", "unknown", "faults",
)  # fmt: skip


class BasketSent(BaseModel, frozen=True, extra="forbid"):
    """A basket; wished ACTIVE it stays a draft, or becomes inactive, while it has faults."""

    name: str = Field(min_length=1, max_length=200)
    description: str = Field(default="", max_length=2000)
    strategies: tuple[str, ...] | None = Field(default=None, max_length=200)
    targets: tuple[Target, ...] = Field(default=(), max_length=100)
    status: Wished | None = None


Sent = Annotated[BasketSent, BeforeValidator(without(*READ_ONLY))]


@router.get("", response_model=PagedShown[BasketShown])
def baskets(caller: Reading, paging: Paged) -> Response:
    """The caller's baskets, by when they were composed."""
    page = baskets_of(view_of(caller.context, BASKETS), caller.user_id, **paging.paging)
    linked = _linked(caller)
    return answer(paged([_document(row, linked) for row in page.rows], page.cursor))


@router.post("", status_code=201, response_model=BasketShown, responses=problems(409))
def compose(body: Sent, caller: Posting) -> Response:
    """Compose a basket, with whatever faults it has."""
    command = ComposeBasket(
        name=body.name,
        description=body.description,
        strategies=body.strategies or (),
        targets=body.targets,
        status=body.status,
    )
    return _shown(caller, caller.ask(command).id, 201)


@router.get("/{basket_id}", response_model=BasketShown)
def basket(basket_id: str, caller: Reading) -> Response:
    """One basket, as it now is."""
    return _shown(caller, basket_id)


@router.put("/{basket_id}", response_model=BasketShown, responses=problems(409, 412))
def edit(basket_id: str, body: Sent, caller: Editing) -> Response:
    """Replace what may be edited; absent strategies and status stay as they are."""
    command = EditBasket(
        basket_id=basket_id,
        name=body.name,
        description=body.description,
        strategies=body.strategies,
        targets=body.targets,
        status=body.status,
    )
    caller.ask(command)
    return _shown(caller, basket_id)


@router.delete("/{basket_id}", status_code=204, responses=problems(409, 412))
def delete(basket_id: str, caller: Editing) -> Response:
    """Delete an empty basket."""
    caller.ask(DeleteBasket(basket_id=basket_id))
    return Response(status_code=204)


@router.post("/{basket_id}/activate", response_model=BasketShown, responses=problems(409))
def activate(basket_id: str, caller: Posting) -> Response:
    """Let its active strategies enter at their times; refused with every fault at once."""
    caller.ask(ActivateBasket(basket_id=basket_id))
    return _shown(caller, basket_id)


@router.post("/{basket_id}/deactivate", response_model=BasketShown, responses=problems(409))
def deactivate(basket_id: str, caller: Posting) -> Response:
    """Stop entries; what is open goes on to its exit."""
    caller.ask(DeactivateBasket(basket_id=basket_id))
    return _shown(caller, basket_id)


def _shown(caller: Caller, basket_id: str, status: int = 200) -> Response:
    row = own_row(caller, BASKETS, basket_id)
    place = f"/baskets/{basket_id}" if status == 201 else None
    return answer(_document(row, _linked(caller)), status, tagged(row.edition, place))


def _linked(caller: Caller) -> tuple[str, ...]:
    user = state_of(caller.context, USERS, caller.user_id)
    return user.accounts if user else ()


def _document(row: BasketRow, linked: tuple[str, ...]) -> Document:
    """A basket with its faults, which depend on the accounts that are linked now."""
    faults = basket_faults(row.strategies, row.unknown, row.targets, linked)
    return {**document(BASKETS, row), "faults": plain(faults)}
