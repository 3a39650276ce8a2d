"""Keeps the views up with the event table's stream: the first of its two readers."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from datetime import datetime
from json import dumps
from typing import TYPE_CHECKING, Final

from botocore.exceptions import BotoCoreError, ClientError
from eventsourcing.persistence import PersistenceError, StoredEvent

from adapters.aws.metrics import Measured, Name, publish
from adapters.aws.records import Raw, Unreadable, delivered, failures, sequence_of
from adapters.runtime import projector_of
from projections.advance import Projector
from projections.tables import Tables

if TYPE_CHECKING:
    from adapters.aws.platform import AwsPlatform

LOG: Final = logging.getLogger("atp.projector")
#: What the service raises when it cannot do now what it could do a moment later.
STORAGE: Final = (BotoCoreError, ClientError, PersistenceError)
#: Records that are no commit, by the shard's sequence numbers.
UNREADABLE: Final = "unreadable"


class Projecting:
    """Takes batches of one shard, in its order, however often they are delivered.

    A batch is applied at once, so that each row is put once. Where storage refuses, its records
    are applied one by one up to the first that is refused again, and Lambda begins again there.
    A projector's own fault parks its stream in its table (`projections.advance`), a record that
    is no commit is remembered and told: neither holds up the others.
    """

    def __init__(
        self, projector: Projector, tables: Tables, alarm: Callable[[str], None] = LOG.error
    ) -> None:
        self._projector = projector
        self._tables = tables
        self._alarm = alarm

    def take(self, raws: Sequence[Raw]) -> dict[str, list[dict[str, str]]]:
        """Lambda's answer to this batch."""
        try:
            self._apply(raws)
        except STORAGE as fault:
            LOG.warning("a batch of %d records is applied one by one: %s", len(raws), fault)
            return failures(self._one_by_one(raws))
        return failures(None)

    def _one_by_one(self, raws: Sequence[Raw]) -> str | None:
        """The sequence number of the first record that storage refuses again."""
        for raw in raws:
            try:
                self._apply([raw])
            except STORAGE as fault:
                LOG.error("record %s is to be delivered again: %s", sequence_of(raw), fault)
                return sequence_of(raw)
        return None

    def _apply(self, raws: Sequence[Raw]) -> None:
        events: list[StoredEvent] = []
        for raw in raws:
            try:
                events += delivered(raw).events
            except Unreadable as fault:
                set_aside(self._tables, UNREADABLE, raw, str(fault))
                self._alarm(f"record {sequence_of(raw)} cannot be projected: {fault}")
        if events:
            self._projector.apply(events)


def projecting_of(platform: AwsPlatform) -> Projecting:
    """The projector of this platform; what it sets aside is counted, and alarmed."""

    def alarm(trouble: str) -> None:
        LOG.error("%s", trouble)
        parked = Measured(Name.STREAMS_PARKED, about={"what": trouble})
        publish([parked], platform.settings.stage)

    projector = projector_of(platform.tables, platform.source, alarm)
    return Projecting(projector, platform.tables, alarm)


def set_aside(tables: Tables, kind: str, raw: Raw, fault: str) -> None:
    """Remember a record that nobody can use, before it is taken as done."""
    made_at = raw["dynamodb"].get("ApproximateCreationDateTime")
    at = made_at.isoformat() if isinstance(made_at, datetime) else made_at
    told = {"key": raw["dynamodb"].get("Keys", {}), "made_at": at, "fault": fault}
    tables.remember(kind, sequence_of(raw), dumps(told))
