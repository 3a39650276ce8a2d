"""Looking at a broker so that what it shows is of one moment."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Final, TypeVar

from commands.application import Trading
from commands.desk import OpenRuns
from commands.ports import Broker
from domain.account import BrokerAccount
from domain.attribution import Attribution, Seen
from domain.book import Unavailable
from domain.calendar import ist_date
from domain.ledger import expected_net, held
from domain.reconciliation import Place, Reading, filled_of, traded_by_hand
from domain.run import Run

T = TypeVar("T")

#: How often a broker is looked at in a row while orders fill between.
LOOKS: Final = 5


def look(
    broker: Broker, between: Callable[[], T], *, trades: bool = False
) -> tuple[Reading, T] | None:
    """Book, net and trades, and what `between` answers; None where orders came or filled meanwhile.

    What is loaded between the two looks at the book knows every order of the first one, and no
    fill beyond the second. Raises Unavailable, SessionExpired.
    """
    before = filled_of(broker.orders())
    net = {(each.key, each.product): each for each in broker.positions()}
    executed = tuple(broker.trades()) if trades else ()
    answer = between()
    book = tuple(broker.orders())
    if filled_of(book) != before:
        return None
    return Reading(book=book, net=net, trades=executed), answer


def look_until_still(
    broker: Broker, between: Callable[[], T], *, trades: bool = False
) -> tuple[Reading, T]:
    """As `look`, taken again while orders fill; raises Unavailable when they do not stop."""
    for _ in range(LOOKS):
        if (found := look(broker, between, trades=trades)) is not None:
            return found
    raise Unavailable("orders are filling just now: ask again")


def known(
    trading: Trading, runs: OpenRuns, account_id: str, now: datetime
) -> tuple[BrokerAccount, Sequence[Run]]:
    """The account and its runs of today, ended or not, as their streams have them."""
    touching = runs.touching(account_id, ist_date(now))
    found = [trading.load(run.id, Run, verify=True) for run in touching]
    return trading.load(account_id, BrokerAccount, verify=True), found


def seen_at(
    broker: Broker, knowing: Callable[[], tuple[BrokerAccount, Sequence[Run]]], place: Place
) -> Seen:
    """What the broker shows of one contract now; raises Unavailable, SessionExpired."""
    reading, (account, runs) = look_until_still(broker, knowing, trades=True)
    alive = [run for run in runs if not run.stage.ended]
    position = reading.net.get(place)
    seen = Seen(
        found=reading.found(place),
        by_runs=expected_net(alive, reading.book).get(place, 0),
        holdings={run.id: units for run in alive if (units := held_there(run, place))},
        average_price=position.average_price if position else Decimal(0),
    )
    units = Attribution.of(account, *place, seen).drift
    return seen.model_copy(update={"by_hand": traded_by_hand(runs, reading, place, units)})


def held_there(run: Run, place: Place) -> int:
    """What the run holds in that contract, in units; nothing where it trades another product."""
    if run.terms.product.value != place[1]:
        return 0
    legs = enumerate(run.legs)
    return sum(held(run, number) for number, leg in legs if leg.contract.key == place[0])
