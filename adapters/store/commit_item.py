"""Commit items: how events of one stream, appended together, lie in a DynamoDB table.

One item per commit, never rewritten. Its sort key is the commit's first version, except that the
commit which opens a stream always lies at 0: so two openings collide whether the stream begins
with version 0 or 1, and opening one needs no look at the table first.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any, NamedTuple

from eventsourcing.persistence import DataError, StoredEvent

from adapters.store.succession import OPENINGS, Stream

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.type_defs import AttributeValueTypeDef

#: A reader finds the commit around a version by looking this far back: never to be lowered.
MAX_EVENTS = 25
#: Events of one commit are split into several items beyond this many bytes.
MAX_BYTES = 350 * 1024
#: DynamoDB's own limit of an item.
ITEM_BYTES = 400 * 1024
#: Names and values of an item, events and stream id apart.
ENVELOPE_BYTES = 150

Item = dict[str, "AttributeValueTypeDef"]


class Commit(NamedTuple):
    """Versions first..last of a stream, appended by one call."""

    stream: str
    key: int
    first: int
    last: int
    id: str


def split(stream: Stream) -> Iterator[Stream]:
    """The events of a call cut so that each part fits into one item."""
    part: list[StoredEvent] = []
    total = 0
    for event in stream.events:
        own = _size(event)
        if part and (len(part) == MAX_EVENTS or total + own > MAX_BYTES):
            yield Stream(stream.id, part)
            part, total = [], 0
        part.append(event)
        total += own
    yield Stream(stream.id, part)


def sort_key(first: int, opens: bool) -> int:
    """Where a commit lies in its stream."""
    return OPENINGS[0] if opens else first


def to_item(part: Stream, opens: bool, commit_id: str, at: datetime) -> Item:
    """The item of one commit; DataError if DynamoDB cannot hold it."""
    events: list[AttributeValueTypeDef] = [
        {"M": {"topic": {"S": event.topic}, "body": _body(event.state)}} for event in part.events
    ]
    if size(part) > ITEM_BYTES:
        raise DataError(
            f"version {part.first} of {part.id} needs {size(part)} bytes, an item {ITEM_BYTES}"
        )
    return {
        "pk": {"S": part.id},
        "sk": {"N": str(sort_key(part.first, opens))},
        "first": {"N": str(part.first)},
        "last": {"N": str(part.last)},
        "commit": {"S": commit_id},
        "recorded_at": {"S": at.isoformat()},
        "events": {"L": events},
    }


def size(part: Stream) -> int:
    """Bytes of an item with these events, to the safe side."""
    return sum(map(_size, part.events)) + len(part.id.encode()) + ENVELOPE_BYTES


def to_commit(item: Any) -> Commit:
    """What an item says about itself."""
    return Commit(
        stream=item["pk"]["S"],
        key=int(item["sk"]["N"]),
        first=int(item["first"]["N"]),
        last=int(item["last"]["N"]),
        id=item["commit"]["S"],
    )


def to_events(item: Any) -> Sequence[StoredEvent]:
    """The stored events in an item, as they were appended."""
    stream = item["pk"]["S"]
    return [
        StoredEvent(stream, version, event["M"]["topic"]["S"], _state(event["M"]["body"]))
        for version, event in enumerate(item["events"]["L"], int(item["first"]["N"]))
    ]


def _body(state: bytes) -> AttributeValueTypeDef:
    # Text can be read in the console; what is not text (compressed, encrypted) stays as it is.
    try:
        return {"S": state.decode()}
    except UnicodeDecodeError:
        return {"B": state}


def _state(body: Any) -> bytes:
    if "S" in body:
        text: str = body["S"]
        return text.encode()
    return bytes(body["B"])


def _size(event: StoredEvent) -> int:
    return len(event.state) + len(event.topic.encode()) + 16  # 16: names and overhead of the map
