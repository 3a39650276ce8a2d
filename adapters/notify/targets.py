"""Where each user is told: names that they chose, and addresses that only the vault holds."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from threading import Lock, RLock
from typing import Final

from adapters.notify.services import channel_of
from adapters.notify.target import BadTarget, Seen, checked, schema_of
from adapters.vault.vault import SecretMissing, Vault
from domain.notifications import Channel

NAME: Final = r"[A-Za-z0-9_-]{1,40}"
MOST: Final = 10


@dataclass(frozen=True, kw_only=True)
class Named:
    """A target as its user knows it."""

    name: str
    channel: Channel
    service: str
    shown: str


class Targets:
    """The targets of all users; raises the errors of the vault."""

    def __init__(self, vault: Vault) -> None:
        self._vault = vault
        self._known: dict[str, Mapping[str, str]] = {}
        self._lock = Lock()
        self._change = RLock()

    def urls(self, user_id: str) -> Mapping[str, str]:
        """Secret addresses by name, as this process knows them."""
        with self._lock:
            known = self._known.get(user_id)
        if known is None:
            known = self._read(user_id)
            with self._lock:
                self._known[user_id] = known
        return known

    def anybody(self) -> bool:
        """Whether anyone has a target at all."""
        return any(ref.startswith(_ref("")) for ref in self._vault.refs())

    def changed(self, user_id: str) -> None:
        """Somebody chose other targets: they are read anew."""
        with self._lock:
            self._known.pop(user_id, None)

    def shown(self, user_id: str) -> list[Named]:
        """What may be shown, by name."""
        self.changed(user_id)  # another process may have written
        return [_named(name, url) for name, url in sorted(self.urls(user_id).items())]

    @contextmanager
    def changing(self, user_id: str) -> Iterator[dict[str, str]]:
        """The addresses, to be changed; they are kept unless something is raised inside."""
        with self._change:
            urls = dict(self._read(user_id))
            yield urls
            if urls:
                self._vault.write(_ref(user_id), urls)
            else:
                self._vault.forget(_ref(user_id))
            self.changed(user_id)

    def _read(self, user_id: str) -> Mapping[str, str]:
        try:
            return self._vault.read(_ref(user_id))
        except SecretMissing:
            return {}


def add(urls: dict[str, str], name: str, url: str) -> Seen:
    """Put a target among these; raises BadTarget."""
    if not re.fullmatch(NAME, name):
        raise BadTarget("bad-name", "a name has 1 to 40 letters, digits, - and _")
    if name not in urls and len(urls) >= MOST:
        raise BadTarget("too-many-targets", f"{MOST} targets are the most")
    seen = checked(url)
    urls[name] = url.strip()
    return seen


def kinds(urls: Mapping[str, str]) -> tuple[Channel, ...]:
    """The kinds of channels among these: all that an event may know."""
    return tuple(sorted({channel_of(schema_of(url)) for url in urls.values()}))


def _named(name: str, url: str) -> Named:
    try:
        seen = checked(url)
    except BadTarget as bad:  # a service that this version of the library no longer knows
        return Named(name=name, channel=Channel.PUSH, service="unknown", shown=str(bad))
    return Named(name=name, channel=seen.channel, service=seen.service, shown=seen.shown)


def _ref(user_id: str) -> str:
    return f"notify/{user_id}"
