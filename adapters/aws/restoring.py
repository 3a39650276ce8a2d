"""A lost stage made again: its events into a new table, its views by replay, and halted meanwhile.

The halt stands before the first event is there, and only a reconciliation of every account lifts it
(`adapters.aws.releasing`). Each step may be repeated, and goes on from where it stopped.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import TYPE_CHECKING, Any, Final

from adapters.aws.exports import RestoreFault, Spelt
from adapters.aws.gates import Gates, Mark
from adapters.aws.halting import Halting
from adapters.store.commit_item import to_commit
from adapters.views.dynamodb_source import DynamoDBSource
from projections.advance import Projector
from projections.replay import FORM, form
from projections.tables import Source, Tables
from projections.verify import Report, Seal, verify

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

#: Which source a table is being restored from, and how far its views are.
SOURCE: Final = ("restore", "source")
PLACE: Final = "restore place"
DONE: Final = "done"
#: Commits written, and events projected, between two notes of how far it is.
AT_ONCE: Final = 500
#: Items written at the same time; each write waits for the service most of its time.
WRITERS: Final = 16


@dataclass(frozen=True, kw_only=True)
class Restored:
    """What went into the new event table; `newest` is when the last of it had been recorded."""

    commits: int
    events: int
    streams: int
    newest: datetime | None


@dataclass(frozen=True, kw_only=True)
class NewStage:
    """The tables of a stage that is deployed as far as its data, and holds nothing yet."""

    client: DynamoDBClient
    events: str
    tables: Tables
    gates: Gates
    halting: Halting

    def take(self, named: str, items: Iterable[Spelt], at: datetime) -> Restored:
        """Write these items, which come from the source of that name; raises RestoreFault."""
        self._begin(named, at)
        commits = events = 0
        heads: dict[str, int] = {}
        newest: str | None = None
        with ThreadPoolExecutor(WRITERS) as writers:
            for some in _batches(items):
                ends = _ends(some)
                # Before its events are there: what they ask for was done in their former life.
                list(writers.map(lambda end: self.gates.move({end[0]: Mark(end[1])}), ends.items()))
                list(writers.map(self._put, some))
                heads |= {stream: max(last, heads.get(stream, 0)) for stream, last in ends.items()}
                commits += len(some)
                events += sum(len(item["events"]["L"]) for item in some)
                newest = max([newest or "", *(item["recorded_at"]["S"] for item in some)])
        last = datetime.fromisoformat(newest) if newest else None
        return Restored(commits=commits, events=events, streams=len(heads), newest=last)

    def _begin(self, named: str, at: datetime) -> None:
        before = self.tables.recall(*SOURCE)
        if before is None and self.client.scan(TableName=self.events, Limit=1)["Items"]:
            raise RestoreFault(f"{self.events} holds events already: restore into a new stage")
        if before not in (None, named):
            raise RestoreFault(f"{self.events} is being restored from {before}")
        self.halting.halt(f"restored from {named}", at)
        self.tables.remember(*SOURCE, named)

    def _put(self, item: Spelt) -> None:
        """Write one commit; what is there already must be the same."""
        try:
            self.client.put_item(
                TableName=self.events,
                Item=dict(item),
                ConditionExpression="attribute_not_exists(pk)",
                ReturnValuesOnConditionCheckFailure="ALL_OLD",
            )
        except self.client.exceptions.ConditionalCheckFailedException as there:
            # Any: the stubs do not know of the item in this error.
            found: Any = there.response
            if found.get("Item") != item:
                commit = to_commit(item)
                place = f"version {commit.first} of {commit.stream}"
                raise RestoreFault(f"another {place} is in {self.events} already") from there


class Part(DynamoDBSource):
    """One of several parts of the event table, read beside the others."""

    def __init__(self, recorder: Any, number: int, of: int) -> None:
        super().__init__(recorder)
        self._part = {"Segment": number, "TotalSegments": of}

    # Any: a request and its answer, as the service spells them.
    def _page(self, **request: Any) -> Any:
        return super()._page(**request, **self._part)


def fill(
    projector: Callable[[Source], Projector], tables: Tables, parts: Mapping[int, Source]
) -> int:
    """Fill the views from these parts of the store side by side; answers how many events it were.

    Several machines may do so at once, each with parts of its own.
    """
    with ThreadPoolExecutor(len(parts)) as readers:
        jobs = [
            readers.submit(_replay_part, projector(part), tables, part, str(number))
            for number, part in parts.items()
        ]
        return sum(job.result() for job in jobs)


def complete(projector: Projector, tables: Tables) -> None:
    """What is filled is whole: raises RestoreFault where a stream could not be shown."""
    projector.redrive()
    if stopped := projector.parked():
        raise RestoreFault(f"{len(stopped)} streams cannot be shown, the first: {stopped[0]}")
    for model in projector.models:
        tables.remember(FORM, model.name, form(model))


def _replay_part(projector: Projector, tables: Tables, part: Source, name: str) -> int:
    noted = tables.recall(PLACE, name)
    place, done = json.loads(noted) if noted else (None, 0)
    while place != DONE:
        events, after = part.scan(place, AT_ONCE)
        projector.apply(events)
        done, place = done + len(events), DONE if after is None else after
        tables.remember(PLACE, name, json.dumps([place, done]))
    return int(done)


def audited(
    source: Source, tables: Tables, seals: Sequence[Seal], seal_faults: Sequence[str]
) -> Report:
    """Every chain of the restored store against what the lost stage had sealed.

    A stream that is found truncated had gone on after the moment that was restored: those are
    the events that are lost, and whoever reconciles has to know of them.
    """
    *_, report = verify(source, tables, seals, seal_faults)
    return report


def _batches(items: Iterable[Spelt]) -> Iterator[list[Spelt]]:
    left = iter(items)
    while some := list(islice(left, AT_ONCE)):
        yield some


def _ends(items: Iterable[Spelt]) -> dict[str, int]:
    """How far these items take each stream."""
    ends: dict[str, int] = {}
    for commit in map(to_commit, items):
        ends[commit.stream] = max(commit.last, ends.get(commit.stream, 0))
    return ends
