"""The one place where a refusal becomes an answer: problem+json (RFC 9457) with a stable type."""

from __future__ import annotations

import logging
import sqlite3
from collections.abc import Callable, Mapping, Sequence
from http import HTTPStatus
from typing import Any, Final

from eventsourcing.persistence import PersistenceError
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse, Response

from adapters.identity.terms import (
    IdentityAway,
    PasswordRefused,
    SignInRefused,
    TooManyAttempts,
)
from adapters.vault.vault import SecretMissing, VaultError
from commands.errors import Busy, Conflict, Faulty, Forbidden, KeyReused, NotFound, StaleEdition
from domain.book import AddressRefused, NotSent, Rejected, SessionExpired, Unavailable, Unknown
from domain.model import Refused
from projections.audit_search import TooWide
from projections.view import BadCursor

LOG: Final = logging.getLogger("atp.api")
MEDIA: Final = "application/problem+json"
TYPE: Final = "urn:atp:problem:"
RETRY_S: Final = 1

#: The first kind that fits counts; every other Refused is a rule that said no.
REFUSALS: Final[Sequence[tuple[type[Refused], int]]] = (
    (NotFound, 404),
    (Forbidden, 403),
    (StaleEdition, 412),
    (KeyReused, 422),
    (Busy, 409),
    (Conflict, 409),
    (Refused, 422),
)
#: The first kind that fits counts here, too.
BROKER: Final[Mapping[type[Exception], tuple[int, str]]] = {
    AddressRefused: (409, "broker-address-refused"),
    SessionExpired: (409, "broker-session-expired"),
    Rejected: (422, "broker-rejected"),
    NotSent: (503, "broker-busy"),
    Unavailable: (503, "broker-unavailable"),
    Unknown: (502, "broker-outcome-unknown"),
}
TITLES: Final = {
    400: "This is no request that can be read",
    401: "Sign in first",
    403: "You may not do this",
    404: "There is no such thing",
    409: "Not in its present state",
    412: "It was changed meanwhile",
    422: "Refused",
    413: "Too large",
    429: "Too many attempts",
    502: "The broker's answer is unknown",
    503: "Not now",
}


class FieldError(BaseModel):
    """What is wrong with one field of what was sent."""

    field: str
    code: str
    message: str


class Problem(BaseModel):
    """What went wrong: `type` is stable, `detail` is for people."""

    type: str
    title: str
    status: int
    detail: str
    errors: list[FieldError]


class Declined(Exception):
    """An answer that is no: what the API itself has to say."""

    def __init__(
        self,
        status: int,
        code: str,
        detail: str,
        errors: Sequence[FieldError] = (),
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(detail)
        self.status = status
        self.code = code
        self.detail = detail
        self.errors = tuple(errors)
        self.headers = dict(headers or {})


def problem(declined: Declined) -> JSONResponse:
    """The answer for people and machines."""
    status = declined.status
    body = Problem(
        type=f"{TYPE}{declined.code}",
        title=TITLES.get(status) or HTTPStatus(status).phrase,
        status=status,
        detail=declined.detail,
        errors=list(declined.errors),
    )
    return JSONResponse(body.model_dump(), status, declined.headers, media_type=MEDIA)


# ── from what was raised to what is answered ──────────────────────────────────────────────


def of_refusal(error: Refused) -> Declined:
    status = next(status for kind, status in REFUSALS if isinstance(error, kind))
    told = []
    if isinstance(error, Faulty):
        told = [FieldError(field=f.field, code=f.code, message=f.message) for f in error.faults]
    elif error.field is not None:
        told = [FieldError(field=error.field, code=error.code, message=error.message)]
    retry = {"Retry-After": str(RETRY_S)} if isinstance(error, Busy) else {}
    return Declined(status, error.code, error.message, told, retry)


def of_sign_in(error: SignInRefused) -> Declined:
    if isinstance(error, TooManyAttempts):
        return Declined(429, error.code, error.message, (), {"Retry-After": str(error.seconds)})
    if isinstance(error, IdentityAway):
        LOG.error("the identity provider does not answer: %s", error.why)
        return Declined(503, error.code, error.message, (), {"Retry-After": str(RETRY_S)})
    return Declined(401, error.code, error.message, (), {"WWW-Authenticate": "Bearer"})


def of_password(error: PasswordRefused) -> Declined:
    told = FieldError(field="new_password", code="poor-password", message=str(error))
    return Declined(422, "poor-password", str(error), [told])


def of_cursor(error: BadCursor) -> Declined:
    told = FieldError(field="cursor", code="bad-cursor", message=str(error))
    return Declined(422, "bad-cursor", str(error), [told])


def of_search(error: TooWide) -> Declined:
    return Declined(422, "search-too-wide", str(error))


def of_broker(error: Exception) -> Declined:
    status, code = next(told for kind, told in BROKER.items() if isinstance(error, kind))
    retry = {"Retry-After": str(RETRY_S)} if status == 503 else {}
    return Declined(status, code, str(error), (), retry)


def of_storage(error: Exception) -> Declined:
    LOG.error("the store does not answer: %s", error)
    detail = "what was asked could not be stored or read; nothing was changed"
    return Declined(503, "store-unavailable", detail, (), {"Retry-After": str(RETRY_S)})


def of_vault(error: VaultError) -> Declined:
    """A missing secret is the caller's to give; where the vault is, and why it fails, is ours."""
    if isinstance(error, SecretMissing):
        return Declined(409, "secret-missing", str(error))
    LOG.error("the vault does not answer: %s", error)
    return Declined(503, "vault-unavailable", "secrets can be neither read nor kept just now")


def of_form(error: RequestValidationError) -> Declined:
    """Field by field; what was sent is not sent back, as it may hold a secret."""
    found = error.errors()
    if any(each["type"] == "json_invalid" for each in found):
        return Declined(422, "malformed-json", "the body is no JSON")
    told = [
        FieldError(field=path_of(each["loc"]), code=each["type"], message=each["msg"])
        for each in found
    ]
    return Declined(422, "invalid-fields", f"{len(told)} field(s) cannot be accepted", told)


def of_http(error: HTTPException) -> Declined:
    codes = {400: "malformed-body", 404: "no-such-path", 405: "method-not-allowed"}
    code = codes.get(error.status_code, "http-error")
    return Declined(error.status_code, code, str(error.detail), (), error.headers)


def of_fault(_: Exception) -> Declined:
    return Declined(500, "internal-error", "this is a fault of ours; it is in the log")


def path_of(loc: Sequence[str | int]) -> str:
    """`legs[0].qty`: where in the body, the query or the path it is."""
    path = ""
    for part in loc[1:] if loc and loc[0] in ("body", "query", "path", "header") else loc:
        path += f"[{part}]" if isinstance(part, int) else f".{part}" if path else part
    return path or "body"


def answer_problems(app: FastAPI) -> None:
    """Let every error end as a problem."""
    # Any: each handler takes the exception it is listed with.
    handlers: Mapping[type[Exception], Callable[[Any], Declined]] = {
        Declined: lambda error: error,
        Refused: of_refusal,
        SignInRefused: of_sign_in,
        PasswordRefused: of_password,
        BadCursor: of_cursor,
        TooWide: of_search,
        RequestValidationError: of_form,
        HTTPException: of_http,
        PersistenceError: of_storage,
        sqlite3.Error: of_storage,
        VaultError: of_vault,
        Exception: of_fault,
        **dict.fromkeys(BROKER, of_broker),
    }
    for kind, mapped in handlers.items():
        app.add_exception_handler(kind, _handler(mapped))


def answer_as_storage(app: FastAPI, *kinds: type[Exception]) -> None:
    """Let these, too, mean that the store does not answer."""
    for kind in kinds:
        app.add_exception_handler(kind, _handler(of_storage))


def shown_by(request: Request, show: Callable[[Declined], Response]) -> None:
    """Have whatever this request ends in shown so, to a person and not to a program."""
    request.state.show = show


def _handler(mapped: Callable[[Any], Declined]) -> Callable[[Request, Exception], Response]:
    async def handle(request: Request, error: Exception) -> Response:
        show: Callable[[Declined], Response] = getattr(request.state, "show", problem)
        return show(mapped(error))

    return handle  # type: ignore[return-value]  # handlers may be coroutines, too
