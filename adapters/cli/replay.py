"""`atp replay`: views made anew from the events, while the platform goes on writing."""

from __future__ import annotations

from dataclasses import dataclass

from adapters.cli.home import bring_up, open_home
from adapters.cli.showing import bar, console, print_json
from adapters.cli.terms import Asked, BadInput
from adapters.reads import LocalReads
from projections.advance import AnyModel
from projections.catalogue import BY_NAME, CATALOGUE
from projections.follower import POSITION
from projections.replay import Progress, rebuild


@dataclass(frozen=True, kw_only=True)
class Replayed:
    """What was rebuilt, from how many events, and what had to be left out."""

    views: tuple[str, ...]
    resumed_at: int
    events: int
    parked: tuple[str, ...]


def replay(asked: Asked, names: list[str]) -> None:
    """Rebuild these views, or all of them; an interrupted rebuild goes on where it stopped."""
    models = chosen(names)
    with open_home(asked, following=False) as home:
        done = replayed(home.reads, models)
    if asked.json:
        print_json(done)
        return
    out = console()
    resumed = f", resumed at {done.resumed_at:,}" if done.resumed_at else ""
    out.print(f"{', '.join(done.views)}: rebuilt from {done.events:,} events{resumed}")
    for stream in done.parked:
        out.print(f"parked: {stream}")


def chosen(names: list[str]) -> tuple[AnyModel, ...]:
    """The read models of these names, in the order of the catalogue."""
    if unknown := [name for name in names if name not in BY_NAME]:
        raise BadInput(f"VIEW: {unknown[0]} is none of {', '.join(BY_NAME)}")
    return tuple(model for model in CATALOGUE if not names or model.name in names)


def replayed(reads: LocalReads, models: tuple[AnyModel, ...]) -> Replayed:
    """Rebuild, with a bar for whoever looks."""
    moved = None
    if len(models) == len(CATALOGUE):
        moved = reads.follower.moved_to
        if reads.follower.behind() < 0:  # the store is an older copy: what is read anew fits it
            reads.tables.remember(*POSITION, "0")
    else:
        bring_up(reads)
    first = last = Progress(done=0, total=None)
    with bar("replay", reads.source.size()) as told:
        steps = rebuild(models, reads.projector, reads.tables, reads.source, moved)
        for number, last in enumerate(steps):
            first = last if number == 0 else first
            told(last.done, last.total)
    reads.follower.catch_up()
    return Replayed(
        views=tuple(model.name for model in models),
        resumed_at=first.done,
        events=last.done,
        parked=tuple(f"{p.table}/{p.stream}: {p.fault}" for p in reads.projector.parked()),
    )
