"""What Kite posts about orders: believed in nothing but that the book of an account has changed."""

from __future__ import annotations

import hmac
from collections import OrderedDict
from collections.abc import Callable
from hashlib import sha256
from threading import Lock
from typing import Final

from pydantic import ValidationError

from adapters.brokers.zerodha.session import read_app
from adapters.postbox import Malformed, Postback, PostbackRefused
from adapters.vault.vault import BadReference, SecretMissing, Vault

REMEMBERED: Final = 5_000
#: Stands in for the secret of an account that has none, so that both take the same work.
NOBODYS: Final = "0" * 32


class Postbacks:
    """Checks who sent it, and passes on that there is news; a replay has no second effect."""

    def __init__(self, vault: Vault, news: Callable[[str], None]) -> None:
        self._vault = vault
        self._news = news
        self._seen: OrderedDict[bytes, None] = OrderedDict()
        self._lock = Lock()

    def receive(self, account_id: str, body: bytes) -> None:
        """Take a postback as it came; raises Malformed, PostbackRefused, VaultError."""
        try:
            postback = Postback.model_validate_json(body)
        except ValidationError as error:
            wrong = ", ".join(str(each["loc"][0]) for each in error.errors() if each["loc"])
            raise Malformed(f"missing or wrong: {wrong}" if wrong else "no JSON") from None
        secret = self._secret(account_id)
        signed = f"{postback.order_id}{postback.order_timestamp}{secret or NOBODYS}"
        expected = sha256(signed.encode()).hexdigest()
        genuine = hmac.compare_digest(expected.encode(), postback.checksum.encode())
        if not (genuine and secret):
            raise PostbackRefused(f"no postback of {account_id} has this checksum")
        if self._new(account_id, body):
            self._news(account_id)

    def _secret(self, account_id: str) -> str | None:
        try:
            return read_app(self._vault, account_id).api_secret
        except (SecretMissing, BadReference):
            return None

    def _new(self, account_id: str, body: bytes) -> bool:
        """Whether this very postback was not heard before.

        The checksum alone would not tell: Kite's is the same for every state of an order.
        """
        told = sha256(account_id.encode() + b"\0" + body).digest()
        with self._lock:
            if told in self._seen:
                return False
            self._seen[told] = None
            while len(self._seen) > REMEMBERED:
                self._seen.popitem(last=False)
            return True
