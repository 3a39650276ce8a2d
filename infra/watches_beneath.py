"""What must not go unnoticed of what trading stands on: functions, queues, tables, the way in."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from adapters.aws.measured import Name
from infra.figures import MAXIMUM, Figures, in_session, reckoned
from infra.watches import Missing, Over, Watch, Weight

#: NFR-001.
ANSWER_MS: Final = 200
#: Functions without which nobody trades; those that read streams are known by how far behind.
TRADING: Final = (
    *("api", "strategy-scheduler", "strategy-executor", "order-monitor"),
    *("broker-dispatcher", "position-reconciler"),
)


def watches_beneath(figures: Figures) -> Iterator[Watch]:
    """All but those of families' desks; docs/aws.md says of each what to do."""
    yield from _streams(figures)
    yield from watches_of_desk(figures)
    yield _logged(figures)
    yield from _stores(figures)
    yield from _front(figures)


def watches_of_desk(figures: Figures) -> Iterator[Watch]:
    """What there is once for each egress; of everybody's desk, the functions for all as well."""
    yield from _dead_letters(figures)
    yield from _functions(figures)
    yield from _desk(figures, figures.desk)


# ── from events to views ──────────────────────────────────────────────────────────────────


def _streams(figures: Figures) -> Iterator[Watch]:
    for label, behind_s in (("projector", 60), ("reactor", 30)):
        yield Watch(
            name=f"{label}-behind",
            says=f"The {label} is {behind_s} s behind the stream of events",
            figure=figures.function(label, "IteratorAge", MAXIMUM),
            weight=Weight.OUTAGE,
            bound=behind_s * 1_000,
            times=3,
            of=3,
        )
    for name, alarm, says, weight in (
        (Name.STREAMS_PARKED, "stream-parked", "A stream was set aside", Weight.OUTAGE),
        (Name.HEADS_BEHIND, "heads-behind", "Views had missed events, mended", Weight.ROUTINE),
    ):
        figure = figures.ours(name, MAXIMUM, minutes=5)
        yield Watch(name=alarm, says=says, figure=figure, weight=weight)


def _dead_letters(figures: Figures) -> Iterator[Watch]:
    for queue in figures.dead_letters:
        yield Watch(
            name=f"dead-letters-{queue.split('.')[0].removesuffix('-dead')}",
            says=f"Work lies in {queue} that could not be done",
            figure=figures.queue(queue, "ApproximateNumberOfMessagesVisible"),
            weight=Weight.OUTAGE,
        )


# ── functions, the workflow, the watcher ──────────────────────────────────────────────────


def _functions(figures: Figures) -> Iterator[Watch]:
    for label in figures.functions:
        yield Watch(
            name=f"errors-{label}",
            says=f"{label} fails in more than 1 % of its calls",
            figure=reckoned(
                "IF(calls > 0, 100 * errors / calls, 0)",
                f"{label}: % failed",
                minutes=5,
                errors=figures.function(label, "Errors", minutes=5),
                calls=figures.function(label, "Invocations", minutes=5),
            ),
            weight=Weight.OUTAGE if label.startswith(TRADING) else Weight.ROUTINE,
            over=Over.GREATER_THAN_THRESHOLD,
            times=2,
            of=3,
        )
        yield Watch(
            name=f"throttled-{label}",
            says=f"{label} is turned away: as many run as may at once",
            figure=figures.function(label, "Throttles"),
            weight=Weight.ROUTINE,
            times=3,
            of=5,
        )


def _logged(figures: Figures) -> Watch:
    return Watch(
        name="errors-logged",
        says="Functions log errors",
        figure=figures.logged_errors,
        weight=Weight.ROUTINE,
        bound=5,
    )


def _desk(figures: Figures, desk: str) -> Iterator[Watch]:
    yield Watch(
        name=f"workflow-broken{desk}",
        says="The workflow of a run ended without its run: nobody follows it but the sweepers",
        figure=figures.workflow(f"orders{desk}", "ExecutionsFailed", "ExecutionsTimedOut"),
        weight=Weight.DANGER,
    )
    yield Watch(
        name=f"watcher-gone{desk}",
        says="No watcher runs while the market trades: no ticks, risk exits by polling only",
        figure=reckoned(
            f"IF({in_session('asked')}, FILL(tasks, 0), 1)",
            "watchers",
            asked=figures.probe,
            tasks=figures.watchers(desk),
        ),
        weight=Weight.OUTAGE,
        over=Over.LESS_THAN_THRESHOLD,
        times=3,
        of=5,
        missing=Missing.IGNORE,
    )
    yield Watch(
        name=f"dispatch-waits{desk}",
        says="Wishes, news or a kill switch wait for a minute to be acted on",
        figure=figures.queue(f"dispatch{desk}.fifo", "ApproximateAgeOfOldestMessage"),
        weight=Weight.DANGER,
        bound=60,
        times=2,
        of=2,
    )


# ── tables, and the way in ────────────────────────────────────────────────────────────────


def _stores(figures: Figures) -> Iterator[Watch]:
    for table in ("events", "lanes", "due_slots", "runs"):
        yield Watch(
            name=f"table-throttled-{table.replace('_', '-')}",
            says=f"DynamoDB turns requests to {table} away",
            figure=figures.turned_away(table),
            weight=Weight.OUTAGE if table in ("events", "lanes") else Weight.ROUTINE,
            bound=10,
            times=2,
            of=3,
        )


def _front(figures: Figures) -> Iterator[Watch]:
    yield Watch(
        name="api-errors",
        says="More than 1 % of requests end in an error of ours",
        figure=reckoned(
            "IF(asked > 20, 100 * failed / asked, 0)",
            "% failed",
            asked=figures.api("Count"),
            failed=figures.api("5XXError"),
        ),
        weight=Weight.OUTAGE,
        over=Over.GREATER_THAN_THRESHOLD,
        times=3,
        of=5,
    )
    yield Watch(
        name="api-slow",
        says=f"Answers take more than {ANSWER_MS} ms (p95)",
        figure=figures.api("Latency", "p95", minutes=5),
        weight=Weight.ROUTINE,
        bound=ANSWER_MS,
        over=Over.GREATER_THAN_THRESHOLD,
        times=3,
        of=3,
    )
    yield Watch(
        name="wall-blocks",
        says="The wall stops a flood of requests",
        figure=figures.stopped_at_the_wall,
        weight=Weight.ROUTINE,
        bound=1_000,
    )
