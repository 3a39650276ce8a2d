"""What is said to a trader of each thing that may happen, and what can be done about it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, NamedTuple

from domain.run_terms import Stage


class Words(NamedTuple):
    """What it means, and what the trader can do; both without a full stop."""

    means: str
    do: str = ""


#: What the stages of a run are called, wherever they are shown.
STAGES: Final[Mapping[Stage, str]] = {
    Stage.PENDING: "About to enter",
    Stage.ENTERING: "Entering",
    Stage.OPEN: "Open",
    Stage.EXITING: "Leaving",
    Stage.SKIPPED: "Skipped",
    Stage.CLOSED: "Closed",
}

#: Alarms of runs, by kind. A test holds this against every alarm there is.
ALERTS: Final[Mapping[str, Words]] = {
    "HALTED": Words(
        "it takes no new risk",
        "it is watched and left as before; settle the difference on its account",
    ),
    "EXIT_BLOCKED": Words(
        "it cannot be left",
        "what it holds stays open: log in at the broker and close it there by hand if need be; "
        "the exit is tried again until the close",
    ),
    "EXIT_SLOW": Words(
        "it is not flat yet", "the exit goes on; look at its open orders at the broker"
    ),
    "BROKER_SILENT": Words(
        "the broker does not answer",
        "nothing new is sent, and what is held is looked at again each second; check the session",
    ),
    "UNKNOWN_ORDER": Words(
        "an order may or may not be at the broker",
        "it is not sent again: look into the broker's order book and, if it is not there, declare "
        "the order absent",
    ),
    "DRIFT": Words(
        "the broker's position is not what our orders explain",
        "no new risk is taken in that contract: adopt it, ignore it or flatten it",
    ),
    "STALE_QUOTES": Words(
        "prices stand still",
        "no limit is watched on old prices; the exit time holds, and you can leave by hand",
    ),
    "SETTLEMENT": Words(
        "an expired leg waits for its settlement price",
        "nothing is to be done: it is settled once the price is known",
    ),
}
UNHEARD: Final = Words("something is wrong", "look at the run")

#: Reasons not to enter.
SKIPS: Final[Mapping[str, Words]] = {
    "MISSED": Words("its time passed before it could be entered", "check that the platform ran"),
    "BLOCKED": Words("trading is stopped on the account", "release the account to trade again"),
    "MARGIN": Words("the margin does not suffice", "add funds, or trade fewer lots"),
    "NOT_CONNECTED": Words("the broker's session is not open", "log in at the broker"),
    "REJECTED": Words("the broker refuses it", "see its reason, and change the strategy"),
    "BROKER_UNAVAILABLE": Words("the broker did not answer in time", "check the broker's status"),
    "STALE_QUOTE": Words("a leg has no fresh price", "check that its strikes are traded"),
    "STALE_SPOT": Words("the underlying has no fresh price", "check the feed of prices"),
    "NO_QUOTE": Words("a leg has no price", "check that its strikes are traded"),
    "EXIT_TIME_PASSED": Words("its exit time has passed", "check entry and exit times"),
    "DRIFT": Words("the account's positions are not as expected", "resolve the drift first"),
    "CLOCK_OFF": Words("the machine's clock is wrong", "set the clock; NTP keeps it right"),
    "ADDRESS_DIFFERS": Words(
        "orders would leave from another address than the one declared",
        "register the address at the broker and declare it, or restore the one declared",
    ),
    "REQUEST": Words("it was withdrawn"),
    "CANCELLED": Words("it was withdrawn"),
    "KILL": Words("the kill switch was turned", "release the account to trade again"),
    "WEEKDAY": Words("it is not its weekday"),
    "SKIP_DATE": Words("the date is left out"),
    "DTE": Words("the days to expiry are outside its range"),
    "MARKET_CLOSED": Words("the market is closed"),
}
#: These follow from the schedule or from a wish, and ask for nothing.
PLANNED_SKIPS: Final = frozenset(
    ("REQUEST", "CANCELLED", "WEEKDAY", "SKIP_DATE", "DTE", "MARKET_CLOSED")
)

#: Reasons to leave.
EXITS: Final[Mapping[str, Words]] = {
    "TIME": Words("its exit time has come"),
    "TARGET_PROFIT": Words("its profit target is reached"),
    "STOP_LOSS": Words("its stop loss is hit"),
    "MAX_LOSS": Words("its maximum loss is hit"),
    "REQUEST": Words("you asked for it"),
    "CANCELLED": Words("its entry was cancelled"),
    "FLAT": Words("nothing is held any more", "if you did not close it by hand, look at the fills"),
    "EXPIRED": Words("its contracts expired"),
    "KILL": Words("the kill switch was turned"),
    "BLOCKED": Words("trading was stopped on the account"),
    "DRIFT": Words("the broker's positions are not as expected", "resolve the drift"),
    "UNCOVERED": Words(
        "a short is not covered as planned", "shorts are bought back first; watch the account"
    ),
    "HEDGE_TIMEOUT": Words(
        "its hedges did not fill in time, so no short was sold beyond what they cover",
        "what was bought is sold again; wider limits or nearer hedges fill faster",
    ),
    "ENTRY_INCOMPLETE": Words(
        "its entry was not complete in time", "what was filled is closed again"
    ),
    "ENTRY_REJECTED": Words("an order of its entry was rejected", "what was filled is closed"),
    "ENTRY_CANCELLED": Words(
        "an order of its entry was cancelled at the broker", "what was filled is closed again"
    ),
    "ENTRY_ABSENT": Words(
        "an order of its entry never reached the broker", "what was filled is closed again"
    ),
    "STALE_QUOTE": Words("a leg had no fresh price while entering", "what was filled is closed"),
}
#: Reasons to leave that are part of the plan.
PLANNED_EXITS: Final = frozenset(("TIME", "TARGET_PROFIT", "REQUEST", "CANCELLED", "EXPIRED"))


def sentence(*parts: str) -> str:
    """The parts as sentences, each with a capital and a full stop."""
    said = (part.strip().rstrip(".") for part in parts)
    return " ".join(f"{part[0].upper()}{part[1:]}." for part in said if part)


def because(what: str, detail: str) -> str:
    """`STALE_QUOTE: no price for 3 s`; the first alone where nothing more was said."""
    return f"{what}: {detail}" if detail else what


def in_words(code: str) -> str:
    """`hedge timeout` for HEDGE_TIMEOUT."""
    return code.replace("_", " ").lower()
