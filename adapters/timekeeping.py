"""How far this machine's clock is off, as time servers see it (NTP)."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from statistics import median
from typing import Final

SERVERS: Final = ("in.pool.ntp.org", "time.cloudflare.com", "time.google.com")
TIMEOUT_S: Final = 3.0
PORT: Final = 123
#: An entry must not be early or late by more than this.
TOLERATED: Final = timedelta(milliseconds=500)


class TimeUnknown(Exception):
    """No time server answers; the message names what each said."""


class Timekeeping:
    """Asks time servers, each as `host` or `host:port`."""

    def __init__(self, servers: Sequence[str] = SERVERS, timeout_s: float = TIMEOUT_S) -> None:
        self.servers = tuple(servers)
        self.timeout_s = timeout_s

    def offset(self) -> timedelta:
        """What has to be added to this machine's time: the median of those who answer.

        Raises TimeUnknown.
        """
        with ThreadPoolExecutor(max(1, len(self.servers))) as threads:
            said = list(threads.map(self._ask, self.servers))
        told = [each for each in said if isinstance(each, float)]
        if not told:
            answers = zip(self.servers, said, strict=True)
            raise TimeUnknown("; ".join(f"{server}: {each}" for server, each in answers))
        return timedelta(seconds=median(told))

    def _ask(self, server: str) -> float | str:
        """Seconds, else what went wrong."""
        import ntplib  # type: ignore[import-untyped]  # it publishes no annotations

        host, _, port = server.partition(":")
        try:
            answer = ntplib.NTPClient().request(
                host, version=4, port=int(port or PORT), timeout=self.timeout_s
            )
        except (ntplib.NTPException, OSError) as error:
            return f"{type(error).__name__}: {error}"
        return float(answer.offset)


def off(offset: timedelta) -> str | None:
    """How far the clock is off, in words; None while that is tolerated."""
    if abs(offset) <= TOLERATED:
        return None
    way = "behind" if offset > timedelta() else "ahead"
    return f"this machine's clock is {abs(offset) / timedelta(milliseconds=1):.0f} ms {way}"
