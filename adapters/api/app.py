"""The application: every noun's endpoints over one platform."""

from __future__ import annotations

from collections.abc import Sequence
from importlib.metadata import PackageNotFoundError, version
from types import ModuleType
from typing import Final

from fastapi import FastAPI
from starlette.middleware.cors import CORSMiddleware

from adapters.api import (
    account_sessions,
    accounts,
    audit,
    auth,
    baskets,
    drift,
    due,
    health,
    inbox,
    limits,
    live_pnl,
    market,
    notifications,
    orders,
    positions,
    postback,
    preview,
    reasons,
    runs,
    schedule,
    strategies,
    stream,
    streams,
    users,
    versions,
)
from adapters.api.callers import Roles
from adapters.api.context import ApiContext
from adapters.api.middleware import Guarded
from adapters.api.openapi import METHODS, document
from adapters.api.problems import answer_problems

#: Paths with a fixed word come before those with an id in its place.
NOUNS: Final[tuple[ModuleType, ...]] = (
    health,
    auth,
    users,
    accounts,
    account_sessions,
    limits,
    drift,
    postback,
    baskets,
    strategies,
    versions,
    schedule,
    due,
    reasons,
    runs,
    orders,
    positions,
    live_pnl,
    market,
    preview,
    audit,
    streams,
    inbox,
    notifications,
    stream,
)

ABOUT: Final = """Baskets of option strategies, entered and left at their times through the trader's
own broker account. Money is ₹ and JSON numbers (numbers or text are accepted); times of schedules
are IST, all others UTC. Errors are problem+json (RFC 9457) with a stable `type`. Lists are paged
by an opaque cursor. A POST may carry an Idempotency-Key, a PUT or DELETE an If-Match."""


#: What a page of another origin may send, and read of the answer.
SENT: Final = ("Authorization", "Content-Type", "Idempotency-Key", "If-Match", "X-Request-ID")
READ: Final = ("ETag", "Retry-After", "X-Request-ID")


def create_app(context: ApiContext, origins: Sequence[str] = ()) -> FastAPI:
    """The API over this platform; it owns nothing and starts nothing.

    `origins` are those whose pages may call it from a browser.
    """
    app = described()
    app.state.context = context
    app.state.roles = Roles(context.bus.trading)
    answer_problems(app)
    if origins:
        app.add_middleware(
            CORSMiddleware,
            allow_origins=list(origins),
            allow_methods=[method.upper() for method in METHODS],
            allow_headers=list(SENT),
            expose_headers=list(READ),
        )
    app.add_middleware(Guarded)
    return app


def described() -> FastAPI:
    """Every endpoint and its description, over no platform: nothing can be asked of it."""
    app = FastAPI(
        title="Algo Trading Platform",
        version=_version(),
        description=ABOUT,
        docs_url=None,  # they would load scripts from elsewhere
        redoc_url=None,
        redirect_slashes=False,
    )
    for noun in NOUNS:
        app.include_router(noun.router, tags=[noun.__name__.rpartition(".")[2]])
    app.openapi = lambda: document(app)  # type: ignore[method-assign]  # as FastAPI has it extended
    return app


def _version() -> str:
    try:
        return version("algo-trading-platform")
    except PackageNotFoundError:
        return "0"
