"""Broker accounts of a user: linked, named, unlinked; and the money that is there."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv6Address
from typing import Annotated

from fastapi import APIRouter
from pydantic import BaseModel, BeforeValidator, Field
from starlette.responses import Response

from adapters.api.callers import Caller, Editing, Posting, Reading, without
from adapters.api.documents import AccountShown, Rupees, Shown
from adapters.api.documents import Paged as PagedShown
from adapters.api.openapi import problems
from adapters.api.reading import Paged, answer, listed, own_row, shown, view_of
from commands.account import EditAccount, LinkAccount, UnlinkAccount
from commands.desk import TRADERS
from commands.errors import NotFound
from domain.account_terms import PAPER
from projections.broker_accounts import BROKER_ACCOUNTS, accounts_of
from projections.document import plain

router = APIRouter()

OF_USER = "/users/{user_id}/broker-accounts"
READ_ONLY = (
    "account_id", "user_id", "status", "last_sync", "broker_user_id", "session_expires_at",
    "limits", "block", "drifts", "edition", "created_at", "updated_at",
)  # fmt: skip


class AccountSent(BaseModel, frozen=True, extra="forbid"):
    """A login at a broker; its secrets are named by where the vault keeps them, never sent."""

    broker: str = Field(pattern=r"^[a-z][a-z0-9_]{1,30}$")
    account_name: str = Field(min_length=1, max_length=200)
    capabilities: tuple[str, ...] = Field(default=("OPTIONS",), max_length=20)
    secrets_ref: str | None = Field(default=None, max_length=500)
    static_ip: IPv4Address | IPv6Address | None = None


class AccountEdited(BaseModel, frozen=True, extra="forbid"):
    account_name: str = Field(min_length=1, max_length=200)
    secrets_ref: str | None = Field(default=None, max_length=500)
    static_ip: IPv4Address | IPv6Address | None = None


Linked = Annotated[AccountSent, BeforeValidator(without(*READ_ONLY))]
Edited = Annotated[AccountEdited, BeforeValidator(without(*READ_ONLY, "broker", "capabilities"))]


class BrokerShown(Shown):
    broker: str
    login: bool


class BrokersShown(Shown):
    brokers: list[BrokerShown]


class FundsShown(Shown):
    """₹ at the broker: what may still be used, what is used, and the cash behind both."""

    account_id: str
    available: Rupees
    used: Rupees
    cash: Rupees


@router.get("/brokers", response_model=BrokersShown)
def brokers(caller: Reading) -> Response:
    """Where accounts can be linked, and where trading then needs keys and a login each day."""
    known = [{"broker": name, "login": name != PAPER} for name in caller.context.brokers]
    return answer({"brokers": known})


@router.get(OF_USER, response_model=PagedShown[AccountShown])
def accounts(user_id: str, caller: Reading, paging: Paged) -> Response:
    """The caller's accounts, by when they were linked."""
    _own(caller, user_id)
    view = view_of(caller.context, BROKER_ACCOUNTS)
    return listed(accounts_of(view, user_id, **paging.paging), BROKER_ACCOUNTS)


@router.post(OF_USER, status_code=201, response_model=AccountShown, responses=problems(409))
def link(user_id: str, body: Linked, caller: Posting) -> Response:
    """Link a login at a broker."""
    _own(caller, user_id)
    account = caller.ask(LinkAccount(**body.model_dump()))
    return account_shown(caller, account.id, 201)


@router.get(OF_USER + "/{account_id}", response_model=AccountShown)
def account(user_id: str, account_id: str, caller: Reading) -> Response:
    """One account, as it now is."""
    _own(caller, user_id)
    return account_shown(caller, account_id)


@router.put(OF_USER + "/{account_id}", response_model=AccountShown, responses=problems(412))
def edit(user_id: str, account_id: str, body: Edited, caller: Editing) -> Response:
    """Change its name, where its secrets are kept, or the address orders come from."""
    _own(caller, user_id)
    caller.ask(EditAccount(account_id=account_id, **body.model_dump()))
    return account_shown(caller, account_id)


@router.delete(OF_USER + "/{account_id}", status_code=204, responses=problems(409, 412))
def unlink(user_id: str, account_id: str, caller: Editing) -> Response:
    """Unlink it, and forget its secrets; refused while runs are open there."""
    _own(caller, user_id)
    caller.ask(UnlinkAccount(account_id=account_id))
    caller.context.sessions.forget(account_id)
    return Response(status_code=204)


@router.get("/accounts/{account_id}/funds", response_model=FundsShown, responses=problems(409, 502))
def funds(account_id: str, caller: Reading) -> Response:
    """The money there, as the broker tells it now."""
    own_row(caller, BROKER_ACCOUNTS, account_id)
    found = caller.context.broker(account_id).funds()
    return answer({"account_id": account_id, **plain(found)})


def account_shown(caller: Caller, account_id: str, status: int = 200) -> Response:
    """The caller's account, as it now is; raises NotFound."""
    place = f"/users/{caller.user_id}/broker-accounts/{account_id}" if status == 201 else None
    row = own_row(caller, BROKER_ACCOUNTS, account_id)
    return shown(BROKER_ACCOUNTS, row, row.edition, status, place)


def own_account(caller: Caller, user_id: str, account_id: str, what: str) -> None:
    """Whether a trader asks this of an account of their own; raises Forbidden, NotFound."""
    _own(caller, user_id)
    caller.needs(TRADERS, what, account_id)
    own_row(caller, BROKER_ACCOUNTS, account_id)


def _own(caller: Caller, user_id: str) -> None:
    if user_id != caller.user_id:
        raise NotFound("User", user_id)
