"""The names, units and meanings of everything that is measured: the one place that knows them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

#: Everything is measured under this name, by stage, and some of it by broker as well.
NAMESPACE: Final = "atp"
STAGE, BROKER = "stage", "broker"


class Unit(StrEnum):
    """As CloudWatch calls them; rupees have none."""

    COUNT = "Count"
    MILLISECONDS = "Milliseconds"
    NONE = "None"


class Name(StrEnum):
    """One name, one meaning: `MEANINGS` says which, and whose it is to tell."""

    # ── what events tell, as they are stored ──────────────────────────────────────────────
    SLICES_RELEASED = "SlicesReleased"
    SLICES_REJECTED = "SlicesRejected"
    SLICES_UNSENT = "SlicesUnsent"
    SLICES_UNKNOWN = "SlicesUnknown"
    SLICES_LOST = "SlicesLost"
    RUNS_OPENED = "RunsOpened"
    RUNS_ENTERED = "RunsEntered"
    RUNS_SKIPPED = "RunsSkipped"
    RUNS_CLOSED = "RunsClosed"
    SLOTS_MISSED = "SlotsMissed"
    UNCOVERED = "UncoveredShorts"
    EXITS_BLOCKED = "ExitsBlocked"
    EXITS_SLOW = "ExitsSlow"
    QUOTES_STALE = "QuotesStale"
    BROKER_SILENT = "BrokerSilent"
    DRIFTS_FOUND = "DriftsFound"
    DRIFTS_RESOLVED = "DriftsResolved"
    ACCOUNTS_BLOCKED = "AccountsBlocked"
    ADDRESSES_FOREIGN = "AddressesForeign"
    SIGN_INS = "SignIns"
    SIGN_INS_FAILED = "SignInsFailed"
    REQUESTS_FORBIDDEN = "RequestsForbidden"
    # ── what a run tells when it closes ───────────────────────────────────────────────────
    ORDERS_COMPLETE = "OrdersComplete"
    ORDERS_FAILED = "OrdersFailed"
    ORDERS_CANCELLED = "OrdersCancelled"
    TURNOVER = "Turnover"
    # ── what the product is judged by ─────────────────────────────────────────────────────
    USERS_ACTIVE = "UsersActive"
    USERS_REGISTERED = "UsersRegistered"
    ACCOUNTS_CONNECTED = "AccountsConnected"
    STRATEGIES_DRAFTED = "StrategiesDrafted"
    STRATEGIES_DEPLOYED = "StrategiesDeployed"
    DEPLOYMENTS_REFUSED = "DeploymentsRefused"
    # ── what whoever does it measures on the way ──────────────────────────────────────────
    DUE_TO_BROKER = "DueToBroker"
    SCHEDULE_BEATS = "ScheduleBeats"
    SLOTS_PLANNED = "SlotsPlanned"
    LANE_WAIT = "LaneWait"
    STREAMS_PARKED = "StreamsParked"
    HEADS_BEHIND = "HeadsBehind"
    SEALS_BROKEN = "SealsBroken"
    SLOTS_ASTRAY = "SlotsAstray"


@dataclass(frozen=True, slots=True)
class Meaning:
    """What one of it is, in which unit, and which function tells it."""

    teller: str
    text: str
    unit: Unit = Unit.COUNT


REACTOR: Final = "reactor"
MEANINGS: Final[Mapping[Name, Meaning]] = {
    Name.SLICES_RELEASED: Meaning(REACTOR, "orders whose intent was stored, to be sent at once"),
    Name.SLICES_REJECTED: Meaning(REACTOR, "orders that the broker refused"),
    Name.SLICES_UNSENT: Meaning(REACTOR, "orders that never left: busy, no session, lease over"),
    Name.SLICES_UNKNOWN: Meaning(REACTOR, "orders that may or may not be at the broker"),
    Name.SLICES_LOST: Meaning(REACTOR, "orders still UNKNOWN after their search window"),
    Name.RUNS_OPENED: Meaning(REACTOR, "runs that were opened"),
    Name.RUNS_ENTERED: Meaning(REACTOR, "runs whose entry was complete"),
    Name.RUNS_SKIPPED: Meaning(REACTOR, "runs that were not entered, for whatever reason"),
    Name.RUNS_CLOSED: Meaning(REACTOR, "runs that closed"),
    Name.SLOTS_MISSED: Meaning(REACTOR, "runs skipped as MISSED: their time passed unnoticed"),
    Name.UNCOVERED: Meaning(REACTOR, "runs left because a short stood without its cover"),
    Name.EXITS_BLOCKED: Meaning(REACTOR, "minutes in which something held could not be left"),
    Name.EXITS_SLOW: Meaning(REACTOR, "exits that were not flat in time"),
    Name.QUOTES_STALE: Meaning(REACTOR, "runs without a fresh price to decide on"),
    Name.BROKER_SILENT: Meaning(REACTOR, "runs whose broker does not answer"),
    Name.DRIFTS_FOUND: Meaning(REACTOR, "differences from the broker that nothing explains"),
    Name.DRIFTS_RESOLVED: Meaning(REACTOR, "differences that are gone, or were explained"),
    Name.ACCOUNTS_BLOCKED: Meaning(REACTOR, "kill switches turned"),
    Name.ADDRESSES_FOREIGN: Meaning(REACTOR, "accounts whose orders left undeclared"),
    Name.SIGN_INS: Meaning(REACTOR, "sign-ins"),
    Name.SIGN_INS_FAILED: Meaning(REACTOR, "sign-ins that failed"),
    Name.REQUESTS_FORBIDDEN: Meaning(REACTOR, "requests for which a role was missing"),
    Name.ORDERS_COMPLETE: Meaning(REACTOR, "orders that filled, of a run that closed"),
    Name.ORDERS_FAILED: Meaning(REACTOR, "orders rejected, unsent or absent, of a closed run"),
    Name.ORDERS_CANCELLED: Meaning(REACTOR, "orders that were taken back, of a closed run"),
    Name.TURNOVER: Meaning(REACTOR, "value of a closed run's fills in ₹", Unit.NONE),
    Name.USERS_ACTIVE: Meaning(REACTOR, "things that users did; counted by distinct user"),
    Name.USERS_REGISTERED: Meaning(REACTOR, "users that were registered"),
    Name.ACCOUNTS_CONNECTED: Meaning(REACTOR, "logins at a broker"),
    Name.STRATEGIES_DRAFTED: Meaning(REACTOR, "strategies that were drafted"),
    Name.STRATEGIES_DEPLOYED: Meaning(REACTOR, "activations of strategies"),
    Name.DEPLOYMENTS_REFUSED: Meaning(REACTOR, "activations refused for what is faulty"),
    Name.DUE_TO_BROKER: Meaning(
        "strategy_executor", "from its due time to a run's first order", Unit.MILLISECONDS
    ),
    Name.SCHEDULE_BEATS: Meaning("strategy_scheduler", "minutes whose schedule was looked at"),
    Name.SLOTS_PLANNED: Meaning("strategy_scheduler", "strategies found due in a minute"),
    Name.LANE_WAIT: Meaning(
        "strategy_executor", "an order's wait for its place in the lane", Unit.MILLISECONDS
    ),
    Name.STREAMS_PARKED: Meaning("projector, sealer", "streams set aside because they failed"),
    Name.HEADS_BEHIND: Meaning("sealer", "streams whose views are behind their last event"),
    Name.SEALS_BROKEN: Meaning("sealer", "audit digests that do not verify"),
    Name.SLOTS_ASTRAY: Meaning("sealer", "due slots that do not agree with their strategy"),
}


@dataclass(frozen=True, slots=True)
class Measured:
    """One value; `about` says of whom and what, and stays in the log, where it costs nothing."""

    name: Name
    value: float = 1
    broker: str | None = None
    about: Mapping[str, str | int] = field(default_factory=dict)

    @property
    def unit(self) -> Unit:
        return MEANINGS[self.name].unit
