"""Events in full, with their links in the chain, written to a file for others to keep or read."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import datetime
from enum import StrEnum
from itertools import islice
from pathlib import Path
from typing import Any

from pydantic_core import from_json

from adapters.cli.home import Home
from adapters.cli.showing import bar
from adapters.cli.terms import BadInput
from commands.desk import Principal
from commands.user import RecordExport
from projections.audit import BEGINNING
from projections.audit_logs import entry, told
from projections.audit_search import AuditSearch
from projections.document import plain

#: Events read, and rows written, at a time.
CHUNK = 5000


class Form(StrEnum):
    """How a file of events is written."""

    JSONL = "jsonl"
    PARQUET = "parquet"

    @staticmethod
    def of(path: Path) -> Form:
        """The form that the file's name says."""
        try:
            return Form(path.suffix.removeprefix("."))
        except ValueError as error:
            raise BadInput(f"--out: name it .jsonl or .parquet, or say --format: {path}") from error


# Any: an event's body as JSON.
Line = dict[str, Any]


def exported(home: Home, asked: AuditSearch, out: Path, form: Form) -> int:
    """Write the file, whole or not at all; answers how many events it holds."""
    partial = out.with_name(f".{out.name}.partial")
    try:
        with bar("export", home.reads.source.size()) as moved:
            written = WRITERS[form](partial, lines(home, asked, moved))
        home.ask(
            RecordExport(user_id=home.owner().id, what="audit", form=form),
            Principal(user_id="platform", platform=True),
        )
        os.link(partial, out)  # never over another file
    except FileExistsError as error:
        raise BadInput(f"--out: {out} exists already") from error
    finally:
        with suppress(FileNotFoundError):
            partial.unlink()
    return written


def lines(
    home: Home, asked: AuditSearch, moved: Callable[[float, float | None], None]
) -> Iterator[Line]:
    """Matching events in the order of the log; the chain is computed over all of them."""
    last: dict[str, str] = {}
    place: str | None = None
    number = 0
    while True:
        events, place = home.reads.source.scan(place, CHUNK)
        if place is None:
            return
        for stored in events:
            number += 1
            previous = last.get(str(stored.originator_id), BEGINNING)
            row = entry(previous, stored, told(stored))
            last[row.stream] = row.hash
            if asked.matches(row):
                shown: Line = plain(row)
                yield {**shown, "body": from_json(stored.state)}
        moved(number, None)


def write_jsonl(path: Path, events: Iterator[Line]) -> int:
    """An object a line."""
    count = 0
    with path.open("w", encoding="utf-8") as file:
        for event in events:
            count += 1
            file.write(json.dumps(event, ensure_ascii=False, separators=(",", ":")) + "\n")
        file.flush()
        os.fsync(file.fileno())
    return count


def write_parquet(path: Path, events: Iterator[Line]) -> int:
    """A row an event; its body is JSON text."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    texts = ("id", "stream", "topic", "actor", "correlation_id", "causation_id", "digest", "hash")
    fields = {name: pa.string() for name in texts}
    kinds = {**fields, "version": pa.int64(), "at": pa.timestamp("us", "UTC"), "body": pa.string()}
    schema = pa.schema(kinds)
    count = 0
    with pq.ParquetWriter(path, schema) as writer:
        while some := list(islice(events, CHUNK)):
            count += len(some)
            writer.write_table(pa.Table.from_pylist([cells(each) for each in some], schema))
    return count


def cells(event: Line) -> Line:
    """The event as a row of columns."""
    at = datetime.fromisoformat(event["at"])
    return {**event, "at": at, "body": json.dumps(event["body"], ensure_ascii=False)}


WRITERS: dict[Form, Callable[[Path, Iterator[Line]], int]] = {
    Form.JSONL: write_jsonl,
    Form.PARQUET: write_parquet,
}
