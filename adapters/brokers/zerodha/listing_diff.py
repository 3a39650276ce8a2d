"""What is otherwise in today's list than in the last one that was taken notice of."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from operator import itemgetter
from typing import Final

from adapters.brokers.zerodha.dump import Dump
from domain.contract import Contract
from domain.listing import Change, ChangeKind, Touched

#: A change of many contracts names the first of them; the lists themselves have all.
NAMED: Final = 10

#: What a group of changes has in common: kind, underlying, expiry, was, now.
Group = tuple[ChangeKind, str, date, str | None, str | None]
REUSED: Final = ChangeKind.TOKEN_REUSED


@dataclass(frozen=True, slots=True)
class Difference:
    """What to remember, and whom it concerns."""

    changes: tuple[Change, ...]
    touched: Touched


def difference(before: Dump, after: Dump, day: date) -> Difference:
    """Contracts that are not what they were, and those that went before their time."""
    found = sorted(
        (*_altered(before, after), *_vanished(before, after, day), *_reused(before, after)),
        key=lambda row: (*(str(part) for part in row[0]), row[1]),
    )
    changes = tuple(_change(group, rows) for group, rows in groupby(found, itemgetter(0)))
    symbols = frozenset(symbol for _, symbol in found)
    underlyings = frozenset(group[1] for group, _ in found if group[0] is not REUSED)
    return Difference(changes, Touched(symbols, underlyings))


def _change(group: Group, rows: Iterable[tuple[Group, str]]) -> Change:
    kind, underlying, expiry, was, now = group
    symbols = [symbol for _, symbol in rows]
    return Change(
        kind=kind,
        underlying=underlying,
        expiry=expiry,
        was=was,
        now=now,
        count=len(symbols),
        symbols=tuple(symbols[:NAMED]),
    )


def _altered(before: Dump, after: Dump) -> Iterator[tuple[Group, str]]:
    for key, now in after.contracts.items():
        was = before.contracts.get(key)
        if was is None:
            continue
        for kind, old, new in _facts(was, now):
            if old != new:
                yield (kind, now.underlying, now.expiry, old, new), now.tradingsymbol
    left_out = {each.key for each in after.left_out}
    for key in left_out & before.contracts.keys():
        was = before.contracts[key]
        unknown = (ChangeKind.LOT, was.underlying, was.expiry, str(was.lot), None)
        yield unknown, was.tradingsymbol


def _facts(was: Contract, now: Contract) -> tuple[tuple[ChangeKind, str, str], ...]:
    return (
        (ChangeKind.LOT, str(was.lot), str(now.lot)),
        (ChangeKind.TICK, f"{was.tick.normalize():f}", f"{now.tick.normalize():f}"),
        (ChangeKind.EXPIRY, was.expiry.isoformat(), now.expiry.isoformat()),
        (ChangeKind.STRIKE, f"{was.strike:f}", f"{now.strike:f}"),
    )


def _vanished(before: Dump, after: Dump, day: date) -> Iterator[tuple[Group, str]]:
    for key, was in before.contracts.items():
        if was.expiry >= day and key not in after.tokens:
            yield (ChangeKind.VANISHED, was.underlying, was.expiry, None, None), was.tradingsymbol


def _reused(before: Dump, after: Dump) -> Iterator[tuple[Group, str]]:
    """Contracts whose token was another's; a feed that was not told shows that one's prices."""
    holder = {token: key for key, token in before.tokens.items()}
    for key, now in after.contracts.items():
        former = holder.get(after.tokens[key])
        if former is not None and former != key:
            yield (REUSED, now.underlying, now.expiry, None, None), now.tradingsymbol
