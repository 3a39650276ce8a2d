"""Every broker this platform knows, by name; a broker is loaded when an account first needs it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

from commands.ports import Broker

#: Account and its settings (places, keys, tokens as text) → the broker for that account.
Connect = Callable[[str, Mapping[str, str]], Broker]


class UnknownBroker(LookupError):
    """No broker of that name."""


class MissingSetting(LookupError):
    """A broker cannot be reached without that setting."""


def _paper(account: str, settings: Mapping[str, str]) -> Broker:
    from adapters.brokers.paper.client import PaperBroker

    return PaperBroker(Path(_needed("paper", settings, "endpoint")), account)


BROKERS: Final[Mapping[str, Connect]] = {
    "paper": _paper,
}


def connect(broker: str, account: str, settings: Mapping[str, str]) -> Broker:
    """The account at that broker; raises UnknownBroker, MissingSetting."""
    if broker not in BROKERS:
        raise UnknownBroker(f"{broker!r} is none of {', '.join(BROKERS)}")
    return BROKERS[broker](account, settings)


def _needed(broker: str, settings: Mapping[str, str], name: str) -> str:
    if name not in settings:
        raise MissingSetting(f"the broker {broker} needs the setting {name!r}")
    return settings[name]
