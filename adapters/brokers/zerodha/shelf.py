"""Where the daily lists are kept: a file for each that came whole, none for any that did not."""

from __future__ import annotations

import gzip
import os
import zlib
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from adapters.brokers.zerodha.dump import Dump, read_dump
from adapters.market.instruments import BadInstruments
from domain.calendar import IST, ist_date

STAMP: Final = "%Y%m%dT%H%M%S"
SUFFIX: Final = ".csv.gz"
KNOWN: Final = "known"
#: Lists of this many mornings stay, so that a change can be looked up.
KEPT: Final = 10


class Shelf:
    """The lists of one exchange on disk, named by when they were fetched (IST)."""

    def __init__(self, folder: Path, exchange: str) -> None:
        self.folder = folder
        self.exchange = exchange

    def put(self, text: str, at: datetime) -> None:
        """Keep this list, whole or not at all, and forget the oldest."""
        name = f"{self.exchange}-{at.astimezone(IST):{STAMP}}{SUFFIX}"
        self._write(self.folder / name, gzip.compress(text.encode()))
        for _, path in sorted(self._kept())[:-KEPT]:
            path.unlink(missing_ok=True)

    def newest(self) -> tuple[datetime, Dump] | None:
        """The last that can be read, with the time it was fetched."""
        for at, path in sorted(self._kept(), reverse=True):
            try:
                return at, read_dump(self.exchange, self._read(path), ist_date(at))
            except BadInstruments:
                continue  # a damaged file is as good as none: the list is fetched again
        return None

    def known(self) -> str | None:
        """The list whose differences from the one before it were recorded; None before any."""
        path = self.folder / f"{self.exchange}-{KNOWN}{SUFFIX}"
        try:
            return self._read(path) if path.is_file() else None
        except BadInstruments:
            return None

    def know(self, text: str) -> None:
        """What differs from here on differs from this."""
        path = self.folder / f"{self.exchange}-{KNOWN}{SUFFIX}"
        self._write(path, gzip.compress(text.encode()))

    def text(self, at: datetime) -> str:
        """The list fetched then, as it came; raises BadInstruments."""
        return self._read(self.folder / f"{self.exchange}-{at.astimezone(IST):{STAMP}}{SUFFIX}")

    def _kept(self) -> Iterator[tuple[datetime, Path]]:
        for path in self.folder.glob(f"{self.exchange}-*{SUFFIX}"):
            stamp = path.name.removeprefix(f"{self.exchange}-").removesuffix(SUFFIX)
            if stamp != KNOWN:
                at = datetime.strptime(stamp, STAMP).replace(tzinfo=IST)
                yield at.astimezone(UTC), path

    def _read(self, path: Path) -> str:
        try:
            with gzip.open(path, "rt", encoding="utf-8", newline="") as packed:
                return packed.read()
        except (EOFError, OSError, zlib.error, UnicodeDecodeError) as error:
            raise BadInstruments(f"{path.name} is damaged: {error}") from error

    def _write(self, path: Path, content: bytes) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        beside = path.with_name(f".{path.name}.{os.getpid()}")
        with beside.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        beside.replace(path)
