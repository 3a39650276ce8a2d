"""Login, session and profile."""

from __future__ import annotations

from typing import Final
from urllib.parse import urlencode, urlsplit, urlunsplit

from adapters.simulators.kite.answers import KiteError, success
from adapters.simulators.kite.forms import needed
from adapters.simulators.kite.rows import Row, stamp
from adapters.simulators.kite.sessions import KiteApp, Sessions
from adapters.simulators.kite.venue import Call, Venue
from adapters.simulators.kite.wire import HTML, Answer, Request

EXCHANGES: Final = ("NSE", "NFO", "BFO", "BSE")
PRODUCTS: Final = ("CNC", "NRML", "MIS")
ORDER_TYPES: Final = ("MARKET", "LIMIT", "SL", "SL-M")


def login(sessions: Sessions, request: Request) -> Answer:
    """The login page, already filled in: it sends the browser back with a request token."""
    api_key = request.query.get("api_key", [""])[-1]
    try:
        app = sessions.app(api_key)
    except KiteError as error:
        return Answer(status=400, body=f"<h1>{error.message}</h1>".encode(), kind=HTML)
    fields = {
        "action": "login",
        "type": "login",
        "status": "success",
        "request_token": sessions.request_token(api_key),
    }
    more = request.query.get("redirect_params", [""])[-1]
    place = urlsplit(app.redirect_url)
    query = "&".join(part for part in (place.query, urlencode(fields), more) if part)
    return Answer(
        status=302, kind=HTML, headers={"Location": urlunsplit(place._replace(query=query))}
    )


def open_session(venue: Venue, request: Request) -> Answer:
    """Exchange a request token for an access token."""
    form = request.form
    session = venue.sessions.exchange(
        needed(form, "api_key"), needed(form, "request_token"), needed(form, "checksum")
    )
    return success(
        {
            **_user(session.app),
            "api_key": session.app.api_key,
            "access_token": session.access_token,
            "public_token": session.access_token[::-1],
            "enctoken": "",
            "refresh_token": "",
            "silo": "",
            "login_time": stamp(session.opened_at),
        }
    )


def close_session(venue: Venue, request: Request) -> Answer:
    form = request.form
    venue.sessions.close(needed(form, "api_key"), needed(form, "access_token"))
    return success(True)


def profile(call: Call) -> Answer:
    return success(_user(call.app))


def _user(app: KiteApp) -> Row:
    return {
        "user_id": app.user_id,
        "user_type": "individual",
        "email": f"{app.user_id.lower()}@example.com",
        "user_name": f"Trader {app.user_id}",
        "user_shortname": app.user_id,
        "broker": "ZERODHA",
        "exchanges": EXCHANGES,
        "products": PRODUCTS,
        "order_types": ORDER_TYPES,
        "avatar_url": None,
        "meta": {"demat_consent": "consent"},
    }
