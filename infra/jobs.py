"""Which functions there are, what each may do, and what it is given to do it with."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from infra.access import May
from infra.queues import Work

#: How the order workflow is named among the kinds of work.
ORDERS: Final = "orders"
#: MiB at which a function has a whole processor; below it has its share of one.
WHOLE: Final = 1_769


@dataclass(frozen=True, kw_only=True)
class Job:
    """One function; its handler is adapters/aws_lambda/{name}.py."""

    name: str
    meaning: str
    may: tuple[May, ...]
    sends: tuple[str, ...] = ()
    """Kinds of work it has others do; `orders` are started as workflows."""
    memory: int = 1_024
    timeout_s: int = 60
    snapshot: bool = False
    """Whether somebody waits for it while it starts (SnapStart)."""

    @property
    def handler(self) -> str:
        return f"adapters.aws_lambda.{self.name}.handler"

    @property
    def title(self) -> str:
        """Its name in templates."""
        return "".join(part.capitalize() for part in self.name.split("_"))

    @property
    def label(self) -> str:
        """Its name in AWS, after the stage's."""
        return self.name.replace("_", "-")


#: What whoever sends orders does: read and append, take a place in the account's lane, ask prices.
TRADE: Final = (
    May.APPEND,
    May.READ_VIEWS,
    May.REMEMBER,
    May.TAKE_PLACES,
    May.READ_SECRETS,
    May.READ_CONTRACTS,
)

API: Final = Job(
    name="api",
    meaning="The HTTP API",
    may=(
        May.APPEND,
        May.READ_VIEWS,
        May.REMEMBER,
        May.KEEP_SECRETS,
        May.READ_CONTRACTS,
        May.KNOW_PEOPLE,
        May.READ_SEALS,
    ),
    sends=("dispatch", "connected", "orders"),
    memory=WHOLE,
    timeout_s=29,  # API Gateway waits no longer
    snapshot=True,
)
SCHEDULER: Final = Job(
    name="strategy_scheduler",
    meaning="Has the slots of the minute two ahead executed, trader by trader",
    may=(May.READ_STREAMS, May.READ_VIEWS, May.REMEMBER, May.ANSWER_ONCE),
    sends=("execute",),
)
PROJECTOR: Final = Job(
    name="projector",
    meaning="Keeps the read models up to date",
    may=(May.READ_STREAMS, May.READ_VIEWS, May.PROJECT),
)
REACTOR: Final = Job(
    name="reactor",
    meaning="Feeds the lake, announces, notifies, and hands on what happened to runs",
    may=(May.READ_STREAMS, May.READ_VIEWS, May.REMEMBER, May.FEED_LAKE, May.ANNOUNCE),
    sends=("dispatch",),
)
SEALER: Final = Job(
    name="sealer",
    meaning="Seals the heads of all chains, and finds what the views lost",
    may=(
        May.READ_STREAMS,
        May.SCAN_STREAMS,
        May.SCAN_VIEWS,
        May.READ_VIEWS,
        May.PROJECT,
        May.READ_LAKE,
        May.SEAL,
    ),
    timeout_s=600,
)
#: What the watcher may do, besides its log.
WATCHER: Final = (*TRADE, May.SCAN_VIEWS)
WATCHER_SENDS: Final = ("dispatch", ORDERS)
#: What runs once, wherever orders leave from.
CENTRAL: Final = (API, SCHEDULER, PROJECTOR, REACTOR, SEALER)

EXECUTOR: Final = Job(
    name="strategy_executor",
    meaning="Opens, arms and enters a trader's runs of one minute",
    may=TRADE,
    sends=("execute", "dispatch", "orders"),
    memory=WHOLE,
    timeout_s=300,  # 45 s of waiting, then entries paced by the account's lane
    snapshot=True,
)
MONITOR: Final = Job(
    name="order_monitor",
    meaning="Follows a run once, and says when to look again",
    may=TRADE,
    sends=("dispatch",),
    memory=WHOLE,
    snapshot=True,  # it looks just before an exit's second, to be there at it
)
DISPATCHER: Final = Job(
    name="broker_dispatcher",
    meaning="Follows a run that something happened to, or makes a blocked account flat",
    may=TRADE,
    sends=("dispatch", "orders"),
    memory=WHOLE,
    timeout_s=120,
    snapshot=True,
)
RECONCILER: Final = Job(
    name="position_reconciler",
    meaning="Compares an account with its broker, and has its open runs followed",
    may=(*TRADE, May.SCAN_VIEWS, May.ANSWER_ONCE),
    sends=("reconcile", "dispatch", "orders"),
    timeout_s=120,
)
ADAPTER: Final = Job(
    name="broker_adapter_zerodha",
    meaning="Sessions, lists of contracts, the registered address and readiness at Zerodha",
    may=(
        May.APPEND,
        May.READ_VIEWS,
        May.SCAN_VIEWS,
        May.REMEMBER,
        May.KEEP_SECRETS,
        May.KEEP_CONTRACTS,
    ),
    sends=("dispatch", "connected", "reconcile"),
    timeout_s=300,
)
#: What speaks to a broker: once for each egress, as its orders leave by it.
AT_DESK: Final = (EXECUTOR, MONITOR, DISPATCHER, RECONCILER, ADAPTER)

#: Work by its name, and who does it; each egress has queues of its own.
WORK: Final = {
    "execute": (Work("execute", EXECUTOR.timeout_s, tries=3), EXECUTOR),
    # An account's next message waits while one of its messages is hidden.
    "dispatch": (Work("dispatch", DISPATCHER.timeout_s, tries=5, fifo=True), DISPATCHER),
    "reconcile": (Work("reconcile", RECONCILER.timeout_s, tries=3), RECONCILER),
    "connected": (Work("connected", ADAPTER.timeout_s, tries=3), ADAPTER),
}
