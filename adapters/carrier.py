"""Through whose session prices are read, while several accounts could do it."""

from __future__ import annotations

from threading import Lock
from typing import TYPE_CHECKING, Final

from adapters.brokers.zerodha.session import app_ref
from adapters.live_home import LiveHome
from adapters.vault.vault import VaultError
from adapters.venue import Ground
from domain.account import BrokerAccount
from domain.account_terms import AccountStatus
from domain.book import SessionExpired

if TYPE_CHECKING:
    from adapters.brokers.zerodha.client import Kite

ZERODHA: Final = "zerodha"
NOBODY: Final = "no account at Zerodha is linked: link one and log in, prices come through it"
NO_KEYS: Final = "{} has no keys of a Kite Connect app yet: prices come through it"


class Carrier:
    """The account that was named for it, else the first that is logged in, else any at Zerodha."""

    def __init__(self, terms: LiveHome, ground: Ground) -> None:
        self.terms = terms
        self.ground = ground
        self._known: dict[str, bool] = {}
        """Linked accounts at Zerodha, and whether they are logged in."""
        self._clients: dict[str, Kite] = {}
        self._lock = Lock()

    def heed(self, account: BrokerAccount) -> None:
        """The account was linked, logged in or out, or unlinked."""
        with self._lock:
            if account.deleted:
                self._known.pop(account.id, None)
            else:
                self._known[account.id] = account.status is AccountStatus.CONNECTED

    def chosen(self) -> str | None:
        """Whose session it is; None where no account is linked."""
        with self._lock:
            named = self.terms.market_account
            if named in self._known:
                return named
            connected = [each for each, there in self._known.items() if there]
            return next(iter([*connected, *self._known]), None)

    def missing(self) -> str | None:
        """What a person has to do before Kite can be asked for anything; None for nothing."""
        account_id = self.chosen()
        if account_id is None:
            return NOBODY
        try:
            kept = self.ground.vault.has(app_ref(account_id))
        except VaultError as error:
            return f"the vault cannot be read: {error}"
        return None if kept else NO_KEYS.format(account_id)

    def __call__(self) -> Kite:
        """The client to read prices with; raises SessionExpired where there is none."""
        from adapters.brokers.zerodha.client import Kite

        account_id = self.chosen()
        if account_id is None:
            raise SessionExpired(NOBODY)
        with self._lock:
            if account_id not in self._clients:
                kite = Kite(account_id, self.terms.kite, self.ground.vault)
                self._clients[account_id] = kite
            return self._clients[account_id]
