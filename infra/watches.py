"""What must not go unnoticed: every alarm, its figure, its bounds and how much it matters."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from aws_cdk import aws_cloudwatch as cloudwatch

from adapters.aws.measured import Name
from infra.figures import Figures, in_session, reckoned

Missing = cloudwatch.TreatMissingData
Over = cloudwatch.ComparisonOperator
#: NFR-002, and the PRD's least success of orders in %.
DUE_TO_BROKER_MS, SUCCESS = 500, 99.5
#: The broker of whose orders the success counts: paper refuses some on purpose.
TRADED_AT: Final = "zerodha"


class Weight(StrEnum):
    """DANGER: money or orders. OUTAGE: it does not work. ROUTINE: look at it within the day."""

    DANGER = "danger"
    OUTAGE = "outage"
    ROUTINE = "routine"


@dataclass(frozen=True, kw_only=True)
class Watch:
    """An alarm: `figure` is `bound` or worse in `times` of the last `of` points."""

    name: str
    says: str
    figure: cloudwatch.IMetric
    weight: Weight
    bound: float = 1
    over: Over = Over.GREATER_THAN_OR_EQUAL_TO_THRESHOLD
    times: int = 1
    of: int = 1
    missing: Missing = Missing.NOT_BREACHING


def watches(figures: Figures) -> Iterator[Watch]:
    """What trading itself tells; docs/aws.md says of each what to do."""
    yield from _dangers(figures)
    yield from _punctuality(figures)
    yield from _availability(figures)
    yield Watch(
        name="order-success",
        says=f"Fewer than {SUCCESS} % of the day's orders at {TRADED_AT} succeeded",
        figure=figures.order_success(TRADED_AT),
        weight=Weight.ROUTINE,
        bound=SUCCESS,
        over=Over.LESS_THAN_THRESHOLD,
    )


# ── orders and money: once is enough ──────────────────────────────────────────────────────

ONCE: Final = (
    (Name.UNCOVERED, "uncovered-short", "A short stood without its cover; its run is leaving"),
    (Name.EXITS_BLOCKED, "exit-blocked", "Something is held and cannot be left"),
    (Name.SLICES_LOST, "order-unknown", "An order is UNKNOWN after its search window"),
    (Name.DRIFTS_FOUND, "drift", "A broker's book or net is not what ours adds up to"),
    (Name.SLOTS_MISSED, "slot-missed", "A strategy was due and was not looked at in time"),
    (Name.ADDRESSES_FOREIGN, "address-foreign", "Orders leave from an undeclared address"),
    (Name.SEALS_BROKEN, "seal-broken", "An audit digest does not verify"),
)
LATER: Final = (
    (Name.SLICES_UNKNOWN, "order-unclear", "Orders got no answer; the book is being searched", 3),
    (Name.EXITS_SLOW, "exit-slow", "An exit is not flat in time", 1),
    (Name.QUOTES_STALE, "quotes-stale", "Runs have no fresh price to decide on", 3),
    (Name.BROKER_SILENT, "broker-silent", "Runs get no answer from their broker", 3),
    (Name.SLICES_REJECTED, "orders-rejected", "The broker refuses orders", 10),
    (Name.SLOTS_ASTRAY, "slots-astray", "Due slots do not agree with their strategies", 1),
    (Name.SIGN_INS_FAILED, "sign-ins-failing", "Many sign-ins fail: somebody is guessing", 50),
    (Name.REQUESTS_FORBIDDEN, "requests-forbidden", "Requests without the role for them", 20),
)


def _dangers(figures: Figures) -> Iterator[Watch]:
    for name, alarm, says in ONCE:
        yield Watch(name=alarm, says=says, figure=figures.ours(name), weight=Weight.DANGER)
    for name, alarm, says, bound in LATER:
        figure = figures.ours(name, minutes=5)
        yield Watch(name=alarm, says=says, figure=figure, weight=Weight.ROUTINE, bound=bound)


# ── in time ───────────────────────────────────────────────────────────────────────────────


def _punctuality(figures: Figures) -> Iterator[Watch]:
    yield Watch(
        name="due-to-broker",
        says=f"First orders go out more than {DUE_TO_BROKER_MS} ms late (p99)",
        figure=figures.ours(Name.DUE_TO_BROKER, "p99", minutes=5),
        weight=Weight.DANGER,
        bound=DUE_TO_BROKER_MS,
        over=Over.GREATER_THAN_THRESHOLD,
    )
    yield Watch(
        name="lane-waits",
        says="Orders wait for their place in an account's lane (p99)",
        figure=figures.ours(Name.LANE_WAIT, "p99", minutes=5),
        weight=Weight.ROUTINE,
        bound=5_000,
        times=2,
        of=3,
    )
    probe = figures.probe
    yield Watch(
        name="schedule-silent",
        says="The schedule is not looked at while the market trades",
        figure=reckoned(
            f"IF({in_session('asked')}, FILL(beats, 0), 1)",
            "minutes looked at",
            asked=probe,
            beats=figures.ours(Name.SCHEDULE_BEATS),
        ),
        weight=Weight.OUTAGE,
        over=Over.LESS_THAN_THRESHOLD,
        times=2,
        of=3,
        missing=Missing.IGNORE,  # `unavailable` knows when nobody asks any more
    )


def _availability(figures: Figures) -> Iterator[Watch]:
    yield Watch(
        name="unavailable",
        says="Health fails, or is not answered, while the market trades",
        figure=figures.good_minutes(otherwise="1"),
        weight=Weight.OUTAGE,
        over=Over.LESS_THAN_THRESHOLD,
        times=2,
        of=5,
        missing=Missing.BREACHING,  # health is asked for day and night
    )
    yield Watch(
        name="error-budget",
        says="Two bad minutes within a day: a quarter of what a month may have",
        figure=figures.good_minutes(otherwise="1"),
        weight=Weight.ROUTINE,
        over=Over.LESS_THAN_THRESHOLD,
        times=2,
        of=1_440,
    )
