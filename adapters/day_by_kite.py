"""A paper account's orders by way of Kite: the real adapter and client, its wire, the simulator."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

from adapters.brokers.registry import connect
from adapters.brokers.zerodha.session import app_ref
from adapters.day import Pit
from adapters.simulators.kite.limits import Limits
from adapters.simulators.kite.simulator import KiteSimulator
from adapters.vault.file import VAULT, FileVault
from adapters.vault.keys import KEY_BYTES
from commands.ports import Broker

#: A stepped clock stands still while a decision reads what it needs: only orders have a pace there.
UNHURRIED: Final = Limits(quotes_a_second=None, historical_a_second=None, others_a_second=None)


@contextmanager
def by_kite(pit: Pit) -> Iterator[Callable[[str], Broker]]:
    """Brokers of the exchange's accounts, each logged in at a simulator that stops afterwards."""
    chance = random.Random(pit.seed)
    vault = FileVault(pit.folder / VAULT, chance.randbytes(KEY_BYTES))
    simulator = KiteSimulator(pit.exchange, pit.market, pit.clock, limits=UNHURRIED, seed=pit.seed)
    simulator.start()
    brokers: dict[str, Broker] = {}

    def broker(account_id: str) -> Broker:
        if account_id not in brokers:
            key, secret = chance.randbytes(8).hex(), chance.randbytes(16).hex()
            simulator.add_app(account_id, key, secret, f"SIM{len(brokers) + 1:03d}")
            vault.write(app_ref(account_id), {"api_key": key, "api_secret": secret})
            places = {"root": simulator.root, "ws": simulator.ws, "login": simulator.root}
            brokers[account_id] = connect("zerodha", account_id, places, vault)
            brokers[account_id].exchange_token(simulator.request_token(key))
        return brokers[account_id]

    try:
        yield broker
    finally:
        simulator.stop()
