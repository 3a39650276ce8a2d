"""What follows from events: wishes to their runs, announcements, notices, figures, the lake.

The second and last reader of the event table's stream. Nothing waits for it, and it loses nothing:
every effect may be repeated (messages and announcements carry ids made of stream and version, lake
objects are replaced by themselves) and is gated by the stream's version.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from functools import cache
from itertools import takewhile
from json import dumps, loads
from typing import TYPE_CHECKING, Final, TypeVar

from eventsourcing.persistence import StoredEvent

from adapters.aws.announcing import NotAnnounced
from adapters.aws.gates import Gates, Mark
from adapters.aws.lake import lines_of
from adapters.aws.metrics import Measured, Name
from adapters.aws.moved import heads_since
from adapters.aws.projecting import STORAGE, set_aside
from adapters.aws.queues import NotTaken
from adapters.aws.reactions import EFFECTS, History, Read, Work
from adapters.aws.records import Delivered, Raw, Unreadable, delivered, failures, sequence_of
from adapters.aws.telling import NotTold
from adapters.aws.ways import Ways, ways_of
from adapters.views.dynamodb import REMEMBERED
from projections.advance import PROJECTOR_FAULTS
from projections.audit_logs import told
from projections.tables import Decode, Source, Tables

if TYPE_CHECKING:
    from adapters.aws.platform import AwsPlatform

LOG: Final = logging.getLogger("atp.reactor")
#: Effects that failed for a reason of their own, by stream, version and effect.
UNREACTED: Final = "unreacted"
#: Records that are no commit, by the shard's sequence numbers.
UNREADABLE: Final = "unreadable by the reactor"
#: The stream of a table keeps records for a day: what is older was not lost on its way here.
KEPT: Final = timedelta(days=1)
#: How far back it is looked, every hour, for what was never delivered: longer than a record may be
#: delivered again and again before it is given up (infra/streams.py).
LATE: Final = timedelta(hours=8)
#: What is younger is probably on its way.
UNDER_WAY: Final = timedelta(minutes=10)


P = TypeVar("P", Work, Delivered)


class Reacting:
    """Takes batches of one shard, in its order, however often they are delivered.

    Where a way out is closed, the first record concerned is named as failed and everything before
    it is done; Lambda delivers that record and all behind it again. What fails for a reason of
    its own is parked, told, and holds up nothing.
    """

    def __init__(self, ways: Ways, gates: Gates, tables: Tables, source: Source, decode: Decode):
        self._ways = ways
        self._gates = gates
        self._tables = tables
        self._source = source
        self._decode = decode
        self._parked = 0

    def take(self, raws: Sequence[Raw]) -> dict[str, list[dict[str, str]]]:
        """Lambda's answer to this batch."""
        try:
            return failures(self._react(raws))
        except STORAGE as fault:
            LOG.error("a batch of %d records is to be delivered again: %s", len(raws), fault)
            return failures(sequence_of(raws[0]))

    def _react(self, raws: Sequence[Raw]) -> str | None:
        records = [each for raw in raws if (each := self._read(raw)) is not None]
        work = list(self._work(records))
        failed = self._send(work)
        done = _before(failed, work)
        self._gates.move({each.stream: Mark(each.version) for each in done})
        self._ways.measure(one for each in done for one in each.measured)
        # Last, and of whole records: what is in the lake must not depend on what was gated.
        self._ways.lake.keep(_before(failed, records))
        return failed

    def redrive(self) -> int:
        """Try again what was parked; answers how many effects are still to be mended."""
        for key, text in self._tables.recalled(UNREACTED).items():
            parked, before = loads(text), self._parked
            stream, last = parked["stream"], parked["last"]
            stored = self._source.stream(stream, gt=parked["first"] - 1)
            news = [one for one in stored if one.originator_version <= last]
            work = Work(sequence=key, stream=stream, version=last)
            self._fill(work, self._history(stream, news), [parked["effect"]])
            if self._send([work]) is None and self._parked == before:
                self._tables.forget(UNREACTED, key)
        return len(self._tables.recalled(UNREACTED))

    def look_again(self, now: datetime) -> int:
        """What the projector's rows say of the last hours, and no record told; answers how much."""
        moved = heads_since(self._tables, now - LATE, now - UNDER_WAY)
        late = self.catch_up({head.stream: head.version for head in moved})
        if late:
            LOG.warning("%d events were never delivered", late)
        self.redrive()
        return late

    def catch_up(self, heads: Mapping[str, int]) -> int:
        """React to what is stored up to these versions and no record brought; answers how much."""
        gates = self._gates.read(list(heads))
        behind = {s: seen for s, head in heads.items() if (seen := _of(gates, s)) < head}
        late = 0
        for stream, before in behind.items():
            until = heads[stream]
            missed = self._source.stream(stream, gt=before)
            missed = [one for one in missed if one.originator_version <= until]
            news = recent(missed, missed[-1]) if missed else ()
            work = Work(sequence=stream, stream=stream, version=until)
            if news:
                self._ways.lake.mend(stream, news)
                self._fill(work, self._history(stream, news), EFFECTS)
            if self._send([work]) is None:
                self._gates.move({stream: Mark(work.version)})
                self._ways.measure(work.measured)
                late += len(news)
        return late

    # ── what is to be done ────────────────────────────────────────────────────────────────

    def _read(self, raw: Raw) -> Delivered | None:
        try:
            found = delivered(raw)
            list(lines_of(found))
        except (Unreadable, UnicodeDecodeError) as fault:
            set_aside(self._tables, UNREADABLE, raw, str(fault))
            self._alarm(f"record {sequence_of(raw)} cannot be reacted to: {fault}")
            return None
        return found

    def _work(self, records: Sequence[Delivered]) -> Iterator[Work]:
        """For each record what nobody has reacted to yet: of the record, and of lost ones."""
        gates = self._gates.read([record.stream for record in records])
        seen = {stream: _of(gates, stream) for stream in gates}
        read = cache(self._source.stream)
        for record in records:
            before = seen.get(record.stream, 0)
            own = [one for one in record.events if one.originator_version > before]
            if not own:
                continue
            work = Work(sequence=record.sequence, stream=record.stream, version=record.last)
            news = [*self._lost(record, before), *own]
            self._fill(work, self._history(record.stream, news, read), EFFECTS)
            seen[record.stream] = record.last
            yield work

    def _history(
        self, stream: str, news: Sequence[StoredEvent], read: Read | None = None
    ) -> History:
        return History(stream, news, read or self._source.stream, self._decode)

    def _lost(self, record: Delivered, before: int) -> Sequence[StoredEvent]:
        """Events between what was reacted to and this record, unless they are of another day."""
        if record.first <= before + 1:
            return ()
        stored = self._source.stream(record.stream, gt=before)
        missing = [one for one in stored if one.originator_version < record.first]
        try:
            lost = recent(missing, record.events[0])
            if lost:
                self._ways.lake.mend(record.stream, lost)
        except PROJECTOR_FAULTS as fault:
            self._park(record.stream, (before + 1, record.first - 1), "lost", str(fault))
            return ()
        return lost

    def _fill(self, work: Work, history: History, effects: Iterable[str]) -> None:
        """Find out what the effects are; one that cannot be found out is parked."""
        for name in effects:
            try:
                getattr(work, name).extend(EFFECTS[name](history))
            except PROJECTOR_FAULTS as fault:
                span = (history.versions[0], history.versions[-1])
                self._park(work.stream, span, name, f"{type(fault).__name__}: {fault}")

    # ── doing it ──────────────────────────────────────────────────────────────────────────

    def _send(self, work: Sequence[Work]) -> str | None:
        """The sequence number of the first record whose effects could not all be had; or None."""
        failed: str | None = None
        for send in (self._dispatch, self._announce, self._tell):
            if (earlier := send(work)) is not None:
                failed, work = earlier, _before(earlier, work)
        return failed

    def _dispatch(self, work: Sequence[Work]) -> str | None:
        asked = [(each.sequence, one) for each in work for one in each.dispatches]
        try:
            if asked:
                self._ways.dispatch.send_all([message for _, message in asked])
        except NotTaken as fault:
            # Of several queues one gave up, and the others were not asked: all are asked again, and
            # know by its name what they have already.
            LOG.error("%s", fault)
            return asked[0][0]
        return None

    def _announce(self, work: Sequence[Work]) -> str | None:
        asked = [(each.sequence, one.id) for each in work for one in each.announcements]
        try:
            if asked:
                self._ways.bus.announce([one for each in work for one in each.announcements])
        except NotAnnounced as fault:
            return self._shut(fault, "announcements", asked)
        return None

    def _tell(self, work: Sequence[Work]) -> str | None:
        asked = [(each.sequence, one.id) for each in work for one in each.notices]
        try:
            if asked:
                self._ways.topic.tell([one for each in work for one in each.notices])
        except NotTold as fault:
            return self._shut(fault, "notices", asked)
        return None

    def _shut(
        self, fault: NotAnnounced | NotTold, effect: str, asked: Sequence[tuple[str, str]]
    ) -> str | None:
        """Park what will never be taken; the first record of what may be taken later."""
        for each in fault.lasting:
            stream, _, version = each.rpartition("@")
            self._park(stream, (int(version), int(version)), effect, str(fault))
        if fault.left:
            LOG.error("%s", fault)
        return next((sequence for sequence, each in asked if each in fault.left), None)

    def _park(self, stream: str, span: tuple[int, int], effect: str, fault: str) -> None:
        first, last = span
        self._parked += 1
        parked = {"stream": stream, "first": first, "last": last, "effect": effect, "fault": fault}
        self._tables.remember(UNREACTED, f"{stream}@{last:08d} {effect}", dumps(parked))
        self._alarm(f"{effect} of {stream} {first} to {last} are parked: {fault}")

    def _alarm(self, trouble: str) -> None:
        LOG.error("%s", trouble)
        self._ways.measure([Measured(Name.STREAMS_PARKED, about={"what": trouble})])


def reacting_of(platform: AwsPlatform) -> Reacting:
    """The reactor of this platform."""
    gates = Gates(platform.recorder.client, platform.settings.prefix + REMEMBERED)
    decode = platform.trading.mapper.to_domain_event
    return Reacting(ways_of(platform), gates, platform.tables, platform.source, decode)


def recent(events: Sequence[StoredEvent], until: StoredEvent) -> list[StoredEvent]:
    """Those of the day before an event: records of older ones were not lost on their way."""
    since = told(until).timestamp - KEPT
    return [one for one in events if told(one).timestamp >= since]


def _of(gates: Mapping[str, Mark], stream: str) -> int:
    return gates[stream].version if stream in gates else 0


def _before(failed: str | None, each: Sequence[P]) -> list[P]:
    """What comes before the failed record; all where none failed."""
    return list(takewhile(lambda one: one.sequence != failed, each))
