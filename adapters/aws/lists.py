"""Kite's daily lists in S3: fetched by one function each morning, read by all others."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Final

from botocore.exceptions import BotoCoreError, ClientError

from adapters.brokers.zerodha.client import Kite
from adapters.brokers.zerodha.instruments import Instruments, Listed
from adapters.brokers.zerodha.market import KiteMarket
from adapters.brokers.zerodha.shelf import KNOWN, SUFFIX
from adapters.brokers.zerodha.ticks import TickBook
from commands.ports import Clock
from domain.chain import Chain

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

LOG: Final = logging.getLogger("atp.lists")
PREFIX: Final = "instruments/"
#: While today's are lacking it is looked again whether somebody has fetched them.
LOOK_AGAIN: Final = timedelta(seconds=20)


class Lists:
    """A folder of lists on this machine, and the same in the bucket for everybody."""

    def __init__(self, client: S3Client, bucket: str, folder: Path) -> None:
        self.folder = folder
        self._client = client
        self._bucket = bucket
        self._next: datetime | None = None

    def bring(self) -> int:
        """Copy what is newest of each exchange, and what was known; answers how many were new."""
        names = self._kept()
        newest = {name.partition("-")[0]: name for name in names if not _is_known(name)}
        wanted = [*newest.values(), *filter(_is_known, names)]
        missing = [name for name in wanted if _is_known(name) or not (self.folder / name).exists()]
        self.folder.mkdir(parents=True, exist_ok=True)
        for name in missing:
            found = self._client.get_object(Bucket=self._bucket, Key=PREFIX + name)
            beside = self.folder / f".{name}.coming"
            beside.write_bytes(found["Body"].read())
            beside.replace(self.folder / name)
        return sum(not _is_known(name) for name in missing)

    def keep(self) -> int:
        """Copy into the bucket what is new here, what is known last; answers how many it were."""
        there = set(self._kept())
        here = sorted(path.name for path in self.folder.glob(f"*{SUFFIX}"))
        wanted = [name for name in here if not _is_known(name) and name not in there]
        for name in (*wanted, *filter(_is_known, here)):
            content = (self.folder / name).read_bytes()
            self._client.put_object(Bucket=self._bucket, Key=PREFIX + name, Body=content)
        return len(wanted)

    def renew(self, instruments: Instruments, now: datetime) -> None:
        """Have these be the newest there are, without asking for that all the time.

        Where they cannot be had, whoever needs them is told by the market what is not known.
        """
        if (self._next is not None and now < self._next) or not instruments.lacking(now):
            return
        self._next = now + LOOK_AGAIN
        try:
            if self.bring():
                instruments.look_on_shelves()
        except (BotoCoreError, ClientError) as error:
            LOG.warning("the lists cannot be brought: %s", error)  # what is held says how old it is

    def _kept(self) -> list[str]:
        pages = self._client.get_paginator("list_objects_v2").paginate(
            Bucket=self._bucket, Prefix=PREFIX
        )
        keys = (each["Key"] for page in pages for each in page.get("Contents", []))
        return sorted(key.removeprefix(PREFIX) for key in keys if key.endswith(SUFFIX))


class SharedMarket(KiteMarket):
    """Kite's market, by lists that another worker fetched."""

    def __init__(
        self, kite: Callable[[], Kite], ticks: TickBook, clock: Clock, lists: Lists
    ) -> None:
        super().__init__(kite, ticks, clock, lists.folder)
        self._lists = lists

    def chain(self, day: date) -> Chain:
        self._lists.renew(self.instruments, self._clock.now())
        return super().chain(day)

    def _listed(self, now: datetime) -> Listed:
        self._lists.renew(self.instruments, now)
        return super()._listed(now)


def _is_known(name: str) -> bool:
    return name.endswith(f"-{KNOWN}{SUFFIX}")
