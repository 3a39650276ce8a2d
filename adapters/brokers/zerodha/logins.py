"""What opens an account's stream, as the vault has it now."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Final

from adapters.brokers.zerodha.line import Login
from adapters.brokers.zerodha.session import read_app, read_session
from adapters.vault.vault import SecretMissing, Vault, VaultError

LOG: Final = logging.getLogger("atp.zerodha.feed")


def login_of(vault: Vault) -> Callable[[str], Login | None]:
    """The login of an account; None while there is none, or the vault cannot tell."""

    def login(account_id: str) -> Login | None:
        try:
            app, session = read_app(vault, account_id), read_session(vault, account_id)
        except SecretMissing:
            return None
        except VaultError as error:
            LOG.error("the stream of %s waits for the vault: %s", account_id, error)
            return None
        return Login(app.api_key, session.access_token)

    return login
