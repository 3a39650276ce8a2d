"""What runs do, line by line in the terminal, as it happens."""

from __future__ import annotations

from threading import Event, Thread
from types import TracebackType
from typing import Self

from rich.console import Console

from adapters.cli.telling import Decision, FillTold, decisions, fills
from commands.application import Trading
from domain.calendar import IST
from projections.feed import Feed
from projections.runs import RUNS


class Ticker:
    """Prints the decisions, orders and fills of every run while it is entered."""

    def __init__(self, feed: Feed, trading: Trading, console: Console) -> None:
        self._feed = feed
        self._trading = trading
        self._console = console
        self._shown: dict[str, int] = {}
        self._stopping = Event()
        self._thread = Thread(target=self._watch, name="ticker", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stopping.set()
        self._thread.join()

    def _watch(self) -> None:
        with self._feed.subscribed(lambda change: change.view == RUNS.name) as news:
            while not self._stopping.is_set():
                for stream in dict.fromkeys(change.stream for change in news.take(timeout=0.5)):
                    self._print(stream)

    def _print(self, stream: str) -> None:
        shown = self._shown.get(stream, 0)
        history = self._trading.history(stream)
        lines = [(told.version, told.at, decided(told)) for told in decisions(history)]
        lines += [(told.version, told.at, filled(told)) for told in fills(history)]
        for version, at, line in sorted(lines):
            if version > shown:
                self._console.print(
                    f"{at.astimezone(IST):%d %b %H:%M:%S}  {line}", highlight=False, markup=False
                )
        self._shown[stream] = len(history)


def decided(told: Decision) -> str:
    """A decision as a line."""
    return f"{told.strategy}: {told.what}, {told.says}"


def filled(told: FillTold) -> str:
    """A fill as a line."""
    return f"{told.strategy}: {told.side} {told.quantity} {told.contract} at ₹{told.price:.2f}"
