"""From what happened to what is measured: pure functions over events and runs, and their emission.

CloudWatch counts what it is told, and a record delivered twice is told twice: alarms are for
people and may err by that. KPIs count distinct users and strategies, which no repetition changes.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any, Final

from adapters.aws.measured import BROKER, NAMESPACE, STAGE, Measured, Name
from domain.account import BrokerAccount
from domain.model import DomainEvent
from domain.run import Run
from domain.slices import SliceStatus
from domain.strategy import Strategy
from domain.user import User

__all__ = ["Measured", "Name", "due_to_broker", "metrics_of", "outcome_of", "publish"]

#: Alarms of a run that have a metric of their own.
ALARMS: Final[Mapping[str, Name]] = {
    "EXIT_BLOCKED": Name.EXITS_BLOCKED,
    "EXIT_SLOW": Name.EXITS_SLOW,
    "STALE_QUOTES": Name.QUOTES_STALE,
    "BROKER_SILENT": Name.BROKER_SILENT,
    "UNKNOWN_ORDER": Name.SLICES_LOST,
}
#: A refusal that says nothing of the strategy: it was not the asker's, or somebody else was first.
NOT_OF_THE_STRATEGY: Final = frozenset(
    ("not-found", "forbidden", "stale-edition", "idempotency-key-reused", "busy")
)
FAILED: Final = frozenset((SliceStatus.REJECTED, SliceStatus.UNSENT, SliceStatus.ABSENT))
USERS: Final = "USER-"
About = dict[str, str | int]


def metrics_of(event: DomainEvent) -> Iterator[Measured]:
    """What one event tells by itself; most tell nothing."""
    # Any: each takes the event it is listed with.
    told: Callable[[Any], Iterator[Measured]] | None = TOLD.get(type(event))
    if told is not None:
        yield from told(event)
    if (user_id := active_user(event)) is not None:
        yield Measured(Name.USERS_ACTIVE, about={"active_user": user_id})


def active_user(event: DomainEvent) -> str | None:
    """Who did something, where it was a user: signed in, or caused any event."""
    if isinstance(event, User.SignedIn):
        return event.originator_id
    return event.actor if event.actor.startswith(USERS) else None


def outcome_of(run: Run) -> Iterator[Measured]:
    """What a run's orders came to: asked for when the run has closed, with every tag resolved."""
    ended = Counter(state.status for state in run.slices.values())
    counted: dict[Name, int | Decimal] = {
        Name.ORDERS_COMPLETE: ended[SliceStatus.COMPLETE],
        Name.ORDERS_FAILED: sum(ended[status] for status in FAILED),
        Name.ORDERS_CANCELLED: ended[SliceStatus.CANCELLED],
        Name.TURNOVER: sum((abs(s.value) for s in run.slices.values()), Decimal(0)),
    }
    about = {"run_id": run.id, "user_id": run.terms.user_id}
    for name, value in counted.items():
        if value:
            yield Measured(name, float(value), run.terms.broker, about)


def due_to_broker(run: Run, called_at: datetime) -> Measured:
    """How late the first order of a run was: `called_at` is just before the broker is called."""
    late = (called_at - run.due_at).total_seconds() * 1000
    return Measured(Name.DUE_TO_BROKER, max(late, 0), run.terms.broker, {"run_id": run.id})


def publish(measured: Iterable[Measured], stage: str) -> None:
    """Print each as a line of CloudWatch's embedded metric format: no call, no wait."""
    from aws_lambda_powertools.metrics.provider.cloudwatch_emf.cloudwatch import (
        AmazonCloudWatchEMFProvider,
    )

    for one in measured:
        provider = AmazonCloudWatchEMFProvider(namespace=NAMESPACE)
        provider.service = ""  # a dimension by function would hide the sum that alarms look at
        provider.add_dimension(STAGE, stage)
        if one.broker is not None:
            provider.add_dimensions(**{STAGE: stage, BROKER: one.broker})
        provider.add_metric(one.name.value, one.unit.value, one.value)
        for key, value in one.about.items():
            provider.add_metadata(key, value)
        provider.flush_metrics()


# ── one event each ────────────────────────────────────────────────────────────────────────


def _counted(name: Name) -> Callable[[DomainEvent], Iterator[Measured]]:
    def told(event: DomainEvent) -> Iterator[Measured]:
        yield Measured(name, about={"stream": event.originator_id})

    return told


def _released(event: Run.PhaseReleased) -> Iterator[Measured]:
    yield Measured(Name.SLICES_RELEASED, len(event.slices), about={"run_id": event.originator_id})


def _seen(event: Run.SliceSeen) -> Iterator[Measured]:
    if event.status is SliceStatus.REJECTED:
        yield from _counted(Name.SLICES_REJECTED)(event)


def _skipped(event: Run.Skipped) -> Iterator[Measured]:
    about = {"run_id": event.originator_id, "reason": event.reason}
    yield Measured(Name.RUNS_SKIPPED, about=about)
    if event.reason == "MISSED":
        yield Measured(Name.SLOTS_MISSED, about=about)


def _exit_requested(event: Run.ExitRequested) -> Iterator[Measured]:
    if event.reason == "UNCOVERED":
        yield from _counted(Name.UNCOVERED)(event)


def _alerted(event: Run.Alerted) -> Iterator[Measured]:
    if (name := ALARMS.get(event.kind)) is not None:
        yield from _counted(name)(event)


def _address_seen(event: BrokerAccount.AddressSeen) -> Iterator[Measured]:
    if event.foreign:
        yield from _counted(Name.ADDRESSES_FOREIGN)(event)


def _registered(event: User.Registered) -> Iterator[Measured]:
    about: About = {"user_id": event.originator_id, "registered_ms": _ms(event)}
    yield Measured(Name.USERS_REGISTERED, about=about)


def _connected(event: BrokerAccount.Connected) -> Iterator[Measured]:
    about: About = {"account_id": event.originator_id}
    if event.actor.startswith(USERS):
        about |= {"user_id": event.actor, "ready_ms": _ms(event)}
    yield Measured(Name.ACCOUNTS_CONNECTED, about=about)


def _drafted(event: Strategy.Drafted) -> Iterator[Measured]:
    about: About = {"strategy_id": event.originator_id, "drafted_ms": _ms(event)}
    yield Measured(Name.STRATEGIES_DRAFTED, about=about)


def _deployed(event: Strategy.Activated) -> Iterator[Measured]:
    about: About = {
        "strategy_id": event.originator_id,
        "deployed_ms": _ms(event),
        "user_id": event.actor,
        "ready_ms": _ms(event),
    }
    yield Measured(Name.STRATEGIES_DEPLOYED, about=about)


def _refused(event: User.CommandRefused) -> Iterator[Measured]:
    if event.code == "forbidden":
        about = {"user_id": event.originator_id, "command": event.command}
        yield Measured(Name.REQUESTS_FORBIDDEN, about=about)
    if event.command == "ActivateStrategy" and event.code not in NOT_OF_THE_STRATEGY:
        of: About = {
            "strategy_id": event.target or "",
            "refused_ms": _ms(event),
            "code": event.code,
        }
        yield Measured(Name.DEPLOYMENTS_REFUSED, about=of)


def _ms(event: DomainEvent) -> int:
    """Milliseconds since 1970, as queries over logs reckon."""
    return int(event.timestamp.timestamp() * 1000)


# Any: each takes the event it is listed with.
TOLD: Final[Mapping[type[DomainEvent], Callable[[Any], Iterator[Measured]]]] = {
    Run.Opened: _counted(Name.RUNS_OPENED),
    Run.PhaseReleased: _released,
    Run.SliceRejected: _counted(Name.SLICES_REJECTED),
    Run.SliceSeen: _seen,
    Run.SliceUnsent: _counted(Name.SLICES_UNSENT),
    Run.SliceUnknown: _counted(Name.SLICES_UNKNOWN),
    Run.Entered: _counted(Name.RUNS_ENTERED),
    Run.Skipped: _skipped,
    Run.ExitRequested: _exit_requested,
    Run.Alerted: _alerted,
    Run.Closed: _counted(Name.RUNS_CLOSED),
    BrokerAccount.Connected: _connected,
    BrokerAccount.Blocked: _counted(Name.ACCOUNTS_BLOCKED),
    BrokerAccount.DriftFound: _counted(Name.DRIFTS_FOUND),
    BrokerAccount.DriftResolved: _counted(Name.DRIFTS_RESOLVED),
    BrokerAccount.AddressSeen: _address_seen,
    Strategy.Drafted: _drafted,
    Strategy.Activated: _deployed,
    User.Registered: _registered,
    User.SignedIn: _counted(Name.SIGN_INS),
    User.SignInFailed: _counted(Name.SIGN_INS_FAILED),
    User.CommandRefused: _refused,
}
