"""Records of the event table's stream: each is one commit, as it was stored."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from eventsourcing.persistence import StoredEvent

from adapters.store.commit_item import to_commit, to_events

# Any: a record as the service spells it.
Raw = Mapping[str, Any]


class Unreadable(Exception):
    """A record that is no commit: nothing that is tried again makes it one."""


@dataclass(frozen=True, kw_only=True)
class Delivered:
    """A commit as it was delivered; `sequence` is its place in the shard."""

    sequence: str
    stream: str
    first: int
    last: int
    commit: str
    recorded_at: datetime
    events: Sequence[StoredEvent]


def sequence_of(raw: Raw) -> str:
    """What Lambda calls the record by when it is to be delivered again."""
    return str(raw["dynamodb"]["SequenceNumber"])


def delivered(raw: Raw) -> Delivered:
    """The commit in a record; raises Unreadable, also for a commit that was changed or removed."""
    if raw["eventName"] != "INSERT":
        raise Unreadable(f"a commit was altered: {raw['eventName']} {_key(raw)}")
    try:
        item = raw["dynamodb"]["NewImage"]
        commit, events = to_commit(item), to_events(item)
        recorded_at = datetime.fromisoformat(item["recorded_at"]["S"])
    except (LookupError, TypeError, ValueError) as fault:
        raise Unreadable(f"no commit is in it: {type(fault).__name__}: {fault}") from fault
    if len(events) != commit.last - commit.first + 1:
        raise Unreadable(f"{commit.stream} {commit.first} to {commit.last}: {len(events)} events")
    return Delivered(
        sequence=sequence_of(raw),
        stream=commit.stream,
        first=commit.first,
        last=commit.last,
        commit=commit.id,
        recorded_at=recorded_at,
        events=events,
    )


def failures(first: str | None) -> dict[str, list[dict[str, str]]]:
    """Lambda's answer: it begins again with this record, and takes all before it as done.

    None: all are done. What comes after a failed record is delivered again as well, so nothing is
    gained by going on behind it.
    """
    return {"batchItemFailures": [] if first is None else [{"itemIdentifier": first}]}


def _key(raw: Raw) -> str:
    keys = raw["dynamodb"].get("Keys", {})
    return " ".join(str(value) for each in keys.values() for value in each.values())
