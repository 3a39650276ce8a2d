"""Every broker this platform knows, by name; a broker is loaded when an account first needs it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

from adapters.vault.vault import Vault
from commands.ports import Broker

#: Account, its settings (places as text) and the vault of its secrets → the broker for it.
Connect = Callable[[str, Mapping[str, str], Vault], Broker]


class UnknownBroker(LookupError):
    """No broker of that name."""


class MissingSetting(LookupError):
    """A broker cannot be reached without that setting."""


def _paper(account: str, settings: Mapping[str, str], _: Vault) -> Broker:
    from adapters.brokers.paper.client import PaperBroker

    return PaperBroker(Path(_needed("paper", settings, "endpoint")), account)


def _zerodha(account: str, settings: Mapping[str, str], vault: Vault) -> Broker:
    from adapters.brokers.zerodha.broker import ZerodhaBroker

    return ZerodhaBroker(account, settings, vault)


BROKERS: Final[Mapping[str, Connect]] = {
    "paper": _paper,
    "zerodha": _zerodha,
}


def connect(broker: str, account: str, settings: Mapping[str, str], vault: Vault) -> Broker:
    """The account at that broker; raises UnknownBroker, MissingSetting."""
    if broker not in BROKERS:
        raise UnknownBroker(f"{broker!r} is none of {', '.join(BROKERS)}")
    return BROKERS[broker](account, settings, vault)


def _needed(broker: str, settings: Mapping[str, str], name: str) -> str:
    if name not in settings:
        raise MissingSetting(f"the broker {broker} needs the setting {name!r}")
    return settings[name]
