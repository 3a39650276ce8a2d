"""Rebuilding views from the store while writes go on."""

from __future__ import annotations

import gc
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from json import dumps, loads

from eventsourcing.persistence import StoredEvent
from msgspec.structs import fields

from projections.advance import PARKED, AnyModel, Projector
from projections.tables import Source, Table, Tables

#: Events scanned and put in one change. Whole runs fit in, so that most streams are put once.
CHUNK = 10_000
PLACE, FORM = "rebuild place", "form"


@dataclass(frozen=True, kw_only=True)
class Progress:
    """How far a rebuild is: `total` as far as the store can tell."""

    done: int
    total: int | None
    finished: bool = False


def outdated(models: Sequence[AnyModel], tables: Tables) -> list[AnyModel]:
    """Read models whose rows were written by another edition of their code."""
    known = tables.recalled(FORM)
    return [model for model in models if known.get(model.name) != form(model)]


def form(model: AnyModel) -> str:
    """What the rows of a model look like, as text."""
    shown = [[f"{f.name}: {f.type}" for f in fields(kind)] for kind in (model.row, model.state)]
    return dumps([model.edition, [model.shape.indexes, model.shape.sorts], *shown])


def rebuild(
    models: Sequence[AnyModel],
    projector: Projector,
    tables: Tables,
    source: Source,
    switched: Callable[[str], None] | None = None,
) -> Generator[Progress, None, None]:
    """Fill a new table for each model, then let it be the live one.

    Meanwhile whoever follows the store writes both tables. An interrupted rebuild goes on from
    where it stopped, if the same models are asked for. `switched` is told, in the same change,
    the place up to which the new tables hold everything.
    """
    place, done = _resumed(models, tables)
    targets = [(model, tables.begin(model.shape)) for model in models]
    total = source.size()
    yield Progress(done=done, total=total)
    while True:
        with _uncollected():
            events, after = source.scan(place, CHUNK)
            if after is None:
                break
            place, done = after, done + len(events)
            with tables.transaction():
                _apply(events, targets, projector, tables)
                tables.remember(PLACE, _names(models), dumps([place, done]))
        yield Progress(done=done, total=total)
    for model in models:
        tables.finish(model.shape)
    with tables.transaction():
        # What was stored since the last scan found nothing more is in the live writer's hands.
        for model, table in targets:
            _switch(model, table, tables)
        tables.forget(PLACE, _names(models))
        if switched is not None and place is not None:
            switched(place)
    yield Progress(done=done, total=total, finished=True)


@contextmanager
def _uncollected() -> Iterator[None]:
    """Keep the garbage collector from looking through a chunk again and again: none of it is."""
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            gc.enable()


def _resumed(models: Sequence[AnyModel], tables: Tables) -> tuple[str | None, int]:
    noted = tables.recall(PLACE, _names(models))
    begun = [model for model in models if tables.rebuilding(model.shape) is not None]
    if noted is not None and len(begun) == len(models):
        place, done = loads(noted)
        return place, done
    for model in begun:
        tables.abandon(model.shape)
    return None, 0


def _apply(
    events: Sequence[StoredEvent],
    targets: Sequence[tuple[AnyModel, Table]],
    projector: Projector,
    tables: Tables,
) -> None:
    streams = projector.recorded(events)
    parked = tables.recalled(PARKED)
    for model, table in targets:
        own = {s: group for s, group in streams.items() if s.startswith(model.reads)}
        projector.apply_to(table, model, own, parked)


def _switch(model: AnyModel, table: Table, tables: Tables) -> None:
    parked = tables.recalled(PARKED)
    for key in [key for key in parked if key.startswith(f"{model.name}/")]:
        tables.forget(PARKED, key)
    for key in [key for key in parked if key.startswith(f"{table.name}/")]:
        stream = key.removeprefix(f"{table.name}/")
        text = dumps({**loads(parked[key]), "table": model.name})
        tables.remember(PARKED, f"{model.name}/{stream}", text)
        tables.forget(PARKED, key)
    tables.switch(model.shape)
    tables.remember(FORM, model.name, form(model))


def _names(models: Sequence[AnyModel]) -> str:
    return ",".join(sorted(model.name for model in models))
