"""Before a halted platform may send again: what each broker has, against what our runs explain."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from adapters.halt import release_halt
from commands.looking import look
from commands.ports import Broker
from domain.account import BrokerAccount
from domain.account_terms import Drift
from domain.book import SessionExpired, Unavailable
from domain.reconciliation import net_differences, strange_orders
from domain.run import Run


class StillHalted(Exception):
    """The halt was not lifted; the message says what stands in the way."""


@dataclass(frozen=True, kw_only=True)
class AccountReport:
    """One account compared with its broker; `trouble` means that it could not be."""

    account_id: str
    differences: tuple[Drift, ...] = ()
    strange_orders: tuple[str, ...] = ()
    """Broker ids of live orders that no run of ours knows."""
    trouble: str | None = None

    @property
    def agrees(self) -> bool:
        return not (self.differences or self.strange_orders or self.trouble)

    @property
    def names(self) -> tuple[str, ...]:
        """What a trader would have to accept; another quantity is another name."""
        nets = (f"{self.account_id} {d.key} {d.product} {d.units:+d}" for d in self.differences)
        orders = (f"{self.account_id} order {order}" for order in self.strange_orders)
        return (*nets, *orders)


def reconcile(account: BrokerAccount, runs: Sequence[Run], broker: Broker) -> AccountReport:
    """Compare an account's open runs, adopted and external positions with the broker's word."""
    try:
        looked = look(broker, lambda: None)
    except (Unavailable, SessionExpired) as error:
        why = str(error) or type(error).__name__
        return AccountReport(account_id=account.id, trouble=f"the broker cannot be read: {why}")
    if looked is None:
        return AccountReport(account_id=account.id, trouble="orders fill just now: compare again")
    reading, _ = looked
    strange = strange_orders(runs, reading.book)
    return AccountReport(
        account_id=account.id,
        differences=net_differences(account, runs, reading),
        strange_orders=tuple(drift.order for drift in strange if drift.order is not None),
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
    return release_halt(home, granted(reports, reason, accepted), at)


def granted(reports: Iterable[AccountReport], reason: str, accepted: Collection[str]) -> str:
    """On which grounds a halt ends: the reason, and what was accepted; raises StillHalted."""
    reports = tuple(reports)
    unread = [f"{each.account_id}: {each.trouble}" for each in reports if each.trouble]
    found = [name for each in reports for name in each.names]
    unknown = [name for name in accepted if name not in found]
    open_ones = [name for name in found if name not in accepted]
    if unread or open_ones:
        raise StillHalted("; ".join([*unread, *open_ones]))
    if unknown:
        raise StillHalted(f"accepted, but not found: {'; '.join(unknown)}")
    return f"{reason}; accepted: {'; '.join(found)}" if found else reason
