"""Before a halted platform may send again: what each broker has, against what our runs explain."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from adapters.halt import release_halt
from commands.gathering import filled_of
from commands.ports import Broker
from domain.account import BrokerAccount
from domain.book import BookOrder, OrderStatus, SessionExpired, Unavailable
from domain.ledger import expected_net, find
from domain.run import Run


class StillHalted(Exception):
    """The halt was not lifted; the message says what stands in the way."""


@dataclass(frozen=True, kw_only=True)
class Difference:
    """A contract in which the broker's net is not what we know: quantities in units, signed."""

    account_id: str
    key: str
    product: str
    expected: int
    found: int

    @property
    def name(self) -> str:
        """What a trader accepts it by; another quantity is another name."""
        return f"{self.account_id} {self.key} {self.product} {self.found - self.expected:+d}"


@dataclass(frozen=True, kw_only=True)
class AccountReport:
    """One account compared with its broker; `trouble` means that it could not be."""

    account_id: str
    differences: tuple[Difference, ...] = ()
    strange_orders: tuple[str, ...] = ()
    """Broker ids of live orders that no run of ours knows."""
    trouble: str | None = None

    @property
    def agrees(self) -> bool:
        return not (self.differences or self.strange_orders or self.trouble)

    @property
    def names(self) -> tuple[str, ...]:
        """What a trader would have to accept."""
        orders = (f"{self.account_id} order {order}" for order in self.strange_orders)
        return (*(difference.name for difference in self.differences), *orders)


def reconcile(account: BrokerAccount, runs: Sequence[Run], broker: Broker) -> AccountReport:
    """Compare an account's open runs, adopted and external positions with the broker's word."""
    try:
        before = filled_of(broker.orders())
        net = {(each.key, each.product): each.quantity for each in broker.positions()}
        book = tuple(broker.orders())
    except (Unavailable, SessionExpired) as error:
        why = str(error) or type(error).__name__
        return AccountReport(account_id=account.id, trouble=f"the broker cannot be read: {why}")
    if filled_of(book) != before:
        return AccountReport(account_id=account.id, trouble="orders fill just now: compare again")
    return AccountReport(
        account_id=account.id,
        differences=_differences(account, runs, book, net),
        strange_orders=_strange(runs, book),
    )


def reconcile_all(
    accounts: Iterable[BrokerAccount],
    runs: Callable[[str], Iterable[Run]],
    broker: Callable[[str], Broker],
) -> tuple[AccountReport, ...]:
    """One report for each linked account; `runs` answers an account's open runs."""
    return tuple(
        reconcile(account, tuple(runs(account.id)), broker(account.id))
        for account in accounts
        if not account.deleted
    )


def lift_halt(
    home: Path,
    reports: Iterable[AccountReport],
    reason: str,
    at: datetime,
    accepted: Collection[str] = (),
) -> Path | None:
    """Let the platform send again: every account agrees, or its differences are accepted by name.

    Answers the record that is left. Raises StillHalted.
    """
    reports = tuple(reports)
    unread = [f"{each.account_id}: {each.trouble}" for each in reports if each.trouble]
    found = [name for each in reports for name in each.names]
    unknown = [name for name in accepted if name not in found]
    open_ones = [name for name in found if name not in accepted]
    if unread or open_ones:
        raise StillHalted("; ".join([*unread, *open_ones]))
    if unknown:
        raise StillHalted(f"accepted, but not found: {'; '.join(unknown)}")
    granted = f"{reason}; accepted: {'; '.join(found)}" if found else reason
    return release_halt(home, granted, at)


def _differences(
    account: BrokerAccount,
    runs: Sequence[Run],
    book: Sequence[BookOrder],
    net: dict[tuple[str, str], int],
) -> tuple[Difference, ...]:
    expected = expected_net(runs, book)
    for held in (*account.adopted.values(), *account.external.values()):
        place = (held.key, held.product)
        expected[place] = expected.get(place, 0) + held.quantity
    return tuple(
        Difference(
            account_id=account.id,
            key=key,
            product=product,
            expected=expected.get((key, product), 0),
            found=net.get((key, product), 0),
        )
        for key, product in sorted({*expected, *net})
        if expected.get((key, product), 0) != net.get((key, product), 0)
    )


def _strange(runs: Iterable[Run], book: Sequence[BookOrder]) -> tuple[str, ...]:
    ours = {
        row.broker_order_id
        for run in runs
        for state in run.slices.values()
        if (row := find(state, book)) is not None
    }
    return tuple(
        row.broker_order_id
        for row in book
        if row.status is OrderStatus.OPEN and row.broker_order_id not in ours
    )
