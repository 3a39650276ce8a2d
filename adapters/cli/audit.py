"""`atp audit`: every event there ever was, whether it still is what it was, and why it was."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, time, timedelta
from pathlib import Path
from typing import Annotated

import typer

from adapters.cli.export import Form, exported
from adapters.cli.home import Home, first, open_home
from adapters.cli.showing import bar, console, facts, ist, print_json, table
from adapters.cli.terms import Absent, BadInput, Ending, asked_of
from adapters.cli.verification import verified
from adapters.cli.why import cause_of, tree
from domain.calendar import IST
from projections.audit_logs import AUDIT_LOGS, AuditRow, told
from projections.audit_search import AuditSearch, search
from projections.follower import ViewsAhead

app = typer.Typer(no_args_is_help=True)
Stream = Annotated[str | None, typer.Option(help="Only this stream: RUN-…, STRAT-…, USER-….")]
Actor = Annotated[str | None, typer.Option(help="Only what this user, or schedule, caused.")]
Topic = Annotated[str | None, typer.Option(help="Only this kind, as run.closed.")]
Correlation = Annotated[str | None, typer.Option(help="Only what this request or slot caused.")]
Since = Annotated[str | None, typer.Option(help="From this date or time (IST) on.")]
Until = Annotated[str | None, typer.Option(help="Before this date or time (IST).")]
DAY = timedelta(days=1)


def moment(name: str, text: str | None) -> datetime | None:
    """A date or time in India, unless the text names another zone."""
    if text is None:
        return None
    try:
        at = datetime.fromisoformat(text)
    except ValueError as error:
        raise BadInput(
            f"--{name}: {text!r} is no date or time like 2026-08-04 or 2026-08-04T09:20"
        ) from error
    return at if at.tzinfo else datetime.combine(at.date(), at.time() or time.min, IST)


def wanted(
    stream: str | None,
    actor: str | None,
    topic: str | None,
    correlation: str | None,
    since: str | None,
    until: str | None,
) -> AuditSearch:
    """What is looked for."""
    return AuditSearch(
        stream=stream,
        actor=actor,
        topic=topic,
        correlation_id=correlation,
        since=moment("since", since),
        until=moment("until", until),
    )


@app.command()
def show(
    ctx: typer.Context,
    stream: Stream = None,
    actor: Actor = None,
    topic: Topic = None,
    correlation: Correlation = None,
    since: Since = None,
    until: Until = None,
    limit: Annotated[int, typer.Option(min=1, max=100_000, help="At most so many.")] = 100,
    oldest: Annotated[bool, typer.Option("--oldest-first")] = False,
) -> None:
    """Events by who, what, when and why; without any of these, those of the last day there was."""
    asked = wanted(stream, actor, topic, correlation, since, until)
    with open_home(asked_of(ctx)) as home:
        rows = found(home, asked, limit, newest_first=not oldest)
    if asked_of(ctx).json:
        print_json(rows)
        return
    names = ("time (IST)", "event", "what", "by", "caused by", "part of")
    console().print(table("Audit", names, [
        (ist(row.at, fine=True), f"{row.stream}@{row.version}", row.topic, row.actor,
         row.causation_id, row.correlation_id)
        for row in rows
    ]))  # fmt: skip


def found(home: Home, asked: AuditSearch, limit: int, *, newest_first: bool) -> Sequence[AuditRow]:
    """Matching rows; a search by time alone is given the end it lacks."""
    view = home.view(AUDIT_LOGS)
    if not any((asked.stream, asked.actor, asked.topic, asked.correlation_id)):
        last = latest(home)
        if last is None:
            return []
        until = asked.until or last + timedelta(microseconds=1)
        asked = replace(asked, until=until, since=asked.since or until - DAY)
    return first(
        limit,
        lambda cursor, count: search(
            view, asked, cursor=cursor, limit=count, newest_first=newest_first
        ),
    )


def latest(home: Home) -> datetime | None:
    """When the last event of the store was."""
    size = home.reads.source.size() or 0
    events, _ = home.reads.source.scan(str(size - 1), 1) if size else ((), None)
    return told(events[0]).timestamp if events else None


@app.command()
def verify(ctx: typer.Context) -> None:
    """Recompute every chain from the store, against the audit rows and the seals.

    Ends with 1 and names the first event that was altered, removed or cut off.
    """
    with open_home(asked_of(ctx), following=False) as home:
        with suppress(ViewsAhead):  # what the store has lost is found by the chains below
            home.reads.follower.catch_up()
        report = verified(home.asked.home, home.reads, bar)
    if asked_of(ctx).json:
        print_json({**vars(report), "sound": report.sound, "first": report.first})
    else:
        console().print(facts("The log is sound" if report.sound else "The log is NOT sound", {
            "streams": report.streams,
            "events": report.events,
            "not audited yet": report.unaudited,
            "first fault": report.first,
            "faults": [*map(str, report.findings), *report.seal_faults],
        }))  # fmt: skip
    if not report.sound:
        typer.echo(f"atp: {report.first}", err=True)
        raise typer.Exit(Ending.WRONG)


@app.command()
def export(
    ctx: typer.Context,
    out: Annotated[Path, typer.Option(help="A new file.")],
    form: Annotated[Form | None, typer.Option("--format", help="By --out unless given.")] = None,
    stream: Stream = None,
    actor: Actor = None,
    topic: Topic = None,
    correlation: Correlation = None,
    since: Since = None,
    until: Until = None,
) -> None:
    """Write events in full, with their hashes, as JSON lines or Parquet; itself an audit event."""
    asked = wanted(stream, actor, topic, correlation, since, until)
    chosen = form or Form.of(out)
    if out.exists():
        raise BadInput(f"--out: {out} exists already")
    with open_home(asked_of(ctx)) as home:
        written = exported(home, asked, out, chosen)
    if asked_of(ctx).json:
        print_json({"file": str(out), "format": chosen, "events": written})
    else:
        console().print(f"{out}: {written:,} events as {chosen}")


@app.command()
def why(
    ctx: typer.Context,
    what: Annotated[
        str,
        typer.Argument(help="A run, its order, a tag, a broker's order id, or STREAM@VERSION."),
    ],
) -> None:
    """From a fill, an order or any event back to what caused it: down to the tick of the clock."""
    with open_home(asked_of(ctx)) as home:
        cause = cause_of(home, what)
    if cause is None:
        raise Absent(f"there is no run, order, tag or event {what}")
    if asked_of(ctx).json:
        print_json(cause)
    else:
        console().print(tree(cause))
