"""A browser's session: its refresh token in a cookie that no script reads and our own pages use."""

from __future__ import annotations

from typing import Final

from fastapi import Request as HttpRequest
from starlette.responses import Response

from adapters.api.problems import Declined
from adapters.identity.sessions import IDLE
from adapters.identity.terms import IdentityAway, Tokens

COOKIE: Final = "atp_refresh"
#: Says to a page that there may be a session; it holds nothing.
MARK: Final = "atp_session"
PATH: Final = "/auth"
#: Letters of name and value; a browser loses what is larger, and says nothing.
LARGEST: Final = 4096
#: Seconds; each refresh begins them anew, as it does the session's own.
LASTS_S: Final = int(IDLE.total_seconds())


def from_own_page(http: HttpRequest) -> None:
    """Refuse a cookie to a page of elsewhere; browsers say where a request comes from."""
    if http.headers.get("sec-fetch-site") != "same-origin":
        raise Declined(403, "not-our-page", "a session in a cookie is for the platform's own pages")


def refresh_token_of(http: HttpRequest) -> str:
    """The token that the browser keeps; empty where it keeps none."""
    return http.cookies.get(COOKIE, "")


def keep(response: Response, tokens: Tokens, http: HttpRequest) -> None:
    """Have the browser keep it, for the platform's own pages alone; a session may have none yet."""
    if not tokens.refresh:
        forget(response)
        return
    if len(COOKIE) + len(tokens.refresh) > LARGEST:
        raise IdentityAway("its refresh token is larger than any that a browser keeps")
    secure = http.url.scheme == "https"
    for name, value, path, hidden in (
        (COOKIE, tokens.refresh, PATH, True),
        (MARK, "1", "/", False),
    ):
        response.set_cookie(
            name, value, LASTS_S, path=path, secure=secure, httponly=hidden, samesite="strict"
        )


def forget(response: Response) -> None:
    """Have the browser keep nothing."""
    response.delete_cookie(COOKIE, path=PATH, httponly=True, samesite="strict")
    response.delete_cookie(MARK, path="/", samesite="strict")
