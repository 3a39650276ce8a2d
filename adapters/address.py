"""The public IPv4 address of this machine, asked of several services that have to agree."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from ipaddress import AddressValueError, IPv4Address
from typing import Final

import httpx

#: Each answers the caller's address, as text or as JSON with `ip`.
SERVICES: Final = (
    "https://api.ipify.org",
    "https://checkip.amazonaws.com",
    "https://ipv4.icanhazip.com",
)
TIMEOUT_S: Final = 4.0
LONGEST: Final = 1000
#: Binding to it leaves IPv6 out: brokers know registered IPv4 addresses.
ANY_IPV4: Final = "0.0.0.0"


class AddressUnknown(Exception):
    """Nobody told the address, or they contradict each other; the message says what each said."""


class PublicAddress:
    """Asks echo services that have nothing to do with each other."""

    def __init__(self, services: Sequence[str] = SERVICES, timeout_s: float = TIMEOUT_S) -> None:
        self.services = tuple(services)
        self.timeout_s = timeout_s

    def look(self) -> IPv4Address:
        """The address that most of those who answer tell; raises AddressUnknown.

        One answer alone is believed where nobody contradicts it.
        """
        with ThreadPoolExecutor(max(1, len(self.services))) as threads:
            said = list(threads.map(self._ask, self.services))
        told = Counter(each for each in said if isinstance(each, IPv4Address)).most_common(2)
        if not told or (len(told) > 1 and told[0][1] == told[1][1]):
            answers = zip(self.services, said, strict=True)
            raise AddressUnknown("; ".join(f"{service}: {each}" for service, each in answers))
        return told[0][0]

    def _ask(self, service: str) -> IPv4Address | str:
        """The address, else what went wrong."""
        # Given a transport, the client heeds no proxy of its surroundings: brokers' calls do not.
        transport = httpx.HTTPTransport(local_address=ANY_IPV4, retries=0)
        try:
            with httpx.Client(transport=transport, timeout=self.timeout_s) as client:
                answer = client.get(service)
                answer.raise_for_status()
                return _parsed(answer.text[:LONGEST])
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            return type(error).__name__
        except (AddressValueError, ValueError):
            return "no address"


def _parsed(text: str) -> IPv4Address:
    text = text.strip()
    if text.startswith("{"):
        told = json.loads(text)
        text = str(told.get("ip", ""))
    return IPv4Address(text)
