"""due_slots: what is due in which minute of the week. It only wakes; the strategy decides."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import time
from zlib import crc32

from msgspec import field

from domain.model import DomainEvent
from domain.schedule import Weekday
from domain.strategy import Strategy
from projections.evolve import evolve
from projections.tables import Item
from projections.view import Index, ReadModel, Row, State, View

SHARDS = 16


class DueRow(Row, frozen=True, kw_only=True):
    """A strategy's entry on one weekday, IST; `slot` is `WED-09:20#07`."""

    slot: str
    entry_time: time
    strategy_id: str
    basket_id: str
    user_id: str


class Due(State, frozen=True, kw_only=True):
    """When a strategy enters, IST, while it is active."""

    strategy_id: str
    basket_id: str
    user_id: str
    entry_time: time
    weekdays: tuple[Weekday, ...]
    active: bool = False
    versions: dict[str, int] = field(default_factory=dict)
    """At which version each of its slots last changed or went."""


def due(state: Due | None, event: DomainEvent) -> Due | None:
    """When the strategy enters after the event."""
    if isinstance(event, Strategy.Drafted):
        schedule = event.definition.schedule
        return Due(
            strategy_id=event.originator_id,
            basket_id=event.basket_id,
            user_id=event.user_id,
            entry_time=schedule.entry_time,
            weekdays=schedule.weekdays,
        )
    if state is None:
        return None
    after = _after(state, event)
    before, now = slots(state), slots(after)
    different = (each for each in {**before, **now} if before.get(each) != now.get(each))
    news = dict.fromkeys(different, event.originator_version)
    return evolve(after, versions={**state.versions, **news}) if news else after


def _after(state: Due, event: DomainEvent) -> Due:
    match event:
        case Strategy.Edited():
            schedule = event.definition.schedule
            return evolve(state, entry_time=schedule.entry_time, weekdays=schedule.weekdays)
        case Strategy.Activated():
            return evolve(state, active=True)
        case Strategy.Deactivated() | Strategy.Deleted():
            return evolve(state, active=False)
    return state


def slots(state: Due) -> dict[str, DueRow]:
    """Its rows, one a weekday."""
    days = dict.fromkeys(state.weekdays) if state.active else ()
    rows = [
        DueRow(
            id=f"{state.strategy_id}@{weekday}",
            slot=slot(weekday, state.entry_time, shard_of(state.strategy_id)),
            entry_time=state.entry_time,
            strategy_id=state.strategy_id,
            basket_id=state.basket_id,
            user_id=state.user_id,
        )
        for weekday in days
    ]
    return {row.id: row for row in rows}


def shard_of(strategy_id: str) -> int:
    """Spreads what is due in the same minute evenly, and always the same way."""
    return crc32(strategy_id.encode()) % SHARDS


def slot(weekday: Weekday, minute: time, shard: int) -> str:
    """`WED-09:20#07`: a minute of the week, IST, and one of its shards."""
    return f"{weekday}-{minute:%H:%M}#{shard:02d}"


DUE_SLOTS: ReadModel[Due, DueRow] = ReadModel(
    name="due_slots",
    reads=("STRAT-",),
    project=due,
    row=DueRow,
    state=Due,
    rows=slots,
    versions=lambda state: state.versions,
    stream_of=lambda row_id: row_id.rpartition("@")[0],
    sorts={"entry_time": lambda row: row.entry_time.isoformat()},
    indexes=(Index("slot", lambda row: row.slot, "entry_time"),),
)


def due_in(view: View[DueRow], weekday: Weekday, minute: time) -> Iterator[DueRow]:
    """Every entry in that minute of the week; the cost is that of what is due."""
    for shard in range(SHARDS):
        cursor: str | None = None
        while True:
            page = view.page("slot", slot(weekday, minute, shard), cursor=cursor, limit=500)
            yield from page.rows
            if (cursor := page.cursor) is None:
                break


def minutes_of(gates: Iterable[Item], weekday: str) -> list[str]:
    """Minutes (`09:20`) of that weekday in which any of these strategies enters, earliest first."""
    states = (gate.body for gate in gates)
    times = {
        state.entry_time
        for state in states
        if isinstance(state, Due) and state.active and weekday in state.weekdays
    }
    return sorted({f"{entry:%H:%M}" for entry in times})


def due_on(view: View[DueRow], strategy_id: str) -> list[DueRow]:
    """A strategy's slots, for the check that reconciles them with the strategy itself."""
    return list(view.page(None, strategy_id, limit=len(Weekday)).rows)
