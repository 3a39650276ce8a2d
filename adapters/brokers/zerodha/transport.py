"""The way to Kite: over IPv4, from a pool, each request once, answers read before the client does.

The client hides what it is told: a gateway's page becomes a 502 whatever its status, and errors
it has no class for, or without a type, lose their kind. So refusals are read here.
"""

from __future__ import annotations

from time import monotonic
from typing import Any, Final  # Any: what requests hands through to its pools

from requests import Response, Session
from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.exceptions import ConnectTimeoutError
from urllib3.util.retry import Retry

from adapters.brokers.zerodha.errors import Refusal
from adapters.brokers.zerodha.scrubbing import scrubbed_logger

#: Binding to it leaves addresses of IPv6 out: Kite takes orders from a registered IPv4 only.
ANY_IPV4: Final = ("0.0.0.0", 0)
POOL: Final = 16
#: One address is tried for this long.
CONNECT_S: Final = 3.0
#: Name, addresses and TLS together. After that the request is not sent: whoever asked has a
#: lease that may be over by then (`LEASE_RESERVE_S`).
READY_S: Final = 6.0


class Plain(HTTPConnection):
    """To a simulator on this machine."""

    def connect(self) -> None:
        begun = monotonic()
        super().connect()
        _in_time(self, begun)


class Secure(HTTPSConnection):
    """To Kite."""

    def connect(self) -> None:
        begun = monotonic()
        super().connect()
        _in_time(self, begun)


def _in_time(connection: HTTPConnection, begun: float) -> None:
    if monotonic() - begun > READY_S:
        connection.close()
        raise ConnectTimeoutError("connected too late to send anything")


class PlainPool(HTTPConnectionPool):
    ConnectionCls = Plain


class SecurePool(HTTPSConnectionPool):
    ConnectionCls = Secure


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
        self.poolmanager.pool_classes_by_scheme = {"http": PlainPool, "https": SecurePool}


def open_session() -> Session:
    """A session that heeds no proxy and no .netrc of its surroundings."""
    scrubbed_logger("urllib3.connectionpool")  # it logs URLs, and Kite wants a token in one
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
