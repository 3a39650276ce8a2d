"""The way to Kite: over IPv4, from a pool, each request once, answers read before the client does.

The client hides what it is told: a gateway's page becomes a 502 whatever its status, and errors
it has no class for, or without a type, lose their kind. So refusals are read here.
"""

from __future__ import annotations

from typing import Any, Final  # Any: what requests hands through to its pools

from requests import Response, Session
from requests.adapters import HTTPAdapter
from urllib3.util.retry import Retry

from adapters.brokers.zerodha.errors import Refusal

#: Binding to it leaves addresses of IPv6 out: Kite takes orders from a registered IPv4 only.
ANY_IPV4: Final = ("0.0.0.0", 0)
POOL: Final = 16


class OverIPv4(HTTPAdapter):
    """Keeps connections open, and asks nothing twice."""

    def __init__(self) -> None:
        once = Retry(total=0, connect=0, read=False, redirect=0, status=0, other=0)
        super().__init__(pool_connections=2, pool_maxsize=POOL, max_retries=once)

    def init_poolmanager(
        self, connections: int, maxsize: int, block: bool = False, **pool_kwargs: Any
    ) -> None:
        pool_kwargs["source_address"] = ANY_IPV4
        super().init_poolmanager(connections, maxsize, block, **pool_kwargs)


def open_session() -> Session:
    """A session that heeds no proxy and no .netrc of its surroundings."""
    session = Session()
    session.trust_env = False  # a proxy has another address, and .netrc another Authorization
    session.hooks["response"] = [examine]
    for scheme in ("https://", "http://"):
        session.mount(scheme, OverIPv4())
    return session


# Any: the arguments that requests passes to every hook.
def examine(response: Response, **_: Any) -> None:
    """Raise Refusal at everything but a success; a redirection is none, it would send again."""
    if response.status_code < 300:
        return
    try:
        told = response.json()
    except ValueError:
        told = None
    if not isinstance(told, dict) or not isinstance(told.get("message"), str):
        raise Refusal(response.status_code, None, None)
    kind = told.get("error_type")
    raise Refusal(response.status_code, kind if isinstance(kind, str) else None, told["message"])
