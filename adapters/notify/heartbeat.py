"""A sign of life for somebody outside: sent each minute, and not sent when something is wrong."""

from __future__ import annotations

import logging
from base64 import b64encode
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from http.client import HTTPException
from threading import Lock, Thread
from typing import Final
from urllib.error import HTTPError
from urllib.parse import unquote, urlsplit, urlunsplit
from urllib.request import HTTPRedirectHandler, Request, build_opener

from adapters.vault.vault import SecretMissing, Vault, VaultError

LOG: Final = logging.getLogger("atp.heartbeat")
EVERY: Final = timedelta(minutes=1)
TIMEOUT_S: Final = 10.0
REF: Final = "heartbeat"
Chore = Callable[[str, datetime], datetime | None]


class BadAddress(ValueError):
    """The heartbeat's address is none of the web; the message does not repeat it."""


class Heartbeat:
    """Calls an address while the schedule beats and the log is followed.

    The address is a secret: whoever knows it can pretend that we live. It may be in the vault under
    `heartbeat`, as `url`, or be given; `unwell` answers why no sign of life may be sent.
    """

    def __init__(
        self,
        url: str | None,
        vault: Vault | None,
        unwell: Callable[[], str | None],
        views_at: Callable[[], int],
        views_behind: Callable[[], int],
    ) -> None:
        self._url = checked(url) if url else None
        self._vault = vault
        self._unwell = unwell
        self._views_at = views_at
        self._views_behind = views_behind
        self._last_at: int | None = None
        self._calling = Lock()
        self._said: str | None = None

    def chores(self) -> Mapping[str, Chore]:
        """By the name under which the engine calls it: an engine that stands still does not."""
        return {"heartbeat": self.beat}

    def beat(self, _: str, now: datetime) -> datetime:
        """Give a sign of life if there is life; never waits for the answer."""
        why = self._unwell() or self._standing_still()
        url = self._address()
        if url is not None:
            self._say("no heartbeat is sent", why)
            if why is None:
                self._call(url)
        return now + EVERY

    def _standing_still(self) -> str | None:
        """Whether the views are behind, and have not moved for a minute."""
        before, self._last_at = self._last_at, self._views_at()
        if self._views_behind() > 0 and before == self._last_at:
            return "the log is not followed"
        return None

    def _address(self) -> str | None:
        if self._url is not None or self._vault is None:
            return self._url
        try:
            return checked(self._vault.read(REF)["url"])
        except SecretMissing:
            return None
        except (VaultError, KeyError, BadAddress) as fault:
            self._say("the heartbeat has no address", type(fault).__name__)
            return None

    def _call(self, url: str) -> None:
        if self._calling.acquire(blocking=False):  # else the last one is still under way
            Thread(target=self._ask, args=(url,), name="heartbeat", daemon=True).start()

    def _ask(self, url: str) -> None:
        try:
            self._say("the heartbeat does not get through", called(url))
        finally:
            self._calling.release()

    def _say(self, what: str, why: str | None) -> None:
        """Once each time it changes: a minute's silence is no news of its own."""
        said = f"{what}: {why}" if why else None
        if said is not None and said != self._said:
            LOG.warning(said)
        if said is not None or (self._said or "").startswith(what):
            self._said = said


class _Stays(HTTPRedirectHandler):
    """Leads nowhere else: the address is for one place."""

    def redirect_request(self, *_: object, **__: object) -> None:
        return None


def called(url: str) -> str | None:
    """Ask for this address; answers what went wrong, without repeating it."""
    try:
        with build_opener(_Stays).open(asking(url), timeout=TIMEOUT_S) as answer:
            answer.read(1000)
    except HTTPError as refusal:
        return f"it answered {refusal.code}"
    except (OSError, HTTPException, ValueError) as fault:
        return type(fault).__name__
    return None


def asking(url: str) -> Request:
    """What is sent: a name and password in the address become a header, as browsers have it."""
    parts = urlsplit(url)
    given, at, place = parts.netloc.rpartition("@")
    request = Request(urlunsplit(parts._replace(netloc=place, fragment="")))
    if at:
        basic = b64encode(unquote(given).encode()).decode()
        request.add_unredirected_header("Authorization", f"Basic {basic}")
    return request


def checked(url: str) -> str:
    """The address itself; raises BadAddress."""
    try:
        parts = urlsplit(url.strip())
    except ValueError:
        raise BadAddress("the heartbeat needs an address of the web") from None
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise BadAddress("the heartbeat needs an http or https address")
    return url.strip()
