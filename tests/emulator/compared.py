"""What views hold, wherever they are kept; and the same events in the one-process engine's."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from adapters.aws.exports import Spelt, scanned
from adapters.runtime import STORE, open_read_side, open_trading
from adapters.store.commit_item import to_events
from adapters.store.sqlite import open_sqlite
from adapters.views.dynamodb import DynamoDBTables
from commands.application import Trading
from domain.run import Run
from projections.catalogue import CATALOGUE
from projections.tables import Asked, Tables
from tests.emulator.deploying import Deployed

#: Of each model, every item: its version, and what it shows.
Shown = Mapping[str, Mapping[tuple[str, str], tuple[int, object]]]
MOST = 10_000


def shown(tables: Tables) -> Shown:
    """Everything that the views hold."""
    found = {}
    for model in CATALOGUE:
        table = tables.live(model.shape)
        items = {}
        for gate in table.heads():
            rows = [
                row for _, row in table.ask(Asked(index=None, partition=gate.stream, limit=MOST))
            ]
            for item in (gate, *rows):
                items[item.stream, item.id] = (item.version, item.body)
        found[model.name] = items
    return found


def shown_at(deployed: Deployed, prefix: str) -> Shown:
    """Everything that a stage's views hold."""
    return shown(DynamoDBTables(deployed.emulator.client("dynamodb"), prefix))


@dataclass(frozen=True)
class OneProcess:
    """The engine of one process, with the events of a deployed stage."""

    trading: Trading
    views: Shown

    heads: Callable[[], Mapping[str, int]]
    """The last version of every stream."""

    def runs(self) -> list[Run]:
        """Every run there was."""
        return [
            self.trading.load(stream, Run) for stream, _ in sorted(self.views["runs"]) if stream
        ]


@contextmanager
def in_one_process(deployed: Deployed, events: str, folder: Path) -> Iterator[OneProcess]:
    """The events of that table in a folder of the one-process engine, and its views of them."""
    folder.mkdir()
    recorder = open_sqlite(folder / STORE)
    for item in sorted(scanned(deployed.emulator.client("dynamodb"), events), key=_place):
        recorder.insert_events(to_events(item))
    recorder.datastore.close()
    reads = open_read_side(folder)
    trading = open_trading(folder, bytes)
    try:
        assert reads.follower is not None
        reads.follower.catch_up()
        yield OneProcess(trading, shown(reads.tables), lambda: dict(reads.source.heads()))
    finally:
        reads.close()
        trading.close()


def _place(item: Spelt) -> tuple[str, int]:
    """A scan of AWS tells a stream in order; the emulator sorts numbers as text."""
    return item["pk"]["S"], int(item["sk"]["N"])
