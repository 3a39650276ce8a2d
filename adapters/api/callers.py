"""Who calls, in which roles, and on which conditions: what every endpoint begins with."""

from __future__ import annotations

import re
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from threading import Lock
from typing import Annotated, Final, TypeVar

from fastapi import Depends, Header
from fastapi import Request as HttpRequest
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from adapters.api.context import ApiContext
from adapters.api.problems import Declined
from adapters.identity.terms import Session, SignInRefused
from commands.application import Trading
from commands.desk import Command, Principal, Request
from commands.errors import Forbidden, NotFound
from domain.resource import Resource
from domain.user import Role, User, UserStatus

A = TypeVar("A", bound=Resource)

BEARER = HTTPBearer(auto_error=False, scheme_name="access token")
KEY = re.compile(r"[!-~]{1,200}")
TAG = re.compile(r'"(\d{1,9})"')
KEPT: Final = 10_000


@dataclass
class Roles:
    """Roles by user, looked up anew whenever the user's stream went on."""

    trading: Trading
    _known: OrderedDict[str, tuple[int, Principal | None]] = field(default_factory=OrderedDict)
    _lock: Lock = field(default_factory=Lock)

    def of(self, user_id: str) -> Principal | None:
        """The caller as they now are; None for one who is disabled or unknown."""
        version = self.trading.version_of(user_id)
        with self._lock:
            known = self._known.get(user_id)
            if known is not None and known[0] == version != 0:
                return known[1]
        try:
            user = self.trading.load(user_id, User)
        except NotFound:
            return None
        active = user.status is UserStatus.ACTIVE
        found = Principal(user_id=user.id, roles=user.roles) if active else None
        with self._lock:
            self._known[user_id] = (user.version, found)
            while len(self._known) > KEPT:
                self._known.popitem(last=False)
        return found


@dataclass(frozen=True, kw_only=True)
class Caller:
    """A user who is signed in, and one request of theirs."""

    context: ApiContext
    principal: Principal
    session: Session
    token: str = field(repr=False)
    request_id: str
    idempotency_key: str | None = None
    edition: int | None = None

    @property
    def user_id(self) -> str:
        return self.principal.user_id

    @property
    def request(self) -> Request:
        """What the bus is told of who asks."""
        return Request(
            principal=self.principal,
            at=self.context.clock.now(),
            correlation_id=self.request_id,
            idempotency_key=self.idempotency_key,
            edition=self.edition,
        )

    def ask(self, command: Command[A]) -> A:
        """Have it done; raises what `commands.errors` names."""
        try:
            return self.context.bus.execute(command, self.request)
        finally:
            self.context.stored()  # a refusal is stored, too

    def needs(self, roles: frozenset[Role], what: str, target: str | None = None) -> None:
        """Refuse, and remember it, where none of these roles is held; raises Forbidden."""
        if not self.principal.has_one_of(roles):
            refusal = Forbidden(what, ", ".join(sorted(roles)))
            self.context.bus.remember(refusal, what, target, self.request)
            self.context.stored()
            raise refusal


def context_of(request: HttpRequest) -> ApiContext:
    found: ApiContext = request.app.state.context
    return found


def request_id_of(request: HttpRequest) -> str:
    return f"http-{request.state.request_id}"


async def signed_in(
    request: HttpRequest,
    token: Annotated[HTTPAuthorizationCredentials | None, Depends(BEARER)],
) -> Caller:
    """The caller, whatever password they still have to change; raises Declined, SignInRefused."""
    context = context_of(request)
    if token is None:
        raise _not_signed_in("send an access token: Authorization: Bearer …")
    session = context.identity.session(token.credentials)
    roles: Roles = request.app.state.roles
    principal = roles.of(session.user_id)
    if principal is None:
        raise _not_signed_in("this user can no longer sign in")
    if session.roles is not None:  # a role counts where both know of it
        granted = frozenset(principal.roles) & session.roles
        principal = replace(principal, roles=granted)
    return Caller(
        context=context,
        principal=principal,
        session=session,
        token=token.credentials,
        request_id=request_id_of(request),
    )


def _not_signed_in(detail: str) -> Declined:
    return Declined(401, "not-signed-in", detail, (), {"WWW-Authenticate": "Bearer"})


SignedIn = Annotated[Caller, Depends(signed_in)]


async def reader(caller: SignedIn) -> Caller:
    if caller.session.must_change_password:
        detail = "change the one-time password first: POST /auth/password"
        raise Declined(403, "password-change-required", detail)
    if caller.session.must_enrol:
        detail = "enrol an authenticator first: POST /auth/totp"
        raise Declined(403, "authenticator-required", detail)
    return caller


async def anybody(request: HttpRequest) -> Caller | None:
    """The caller where one is signed in; what is open to all tells nobody that they are not."""
    try:
        return await reader(await signed_in(request, await BEARER(request)))
    except (Declined, SignInRefused):
        return None


async def enroller(caller: SignedIn) -> Caller:
    """Who may not do anything else yet may enrol."""
    return await reader(replace(caller, session=replace(caller.session, must_enrol=False)))


Reading = Annotated[Caller, Depends(reader)]
Enrolling = Annotated[Caller, Depends(enroller)]

KEY_MEANS = (
    "Names this request: sent again with the same key and body it has no second effect; "
    "1 to 200 visible ASCII characters."
)
TAG_MEANS = 'The edition that is meant, as its `ETag` said: `"3"`; anything else is 412.'


async def no_effect(
    idempotency_key: Annotated[str | None, Header(description=KEY_MEANS)] = None,
) -> None:
    """A key is accepted where repeating changes nothing, or tokens would have to be kept."""


SameKey = Depends(no_effect)


async def poster(
    caller: Reading,
    idempotency_key: Annotated[str | None, Header(description=KEY_MEANS)] = None,
) -> Caller:
    if idempotency_key is not None and not KEY.fullmatch(idempotency_key):
        raise Declined(422, "bad-idempotency-key", "a key has 1 to 200 visible ASCII characters")
    return replace(caller, idempotency_key=idempotency_key)


async def editor(
    caller: Reading, if_match: Annotated[str | None, Header(description=TAG_MEANS)] = None
) -> Caller:
    return replace(caller, edition=edition_of(if_match))


def edition_of(if_match: str | None) -> int | None:
    """The edition that If-Match names; a tag that was never given out names none there can be."""
    if if_match is None or if_match.strip() == "*":
        return None
    tag = TAG.fullmatch(if_match.strip())
    return int(tag[1]) if tag else 0


Posting = Annotated[Caller, Depends(poster)]
Editing = Annotated[Caller, Depends(editor)]


# Dependencies wait for nothing, and so run in the event loop: a thread for each would cost more
# than all of them do.
async def _context(request: HttpRequest) -> ApiContext:
    return context_of(request)


async def _request_id(request: HttpRequest) -> str:
    return request_id_of(request)


Context = Annotated[ApiContext, Depends(_context)]
RequestId = Annotated[str, Depends(_request_id)]

#: Drops what a client got and may send back unchanged.
Dropping = Callable[[object], object]


def without(*read_only: str) -> Dropping:
    """A validator that takes these fields out of what was sent."""

    def dropped(value: object) -> object:
        if isinstance(value, dict):
            return {name: each for name, each in value.items() if name not in read_only}
        return value

    return dropped
