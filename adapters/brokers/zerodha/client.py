"""Zerodha's own client for one account, with its session from the vault and its faults in ours."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Final, TypeVar  # Any: the client is not typed
from urllib.parse import urlencode, urlsplit

from kiteconnect import KiteConnect

from adapters.brokers.zerodha.errors import FAULTS, changed, unread
from adapters.brokers.zerodha.rows import moment
from adapters.brokers.zerodha.session import (
    App,
    KiteSession,
    read_app,
    read_session,
    write_session,
)
from adapters.brokers.zerodha.transport import CONNECT_S, open_session
from adapters.vault.vault import SecretMissing, Vault, VaultError
from domain.book import AddressRefused, BrokerError, Rejected, SessionExpired, Unavailable

ROOT: Final = "https://api.kite.trade"
LOGIN: Final = "https://kite.zerodha.com"
WEBSOCKET: Final = "wss://ws.kite.trade"
TIMEOUT_S: Final = 7.0
LOOPBACK: Final = frozenset(("127.0.0.1", "localhost"))

T = TypeVar("T")
Judge = Callable[[Exception, tuple[str, ...]], BrokerError]


class UnsafePlace(ValueError):
    """Kite is asked at a plain https://host; only a simulator on this machine needs no TLS."""


class Kite:
    """One account's client; safe to share between threads.

    `calling` and `reading` hand the official `KiteConnect` to what they are given, and raise
    nothing but errors of `domain.book`.
    """

    def __init__(self, account_id: str, settings: Mapping[str, str], vault: Vault) -> None:
        self._account_id = account_id
        self._vault = vault
        self._root = plain_root(settings.get("root", ROOT))
        self._login = settings.get("login", LOGIN).rstrip("/")
        self.ws: Final = settings.get("ws", WEBSOCKET)
        answer_s = float(settings.get("timeout_s", TIMEOUT_S))
        self._timeout = (min(CONNECT_S, answer_s), answer_s)
        self._wire = open_session()
        self._client: Any = None

    def calling(self, ask: Callable[[Any], T]) -> T:
        """Ask for a change, once; raises Rejected, NotSent, Unknown, SessionExpired."""
        return self._asked(ask, changed)

    def reading(self, ask: Callable[[Any], T]) -> T:
        """Read something of the account; raises Unavailable, SessionExpired."""
        return self._asked(ask, unread)

    def instruments(self, exchange: str) -> bytes:
        """The contracts listed today as CSV, for which nobody has to be logged in."""
        app = self._app()
        client = self._client or self._new_client(app.api_key, None)
        route = {"route": "market.instruments", "url_args": {"exchange": exchange}}
        dump = _answer(lambda kite: kite._get(**route), client, unread, self._secrets(client))
        if not isinstance(dump, bytes):
            raise Unavailable(f"the instruments of {exchange} came in no form that is known")
        return dump

    def credentials(self) -> tuple[str, str]:
        """API key and access token, for the WebSocket; raises SessionExpired."""
        client = self._client or self._from_vault()
        return client.api_key, client.access_token

    def login_url(self) -> str:
        """Where the trader logs in; raises Rejected before an app is known."""
        query = urlencode({"v": 3, "api_key": self._app().api_key})
        return f"{self._login}/connect/login?{query}"

    def exchange_token(self, request_token: str) -> KiteSession:
        """Open the day's session and keep it in the vault; raises Rejected, Unavailable.

        A request token works once: after Unavailable the trader logs in again.
        """
        app = self._app()
        client = self._new_client(app.api_key, None)
        secrets = (app.api_key, app.api_secret, request_token)
        told = _answer(
            lambda kite: kite.generate_session(request_token, app.api_secret),
            client, _of_login, secrets,
        )  # fmt: skip
        session = _opened(told)
        try:
            write_session(self._vault, self._account_id, session)
        except VaultError as error:
            raise Unavailable(f"the session could not be kept: {error}") from error
        self._client = client
        return session

    def end_session(self) -> None:
        """Kill the token at Kite, so that it is worth nothing to whoever finds it.

        Raises Rejected, NotSent, Unknown; a session that is over is no fault.
        """
        try:
            client = self._client or self._from_vault()
            self._client = None
            secrets = self._secrets(client)
            _answer(lambda kite: kite.invalidate_access_token(), client, changed, secrets)
        except SessionExpired:
            return

    def _asked(self, ask: Callable[[Any], T], judge: Judge) -> T:
        client = self._client or self._from_vault()
        try:
            return _answer(ask, client, judge, self._secrets(client))
        except AddressRefused:
            raise
        except SessionExpired:
            newer = self._from_vault(anew=True)
            if newer.access_token == client.access_token:
                self._client = None
                raise
        # Another process logged in, which ended the session of the first client.
        return _answer(ask, newer, judge, self._secrets(newer))

    def _from_vault(self, *, anew: bool = False) -> Any:
        """The client of the latest session that was opened, whoever opened it."""
        try:
            app = read_app(self._vault, self._account_id, anew=anew)
            session = read_session(self._vault, self._account_id, anew=anew)
        except SecretMissing as error:
            raise SessionExpired(f"nobody is logged in at Zerodha: {error}") from error
        except (VaultError, ValueError) as error:
            raise SessionExpired(f"the session at Zerodha cannot be read: {error}") from error
        self._client = client = self._new_client(app.api_key, session.access_token)
        return client

    def _app(self) -> App:
        try:
            return read_app(self._vault, self._account_id)
        except VaultError as error:
            raise Rejected(f"the account has no Kite Connect app: {error}") from error

    def _new_client(self, api_key: str, access_token: str | None) -> Any:
        client = KiteConnect(api_key, access_token, root=self._root, timeout=self._timeout)
        client.reqsession = self._wire
        return client

    def _secrets(self, client: Any) -> tuple[str, ...]:
        return (client.api_key, client.access_token or "")


def plain_root(root: str) -> str:
    """The address itself; raises UnsafePlace for one that would lose its path or show the token."""
    parts = urlsplit(root)
    safe = parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in LOOPBACK)
    if not safe or not parts.hostname or parts.path.strip("/") or parts.query or parts.username:
        raise UnsafePlace(f"{parts.scheme}://{parts.hostname}{parts.path} is no place to ask Kite")
    return root


def _answer(ask: Callable[[Any], T], client: Any, judge: Judge, secrets: tuple[str, ...]) -> T:
    """The error is raised outside its handler: what it came of carries URLs and headers."""
    try:
        return ask(client)
    except FAULTS as error:
        failure = judge(error, secrets)
    raise failure


def _of_login(error: Exception, secrets: tuple[str, ...]) -> BrokerError:
    """A refused login is final for its request token; after anything else it may be spent."""
    found = changed(error, secrets)
    refused = isinstance(found, Rejected | SessionExpired)
    return (Rejected if refused else Unavailable)(str(found))


def _opened(told: Mapping[str, Any]) -> KiteSession:
    """Kite's answer to a login; raises Unavailable."""
    token, user, login = (told.get(name) for name in ("access_token", "user_id", "login_time"))
    at = moment(login) if isinstance(login, str | datetime) else None
    if not token or not user or at is None:
        raise Unavailable("Kite's answer to the login lacks the token, the user or the time")
    return KiteSession(access_token=str(token), opened_at=at, user_id=str(user))
