"""Events into items: whatever order they arrive in, every table ends the same."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from json import dumps, loads
from typing import Any, NamedTuple

from eventsourcing.domain import EventSourcingError
from eventsourcing.persistence import StoredEvent
from eventsourcing.utils import TopicError

from domain.model import Refused
from projections.tables import Decode, Item, Source, Table, Tables, Unkeepable
from projections.view import TOGETHER, ReadModel, Row

# Any: the catalogue holds read models of every state and row.
AnyModel = ReadModel[Any, Any]

#: What pure code raises on events it was not written for. A fault of storage is none of these: it
#: stops the batch, because a stalled view beats a wrong one.
PROJECTOR_FAULTS = (
    ArithmeticError,
    AssertionError,
    AttributeError,
    EventSourcingError,
    LookupError,
    Refused,
    RuntimeError,
    TopicError,
    TypeError,
    ValueError,
)

PARKED = "parked"


@dataclass(frozen=True, kw_only=True)
class Parked:
    """A stream one table has stopped at: the version that could not be applied, and why."""

    table: str
    stream: str
    version: int
    fault: str


class Changed(NamedTuple):
    """A row as it now is (None: gone), for whoever watches."""

    view: str
    stream: str
    id: str
    version: int
    row: Row | None


class Recorded:
    """A stored event, decoded once for all read models."""

    __slots__ = ("_decode", "event", "stored", "version")

    event: object

    def __init__(self, stored: StoredEvent, decode: Decode) -> None:
        self.stored = stored
        self.version = stored.originator_version
        self._decode = decode

    def __getattr__(self, name: str) -> object:
        # Only asked while the slot is empty: from then on it is read as fast as any other.
        if name != "event":
            raise AttributeError(name)
        self.event = self._decode(self.stored)
        return self.event


class Faulty(Exception):
    """A projector could not apply this version."""

    def __init__(self, version: int, fault: Exception) -> None:
        super().__init__(f"{type(fault).__name__}: {fault}")
        self.version = version


def fold(model: AnyModel, stream: str, gate: Item | None, events: Sequence[Recorded]) -> list[Item]:
    """The items that these next events of a stream change, the gate last; raises Faulty."""
    seen = told_of = gate.version if gate else 0
    state: Any = gate.body if gate else None
    items: list[Item] = []
    rows: dict[str, Item] = {}
    project, raw, appends, heeds = model.project, model.from_stored, model.appends, model.heeds
    for version, each in enumerate(events, seen + 1):
        if each.version != version:
            raise Faulty(version, LookupError("the store does not hold this event"))
        try:
            told = each if raw else each.event
            if heeds is not None and type(told) not in heeds:
                continue
            state = project(state, told)
            if appends:
                items.append(model.row_item(stream, state.id, version, state))
            if version - told_of >= TOGETHER:
                rows |= _changed_rows(model, stream, state, told_of)
                told_of = version
        except PROJECTOR_FAULTS as fault:
            raise Faulty(version, fault) from fault
    try:
        rows |= _changed_rows(model, stream, state, told_of)
    except PROJECTOR_FAULTS as fault:
        raise Faulty(seen + 1, fault) from fault
    return [*items, *rows.values(), model.gate_item(stream, events[-1].version, state)]


def _changed_rows(model: AnyModel, stream: str, state: Any, seen: int) -> dict[str, Item]:
    if model.rows is None or model.versions is None or state is None:
        return {}
    changed = {row_id: v for row_id, v in model.versions(state).items() if v > seen}
    rows = model.rows(state) if changed else {}
    return {each: model.row_item(stream, each, changed[each], rows.get(each)) for each in changed}


class Projector:
    """Applies events to the tables of some read models."""

    def __init__(
        self,
        models: Sequence[AnyModel],
        tables: Tables,
        source: Source,
        decode: Decode,
        alarm: Callable[[Parked], None],
    ) -> None:
        self.models = models
        self._tables = tables
        self._source = source
        self._decode = decode
        self._alarm = alarm

    def apply(self, events: Sequence[StoredEvent]) -> list[Changed]:
        """Apply events in any order, seen before or not; what is missing is read from the store."""
        streams = self.recorded(events)
        changes: list[Changed] = []
        with self._tables.transaction():
            parked = self._tables.recalled(PARKED)
            for model in self.models:
                own = {s: group for s, group in streams.items() if s.startswith(model.reads)}
                for table in self._targets(model) if own else ():
                    changes += self.apply_to(table, model, own, parked)
        return changes

    def applied_elsewhere(self, events: Sequence[StoredEvent]) -> list[Changed]:
        """What these events have changed where another process applied them: the rows as they are.

        Tables that keep a row for every event are left out: nobody waits for those.
        """
        changes: list[Changed] = []
        firsts: dict[str, int] = {}
        for each in events:
            firsts.setdefault(str(each.originator_id), each.originator_version)
        for model in self.models:
            own = {s: first for s, first in firsts.items() if s.startswith(model.reads)}
            if model.appends or not own:
                continue
            for stream, gate in self._tables.live(model.shape).gates(list(own)).items():
                changes += _since(model, stream, gate, own[stream])
        return changes

    def apply_to(
        self,
        table: Table,
        model: AnyModel,
        streams: Mapping[str, Sequence[Recorded]],
        parked: Mapping[str, str],
    ) -> list[Changed]:
        """Apply whole groups of events to one table, in one put."""
        asked = [s for s, group in streams.items() if not group or group[0].version != 1]
        gates = table.gates(asked) if asked else {}
        items: list[Item] = []
        for stream, group in streams.items():
            if _place(table, stream) in parked:
                continue
            gate = gates.get(stream)
            if missing := self._next(stream, gate.version if gate else 0, group):
                items += self._folded(table, model, stream, gate, missing)
        kept = self._kept(table, items) if items else ()
        single = model.single
        changed = (item for item in kept if single or not item.is_gate)
        return [_changed(model, i) for i in changed if not (single and _same(gates, i))]

    def compare_heads(self, chunk: int = 500) -> list[Changed]:
        """Find streams whose last events never arrived, and apply them from the store."""
        changes: list[Changed] = []
        heads = iter(self._source.heads())
        while some := dict(islice(heads, chunk)):
            parked = self._tables.recalled(PARKED)
            for model in self.models:
                own = {s: head for s, head in some.items() if s.startswith(model.reads)}
                for table in self._targets(model) if own else ():
                    seen = table.versions(list(own))
                    behind = {s: () for s, head in own.items() if seen.get(s, 0) < head}
                    if behind:
                        changes += self.apply_to(table, model, behind, parked)
        return changes

    def parked(self) -> list[Parked]:
        """Every stream that a table has stopped at."""
        return [Parked(**loads(text)) for _, text in sorted(self._tables.recalled(PARKED).items())]

    def redrive(self) -> list[Changed]:
        """Try parked streams again, from where they stopped; what fails again is parked again."""
        changes: list[Changed] = []
        for stopped in self.parked():
            for model in self.models:
                for table in self._targets(model):
                    if table.name == stopped.table:
                        self._tables.forget(PARKED, _place(table, stopped.stream))
                        changes += self.apply_to(table, model, {stopped.stream: ()}, {})
        return changes

    def _targets(self, model: AnyModel) -> Sequence[Table]:
        live, next_one = self._tables.live(model.shape), self._tables.rebuilding(model.shape)
        return (live,) if next_one is None else (live, next_one)

    def _folded(
        self,
        table: Table,
        model: AnyModel,
        stream: str,
        gate: Item | None,
        events: Sequence[Recorded],
    ) -> list[Item]:
        while events:
            try:
                return fold(model, stream, gate, events)
            except Faulty as fault:
                self._park(table, stream, fault)
                events = [each for each in events if each.version < fault.version]
        return []

    def _kept(self, table: Table, items: Sequence[Item]) -> Sequence[Item]:
        """Put them; the stream of one that the table will never take is parked."""
        while True:
            try:
                return table.put(items)
            except Unkeepable as fault:
                stream = fault.item.stream
                self._park(table, stream, Faulty(fault.item.version, fault))
                items = [item for item in items if item.stream != stream]

    def _park(self, table: Table, stream: str, fault: Faulty) -> None:
        stopped = Parked(table=table.name, stream=stream, version=fault.version, fault=str(fault))
        self._tables.remember(PARKED, _place(table, stream), dumps(vars(stopped)))
        self._alarm(stopped)

    def _next(self, stream: str, seen: int, group: Sequence[Recorded]) -> Sequence[Recorded]:
        fresh = [each for each in group if each.version > seen]
        if group and not fresh:
            return ()
        if fresh and fresh[0].version == seen + 1 and fresh[-1].version == seen + len(fresh):
            return fresh
        return [Recorded(stored, self._decode) for stored in self._source.stream(stream, gt=seen)]

    def recorded(self, events: Iterable[StoredEvent]) -> dict[str, list[Recorded]]:
        """Events by stream, in order and once each."""
        streams: dict[str, dict[int, Recorded]] = {}
        for stored in events:
            versions = streams.setdefault(str(stored.originator_id), {})
            versions[stored.originator_version] = Recorded(stored, self._decode)
        return {s: [versions[v] for v in sorted(versions)] for s, versions in streams.items()}


def _since(model: AnyModel, stream: str, gate: Item, first: int) -> Iterable[Changed]:
    """Rows of this stream that changed with this version or a later one."""
    if model.single:
        return [_changed(model, gate)] if gate.version >= first else []
    items = _changed_rows(model, stream, gate.body, first - 1)
    return [_changed(model, item) for item in items.values()]


def _same(gates: Mapping[str, Item], item: Item) -> bool:
    was = gates.get(item.stream)
    return item.body == (was.body if was else None)


def _place(table: Table, stream: str) -> str:
    return f"{table.name}/{stream}"


def _changed(model: AnyModel, item: Item) -> Changed:
    row = item.body if isinstance(item.body, Row) else None
    return Changed(model.name, item.stream, item.id, item.version, row)
