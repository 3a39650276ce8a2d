"""The session of an account at its broker: the app's keys, logging in there, and logging out."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Final
from urllib.parse import urlencode

from fastapi import APIRouter, Depends
from fastapi import Request as HttpRequest
from pydantic import BaseModel, Field, SecretStr
from starlette.responses import RedirectResponse, Response

from adapters.api.accounts import OF_USER, account_shown, own_account
from adapters.api.callers import Context, Editing, Posting, Reading, RequestId, Roles
from adapters.api.context import ApiContext
from adapters.api.documents import AccountShown, Shown
from adapters.api.openapi import problems
from adapters.api.problems import Declined, shown_by
from adapters.api.reading import answer
from adapters.logins import GOOD_FOR, Login, LoginRefused, cookie_of
from commands.desk import TRADERS, Request
from domain.account import BrokerAccount
from domain.account_terms import AccountStatus

router = APIRouter()

ACCOUNT: Final = OF_USER + "/{account_id}"
#: Where the broker sends the browser back to; the trader's app at the broker names it.
CALLBACK: Final = "/accounts/callback"
#: A browser that comes back too late is told so where it began.
KNOWN_FOR: Final = 4 * GOOD_FOR
#: Characters of a refusal that an address carries.
TOLD: Final = 300

#: Keys and tokens are plain words at every broker; whatever else is given is a mistake.
Word = Annotated[str, Field(min_length=1, max_length=200, pattern=r"^[A-Za-z0-9_.~-]+$")]
Secret = Annotated[
    SecretStr, Field(min_length=4, max_length=200, json_schema_extra={"writeOnly": True})
]


class SecretsSent(BaseModel, frozen=True, extra="forbid"):
    """The keys of the trader's own app at the broker; they go to the vault and are never shown."""

    api_key: Secret
    api_secret: Secret


class LoginDone(BaseModel, frozen=True, extra="forbid"):
    """What the broker's redirect carried; `state` as well, where it came with it."""

    request_token: Word
    state: Word | None = None


class Leaving(BaseModel, frozen=True, extra="forbid"):
    """With `force` also while runs are open, which then cannot be left until the next login."""

    force: bool = False


class LoginShown(Shown):
    """Where to log in; it leads back to here for as long as it is good, and once."""

    login_url: str
    valid_until: datetime


class ArrivedShown(Shown):
    account_id: str
    status: AccountStatus
    detail: str


def from_the_desk(http: HttpRequest) -> bool:
    """Whether a person's browser is sent back here, with a login that it began itself.

    Any other stays at its address: a login from the command line goes on with that.
    """
    begun = cookie_of(http.query_params.get("state", "")) in http.cookies
    return begun and "text/html" in http.headers.get("accept", "")


async def to_the_desk(http: HttpRequest) -> None:
    """Show what is refused on the desk, in words."""
    if from_the_desk(http):
        shown_by(http, lambda declined: _back(refused=declined.detail[:TOLD]))


def _back(account_id: str | None = None, **told: str) -> Response:
    """The desk's page of the account, or of all; its addresses stand after the `#`."""
    page = "/accounts" if account_id is None else f"/accounts/{account_id}"
    return RedirectResponse(f"/#{page}?{urlencode(told)}", 303)


@router.put(ACCOUNT + "/secrets", response_model=AccountShown, responses=problems(409, 412))
def keep_secrets(user_id: str, account_id: str, body: SecretsSent, caller: Editing) -> Response:
    """Give the app's keys to the vault; a session opened with older ones is over."""
    own_account(caller, user_id, account_id, "KeepSecrets")
    secret = {
        "api_key": body.api_key.get_secret_value(),
        "api_secret": body.api_secret.get_secret_value(),
    }
    try:
        caller.context.sessions.keep_secrets(account_id, secret, caller.request)
    finally:
        caller.context.stored()
    return account_shown(caller, account_id)


@router.get(ACCOUNT + "/login", response_model=LoginShown, responses=problems(409))
def login(user_id: str, account_id: str, caller: Reading, http: HttpRequest) -> Response:
    """Where to log in at the broker; the browser that asked is known again when it comes back."""
    own_account(caller, user_id, account_id, "ConnectAccount")
    url, ticket = caller.context.sessions.begin(account_id, user_id)
    until = caller.context.clock.now() + GOOD_FOR
    response = answer({"login_url": url, "valid_until": until})
    response.set_cookie(
        cookie_of(ticket.state),
        ticket.proof,
        max_age=int(KNOWN_FOR.total_seconds()),
        path=CALLBACK,
        secure=http.url.scheme == "https",
        httponly=True,
        samesite="lax",
    )
    return response


@router.post(ACCOUNT + "/connect", response_model=AccountShown, responses=problems(409, 502))
def connect(user_id: str, account_id: str, body: LoginDone, caller: Posting) -> Response:
    """Open the session with what the broker's redirect carried."""
    own_account(caller, user_id, account_id, "ConnectAccount")
    sessions = caller.context.sessions
    if body.state is not None:
        _finish(caller.context, account_id, body.state, user_id=user_id)
    try:
        sessions.connect(account_id, body.request_token, caller.request)
    finally:
        caller.context.stored()
    return account_shown(caller, account_id)


@router.post(ACCOUNT + "/disconnect", response_model=AccountShown, responses=problems(409))
def disconnect(user_id: str, account_id: str, body: Leaving, caller: Posting) -> Response:
    """End the session, at the broker too; refused while runs are open, unless forced."""
    own_account(caller, user_id, account_id, "DisconnectAccount")
    try:
        caller.context.sessions.disconnect(account_id, caller.request, force=body.force)
    finally:
        caller.context.stored()
    return account_shown(caller, account_id)


@router.get(
    CALLBACK,
    response_model=ArrivedShown,
    responses={
        **problems(409, 502),
        303: {"description": "Back to the desk, where the login was begun there."},
    },
    dependencies=[Depends(to_the_desk)],
)
def arrived(
    context: Context,
    request_id: RequestId,
    http: HttpRequest,
    state: Word | None = None,
    request_token: Word | None = None,
) -> Response:
    """The broker sends the browser here after a login; only the one that began it is let in."""
    if state is None or request_token is None:
        raise Declined(409, "login-refused", "the broker's answer carries no login of ours")
    proof = http.cookies.get(cookie_of(state))
    begun = _finish(context, None, state, proof=proof)
    roles: Roles = http.app.state.roles
    principal = roles.of(begun.user_id)
    if principal is None or not principal.has_one_of(TRADERS):
        raise Declined(409, "login-refused", "whoever began this login may not log in any more")
    asked = Request(principal=principal, at=context.clock.now(), correlation_id=request_id)
    try:
        account = context.sessions.connect(begun.account_id, request_token, asked)
    finally:
        context.stored()
    response = _back(account.id, connected="1") if from_the_desk(http) else _told(account)
    response.delete_cookie(cookie_of(state), path=CALLBACK)
    return response


def _told(account: BrokerAccount) -> Response:
    told = "logged in: this window may be closed"
    return answer({"account_id": account.id, "status": account.status.value, "detail": told})


def _finish(
    context: ApiContext,
    account_id: str | None,
    state: str,
    *,
    proof: str | None = None,
    user_id: str | None = None,
) -> Login:
    """The login that was begun with this state, for that account; raises Declined."""
    try:
        login = context.sessions.logins.finish(state, proof=proof, user_id=user_id)
    except LoginRefused as refused:
        raise Declined(409, "login-refused", str(refused)) from refused
    if account_id not in (None, login.account_id):
        raise Declined(409, "login-refused", "this login was begun for another account")
    return login
