"""Signing in and out, passwords and authenticators; each leaves its trace in the audit."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated, Final

from fastapi import APIRouter
from fastapi import Request as HttpRequest
from pydantic import BaseModel, Field
from starlette.background import BackgroundTask
from starlette.responses import Response

from adapters.api import kept
from adapters.api.callers import Caller, Context, Enrolling, Reading, RequestId, SameKey, SignedIn
from adapters.api.context import ApiContext
from adapters.api.documents import Shown
from adapters.api.openapi import problems
from adapters.api.problems import Declined, FieldError, of_sign_in, problem
from adapters.api.reading import answer
from adapters.identity.terms import IdentityAway, SignInRefused, Tokens, TooManyAttempts
from commands.desk import Principal, Request
from commands.user import (
    RecordCredentialChange,
    RecordSignIn,
    RecordSignInFailure,
    RecordSignOut,
    UserCommand,
)
from domain.user import User, UserStatus

router = APIRouter(prefix="/auth")

WRONG: Final = "e-mail address or password is wrong"
Password = Annotated[str, Field(min_length=1, max_length=256)]
Code = Annotated[str, Field(pattern=r"^\d{6}$")]
InCookie = Annotated[
    bool, Field(description="The refresh token goes into a cookie of the platform's own pages.")
]


class Credentials(BaseModel, frozen=True, extra="forbid"):
    email: str = Field(min_length=3, max_length=254)
    password: Password
    otp: Code | None = None
    in_cookie: InCookie = False


class RefreshToken(BaseModel, frozen=True, extra="forbid"):
    """The token; without one, that of the cookie."""

    refresh_token: str | None = Field(default=None, min_length=1, max_length=4096)  # or a document


class NewPassword(BaseModel, frozen=True, extra="forbid"):
    current_password: Password
    new_password: Password
    otp: Code | None = None
    in_cookie: InCookie = False


class ProvedBy(BaseModel, frozen=True, extra="forbid"):
    password: Password


class ProvedTwice(BaseModel, frozen=True, extra="forbid"):
    password: Password
    otp: Code


class Confirmation(BaseModel, frozen=True, extra="forbid"):
    otp: Code


class TokensShown(Shown):
    access_token: str
    refresh_token: str | None
    """Null where a cookie keeps it."""
    token_type: str
    expires_in: int
    user_id: str
    must_change_password: bool
    must_enrol_authenticator: bool


class AuthenticatorShown(Shown):
    enrolled: bool


class EnrolmentShown(Shown):
    secret: str
    uri: str


@router.post(
    "/login", response_model=TokensShown, responses=problems(401, 403, 429), dependencies=[SameKey]
)
def login(
    credentials: Credentials, context: Context, request_id: RequestId, http: HttpRequest
) -> Response:
    """Sign in by e-mail address and password, and by a code where an authenticator is enrolled."""
    address = http.client.host if http.client else None
    if credentials.in_cookie:
        kept.from_own_page(http)
    try:
        tokens = context.identity.sign_in(
            credentials.email, credentials.password, credentials.otp, address
        )
        _refuse_disabled(context, tokens, "wrong-credentials", WRONG)
    except SignInRefused as refused:
        # Recorded after the answer: how long it takes must not tell whether there is a user.
        return _refused(context, refused, address, request_id)
    method = "password+otp" if credentials.otp else "password"
    signed_in = RecordSignIn(user_id=tokens.user_id, method=method, address=address)
    record(context, signed_in, request_id)
    return _told(tokens, http if credentials.in_cookie else None)


@router.post(
    "/refresh", response_model=TokensShown, responses=problems(401, 403), dependencies=[SameKey]
)
def refresh(
    body: RefreshToken, context: Context, request_id: RequestId, http: HttpRequest
) -> Response:
    """The next pair of tokens; a refresh token shown twice ends its session."""
    in_cookie = body.refresh_token is None
    if in_cookie:
        kept.from_own_page(http)
    try:
        token = body.refresh_token or kept.refresh_token_of(http)
        # A page that is loaded again while its answer is under way asks with the same cookie.
        tokens = context.identity.refresh(token, again=in_cookie)
        _refuse_disabled(context, tokens, "refresh-refused", "sign in again")
    except SignInRefused as refused:
        response = _refused(context, refused, None, request_id)
        if in_cookie:
            kept.forget(response)
        return response
    return _told(tokens, http if in_cookie else None)


@router.post("/logout", status_code=204, dependencies=[SameKey])
def logout(caller: SignedIn) -> Response:
    """End this session: neither of its tokens is good any more."""
    caller.context.identity.sign_out(caller.session.session_id)
    record(caller.context, RecordSignOut(user_id=caller.user_id), caller.request_id)
    response = Response(status_code=204)
    kept.forget(response)
    return response


@router.post(
    "/password", response_model=TokensShown, responses=problems(429), dependencies=[SameKey]
)
def change_password(body: NewPassword, caller: SignedIn, http: HttpRequest) -> Response:
    """Choose a new password; every other session ends."""
    if body.in_cookie:
        kept.from_own_page(http)
    with proving(caller, "current_password"):
        tokens = caller.context.identity.change_password(
            caller.user_id, body.current_password, body.new_password, body.otp
        )
    changed(caller, "password")
    return _told(tokens, http if body.in_cookie else None)


@router.get("/totp", response_model=AuthenticatorShown)
def authenticator(caller: Reading) -> Response:
    """Whether the caller's sign-in asks for a code."""
    enrolled = caller.context.identity.has_authenticator(caller.user_id)
    return answer({"enrolled": enrolled})


@router.post(
    "/totp", response_model=EnrolmentShown, responses=problems(429), dependencies=[SameKey]
)
def enrol(body: ProvedBy, caller: Enrolling) -> Response:
    """A secret for an authenticator app; codes are asked for once one of it was confirmed."""
    with proving(caller, "password"):
        enrolment = caller.context.identity.enrol(caller.user_id, body.password)
    return answer({"secret": enrolment.secret, "uri": enrolment.uri})


@router.post("/totp/confirm", status_code=204, responses=problems(409, 429), dependencies=[SameKey])
def confirm(body: Confirmation, caller: Enrolling) -> Response:
    """Ask for codes at every sign-in from here on."""
    with proving(caller, "otp"):
        caller.context.identity.confirm(caller.user_id, body.otp)
    changed(caller, "authenticator enrolled")
    return Response(status_code=204)


@router.post("/totp/disable", status_code=204, responses=problems(409, 429), dependencies=[SameKey])
def disable_totp(body: ProvedTwice, caller: Reading) -> Response:
    """Ask for codes no longer; password and a last code prove who asks."""
    with proving(caller, "otp"):
        caller.context.identity.forget_authenticator(caller.user_id, body.password, body.otp)
    changed(caller, "authenticator removed")
    return Response(status_code=204)


# ── what they share ───────────────────────────────────────────────────────────────────────


@contextmanager
def proving(caller: Caller, field: str) -> Iterator[None]:
    """A signed-in user proves who they are; failing is recorded, and does not sign them out."""
    try:
        yield
    except (TooManyAttempts, IdentityAway):
        raise
    except SignInRefused as refused:
        _failed(caller.context, refused, None, caller.request_id)
        told = FieldError(field=field, code=refused.code, message=refused.message)
        raise Declined(422, refused.code, refused.message, [told]) from refused
    except LookupError as missing:
        raise Declined(409, "no-authenticator", str(missing)) from missing


def changed(caller: Caller, what: str) -> None:
    """The caller changed one of their own credentials."""
    fact = RecordCredentialChange(user_id=caller.user_id, what=what)
    record(caller.context, fact, caller.request_id)


def record(
    context: ApiContext,
    command: UserCommand,
    request_id: str,
    actor: str | None = None,
    key: str | None = None,
) -> None:
    """A fact about a user that the platform saw; done by the user unless by somebody else."""
    request = Request(
        principal=Principal(user_id=actor or command.user_id, platform=True),
        at=context.clock.now(),
        correlation_id=request_id,
        idempotency_key=key,
    )
    context.bus.execute(command, request)
    context.stored()


def _refused(
    context: ApiContext, refused: SignInRefused, address: str | None, request_id: str
) -> Response:
    response = problem(of_sign_in(refused))
    response.background = BackgroundTask(_failed, context, refused, address, request_id)
    return response


def _failed(
    context: ApiContext, refused: SignInRefused, address: str | None, request_id: str
) -> None:
    if refused.user_id is not None:
        fact = RecordSignInFailure(user_id=refused.user_id, reason=refused.code, address=address)
        record(context, fact, request_id)


def _refuse_disabled(context: ApiContext, tokens: Tokens, code: str, message: str) -> None:
    user = context.bus.trading.load(tokens.user_id, User)
    if user.status is not UserStatus.ACTIVE:
        context.identity.sign_out_everywhere(user.id, "disabled")
        raise SignInRefused(code, message, user.id)


def _told(tokens: Tokens, browser: HttpRequest | None) -> Response:
    response = answer(
        {
            "access_token": tokens.access,
            "refresh_token": tokens.refresh if browser is None else None,
            "token_type": "Bearer",
            "expires_in": tokens.expires_in,
            "user_id": tokens.user_id,
            "must_change_password": tokens.must_change_password,
            "must_enrol_authenticator": tokens.must_enrol,
        }
    )
    if browser is not None:
        kept.keep(response, tokens, browser)
    return response
