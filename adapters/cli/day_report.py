"""What is left of a played day: decisions, orders, fills, profit after charges, and the audit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from hashlib import sha256
from pathlib import Path
from typing import Any

from rich.markup import escape

from adapters.cli.run import decisions_table, fills_table, orders_table, runs_table
from adapters.cli.showing import bar, console, rupees
from adapters.cli.telling import Decision, FillTold, decisions, fills
from adapters.cli.verification import KEY, verified
from adapters.day import DayResult
from adapters.reads import ReadSide
from adapters.sealed_before import SEALS
from adapters.sealing import Key, Sealer, Seals
from projections.advance import AnyModel
from projections.document import document
from projections.orders import ORDERS, OrderRow, orders_of_run
from projections.replay import FORM, form
from projections.runs import RUNS, RunRow
from projections.verify import Report, heads
from projections.view import TableView


@dataclass(frozen=True, kw_only=True)
class Made:
    """What all runs of the day made together, in ₹; an open one counts when it is closed."""

    gross: Decimal
    charges: Decimal
    net: Decimal
    open_runs: int


@dataclass(frozen=True, kw_only=True)
class Audited:
    """Whether the log of the day is whole; `digest` is the same whenever the events are."""

    sound: bool
    streams: int
    events: int
    first_fault: str | None
    digest: str


@dataclass(frozen=True, kw_only=True)
class DayReport:
    """Everything a day has to tell."""

    day: date
    basket: str
    seed: int
    runs: Sequence[RunRow]
    decisions: Sequence[Decision]
    orders: Sequence[OrderRow]
    fills: Sequence[FillTold]
    made: Made
    audit: Audited


def reported(result: DayResult, day: date, basket: str, seed: int, place: Path) -> DayReport:
    """The report, when the log has been sealed and verified."""
    reads, trading = result.platform.reads, result.platform.trading
    histories = [trading.history(run_id) for run_id in result.runs]
    told = [each for events in histories for each in decisions(events)]
    filled = [each for events in histories for each in fills(events)]
    view: TableView[Any, RunRow] = TableView(RUNS, reads.tables)  # Any: its state
    rows = [row for run_id in result.runs if (row := view.get(run_id)) is not None]
    orders = TableView(ORDERS, reads.tables)
    return DayReport(
        day=day,
        basket=basket,
        seed=seed,
        runs=rows,
        decisions=sorted(told, key=lambda each: (each.at, each.run_id, each.version)),
        orders=[order for row in rows for order in orders_of_run(orders, row.id)],
        fills=sorted(filled, key=lambda each: (each.at, each.run_id, each.version)),
        made=made(rows),
        audit=audited(result, place),
    )


def made(rows: Sequence[RunRow]) -> Made:
    """The sum over runs."""
    gross = sum((row.realised or Decimal(0) for row in rows), Decimal(0))
    charges = sum((row.charges or Decimal(0) for row in rows), Decimal(0))
    still = sum(row.open for row in rows)
    return Made(gross=gross, charges=charges, net=gross - charges, open_runs=still)


def audited(result: DayResult, place: Path) -> Audited:
    """Seal the day as at its close, then verify all of it."""
    reads = result.platform.reads
    for model in reads.projector.models:
        settled(reads, model)
    sealer = Sealer(Seals(place / SEALS), Key.at(place / KEY), reads.tables)
    sealer.seal(result.platform.engine.clock.now(), heads(reads.tables))
    report: Report = verified(place, reads, bar)
    return Audited(
        sound=report.sound,
        streams=report.streams,
        events=report.events,
        first_fault=report.first,
        digest=digest(reads),
    )


def settled(reads: ReadSide, model: AnyModel) -> None:
    """Say that these views are of this edition, so that whoever opens them has not to rebuild."""
    reads.tables.remember(FORM, model.name, form(model))


def digest(reads: ReadSide) -> str:
    """One number for all events: two days of the same events have the same."""
    found = sha256()
    for stream, _ in reads.source.heads():
        for event in reads.source.stream(stream):
            head = f"{stream}@{event.originator_version} {event.topic} {len(event.state)} "
            found.update(head.encode() + event.state)
    return found.hexdigest()


def machine(report: DayReport) -> dict[str, Any]:
    """The report for machines; rows as the API shows them."""
    return {
        **vars(report),
        "runs": [document(RUNS, row) for row in report.runs],
        "orders": [document(ORDERS, row) for row in report.orders],
    }


def show(report: DayReport, out: Path | None) -> None:
    """The report for people."""
    page = console()
    names = {each.run_id: each.strategy for each in report.decisions}
    page.print(f"[bold]{report.day}[/], {escape(report.basket)}, seed {report.seed}")
    page.print(runs_table(list(report.runs)))
    page.print(decisions_table(list(report.decisions)))
    page.print(orders_table(list(report.orders), names))
    page.print(fills_table(list(report.fills)))
    total, audit = report.made, report.audit
    page.print(
        f"Profit and loss: {rupees(total.gross)} less {rupees(total.charges)} charges is "
        f"[bold]{rupees(total.net)}[/]"
        + (f", {total.open_runs} run(s) still open" if total.open_runs else "")
    )
    verdict = "sound" if audit.sound else f"NOT SOUND: {escape(audit.first_fault or '')}"
    page.print(
        f"Audit: {verdict}; {audit.events} events in {audit.streams} streams, digest {audit.digest}"
    )
    if out is not None:
        page.print(f"The store is kept: look around with `atp --home {escape(str(out))} …`")
