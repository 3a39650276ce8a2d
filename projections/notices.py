"""What a trader hears of an event of a run, an account or a strategy; a pure function of each."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any, Final, NamedTuple

from domain.account import BrokerAccount
from domain.calendar import IST
from domain.gravity import Gravity
from domain.model import DomainEvent
from domain.run import Run
from domain.slices import SliceStatus
from domain.strategy import Strategy
from projections.notice_words import (
    ALERTS,
    EXITS,
    PLANNED_EXITS,
    PLANNED_SKIPS,
    SKIPS,
    UNHEARD,
    Words,
    because,
    in_words,
    sentence,
)

INFO, WARNING, ALARM = Gravity.INFO, Gravity.WARNING, Gravity.ALARM


class Told(NamedTuple):
    """What is said of an event."""

    kind: str
    gravity: Gravity
    text: str


class About(NamedTuple):
    """What is known of the stream before the event."""

    name: str
    """Of the strategy, or of the account."""
    account: str
    due_at: datetime | None = None
    orders: Mapping[str, str] = {}
    """What each order is, by tag: `SELL 65 NFO:…`."""
    unknown: tuple[str, ...] = ()
    """Tags of orders whose outcome is not known."""

    def order(self, tag: str) -> str:
        return self.orders.get(tag, f"order {tag}")

    @property
    def where(self) -> str:
        """A run, as its trader knows it."""
        return f"{self.name} on {self.account}"


# Any: each teller takes the event it is listed with.
Teller = Callable[[Any, About], Told | None]


def skipped(event: Run.Skipped, about: About) -> Told:
    words = SKIPS.get(event.reason, Words(in_words(event.reason)))
    due = f" at {about.due_at.astimezone(IST):%H:%M} IST" if about.due_at else ""
    if event.reason in PLANNED_SKIPS:
        text = sentence(f"{about.where} does not enter{due}: {words.means} ({event.detail})")
        return Told("SKIPPED", INFO, text)
    what = f"{about.where} was not entered{due}: {words.means} ({event.reason}: {event.detail})"
    return Told("SKIPPED", WARNING, sentence(what, words.do, "it is tried again at its next slot"))


def entered(event: Run.Entered, about: About) -> Told:
    got = "received" if event.net_premium >= 0 else "paid"
    what = f"{about.where} is in the market, {rupees(abs(event.net_premium))} of premium {got}"
    return Told("ENTERED", INFO, sentence(what))


def leaving(event: Run.ExitRequested, about: About) -> Told:
    words = EXITS.get(event.reason, Words(in_words(event.reason)))
    gravity = INFO if event.reason in PLANNED_EXITS else WARNING
    what = f"{about.where} leaves: {words.means} ({because(event.reason, event.detail)})"
    return Told("EXIT", gravity, sentence(what, words.do))


def closed(event: Run.Closed, about: About) -> Told:
    made = event.realised - event.charges
    words = EXITS.get(event.outcome, Words(in_words(event.outcome)))
    result = f"a {'profit' if made >= 0 else 'loss'} of {rupees(abs(made))} after charges"
    what = f"{about.where} is closed with {result} of {rupees(event.charges)}"
    return Told("CLOSED", INFO, sentence(f"{what}; {words.means} ({event.outcome})"))


def alerted(event: Run.Alerted, about: About) -> Told:
    words = ALERTS.get(event.kind, UNHEARD)
    what = f"{about.where}: {words.means} ({event.detail})"
    return Told(event.kind, ALARM, sentence(what, words.do))


def alert_over(event: Run.AlertCleared, about: About) -> Told:
    words = ALERTS.get(event.kind, UNHEARD)
    return Told(event.kind, INFO, sentence(f"{about.where}: this is over: {words.means}"))


def settled(event: Run.Settled, about: About) -> Told:
    how = "an estimated" if event.estimated else "the official"
    what = f"{about.where}: {abs(event.quantity)} units of leg {event.leg + 1} expired"
    return Told("SETTLED", INFO, sentence(f"{what} at {how} {rupees(event.price)}"))


def rejected(event: Run.SliceRejected, about: About) -> Told:
    return refused(event.tag, event.message, about)


def refused(tag: str, why: str | None, about: About) -> Told:
    what = f"{about.where}: the broker rejected {about.order(tag)} ({why or 'without a reason'})"
    do = "the run closes what is uncovered by its own rules; see the reason for the next time"
    return Told("ORDER_REJECTED", WARNING, sentence(what, do))


def unknown(event: Run.SliceUnknown, about: About) -> Told:
    what = f"{about.where}: {about.order(event.tag)} may or may not be at the broker"
    do = "its order book is searched, and nothing is sent again before it is known"
    return Told("ORDER_UNKNOWN", WARNING, sentence(f"{what} ({event.message})", do))


def absent(event: Run.SliceAbsent, about: About) -> Told:
    what = f"{about.where}: {about.order(event.tag)} never reached the broker"
    return Told("ORDER_UNKNOWN", INFO, sentence(f"{what} ({event.evidence})"))


def declared_filled(event: Run.SliceDeclaredFilled, about: About) -> Told:
    what = f"{about.where}: {event.filled} units of {about.order(event.tag)} filled"
    price = rupees(event.average_price)
    return Told("ORDER_UNKNOWN", INFO, sentence(f"{what} at {price}, as you declared"))


def seen(event: Run.SliceSeen, about: About) -> Told | None:
    """Most looks into the book are no news: a rejection is, and an order that was lost."""
    if event.status is SliceStatus.REJECTED:
        return refused(event.tag, event.message, about)
    if event.tag not in about.unknown:
        return None
    what = f"{about.where}: {about.order(event.tag)} is at the broker after all"
    return Told("ORDER_UNKNOWN", INFO, sentence(f"{what}, {in_words(event.status)}"))


def blocked(event: BrokerAccount.Blocked, about: About) -> Told:
    what = f"trading is stopped on {about.account}: {event.reason}"
    do = "open runs are being closed, nothing new is entered; release the account to go on"
    return Told("BLOCKED", ALARM, sentence(what, do))


def released(event: BrokerAccount.Released, about: About) -> Told:
    return Told("RELEASED", INFO, sentence(f"{about.account} trades again: {event.reason}"))


def session_ended(event: BrokerAccount.SessionEnded, about: About) -> Told:
    what = f"the broker's session of {about.account} is over: {event.reason}"
    do = "log in at the broker before the next entry; until then entries are skipped"
    return Told("SESSION_ENDED", WARNING, sentence(what, do))


def login_due(event: BrokerAccount.LoginDue, about: About) -> Told:
    opens = f"{event.opens_at.astimezone(IST):%H:%M} IST"
    what = f"nobody is logged in at the broker of {about.account}, and the market opens at {opens}"
    if event.open_runs:
        held = f"{event.open_runs} open run(s) cannot be watched or left there before"
        return Told("LOGIN_DUE", ALARM, sentence(what, f"log in now: {held}"))
    return Told("LOGIN_DUE", WARNING, sentence(what, "log in now: until then entries are skipped"))


def address_seen(event: BrokerAccount.AddressSeen, about: About) -> Told:
    if not event.foreign:
        what = f"orders of {about.account} leave from {event.found} again, as declared"
        return Told("ADDRESS", INFO, sentence(what))
    what = f"orders of {about.account} would leave from {event.found}, declared is {event.declared}"
    do = "nothing is entered until they agree: register the address at the broker and declare it"
    return Told("ADDRESS", ALARM, sentence(what, do))


def drift_found(event: BrokerAccount.DriftFound, about: About) -> Told:
    what = f"{about.account}: {event.drift.text}"
    do = "no new risk is taken there: adopt it, ignore it, flatten it, or say how it came about"
    return Told("DRIFT", ALARM, sentence(what, do))


def drift_resolved(event: BrokerAccount.DriftResolved, about: About) -> Told:
    how = "is explained" if event.explained else "is as expected again"
    what = f"{about.account}: {event.key} ({event.product}) {how}"
    return Told("DRIFT", INFO, sentence(f"{what}: {event.how}"))


def validated(event: Strategy.Validated, about: About) -> Told | None:
    """Looking again is news if it found something."""
    if not event.faults:
        return None
    found = ", ".join(f"{fault.message} ({fault.field})" for fault in event.faults)
    do = "mend it, or wait for other contracts: until then it does not enter, what is open goes on"
    return Told("FAULTS", WARNING, sentence(f"{about.name} cannot be traded: {found}", do))


TELLERS: Final[Mapping[type[DomainEvent], Teller]] = {
    Run.Skipped: skipped,
    Run.Entered: entered,
    Run.ExitRequested: leaving,
    Run.Closed: closed,
    Run.Alerted: alerted,
    Run.AlertCleared: alert_over,
    Run.Settled: settled,
    Run.SliceRejected: rejected,
    Run.SliceUnknown: unknown,
    Run.SliceAbsent: absent,
    Run.SliceDeclaredFilled: declared_filled,
    Run.SliceSeen: seen,
    BrokerAccount.Blocked: blocked,
    BrokerAccount.Released: released,
    BrokerAccount.SessionEnded: session_ended,
    BrokerAccount.LoginDue: login_due,
    BrokerAccount.AddressSeen: address_seen,
    BrokerAccount.DriftFound: drift_found,
    BrokerAccount.DriftResolved: drift_resolved,
    Strategy.Validated: validated,
}


def rupees(amount: Decimal) -> str:
    return f"₹{amount:,.2f}"
