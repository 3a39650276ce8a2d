"""What changed overnight in an exchange's list of contracts, as far as somebody may rest on it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import ClassVar, Self

from eventsourcing.domain import triggers

from domain.model import Aggregate, Created, DomainEvent
from domain.value import Value


class ChangeKind(StrEnum):
    """VANISHED: gone before its expiry. TOKEN_REUSED: prices of one contract may pass for it."""

    LOT = "LOT"
    TICK = "TICK"
    EXPIRY = "EXPIRY"
    STRIKE = "STRIKE"
    VANISHED = "VANISHED"
    TOKEN_REUSED = "TOKEN_REUSED"


class Change(Value, frozen=True):
    """The same change of `count` contracts of one expiry; `symbols` names the first of them.

    `was` and `now` are as the lists write them; None where there is nothing to compare.
    """

    kind: ChangeKind
    underlying: str
    expiry: date
    was: str | None = None
    now: str | None = None
    count: int
    symbols: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Touched:
    """Symbols that are not what they were, and underlyings on which something changed."""

    symbols: frozenset[str] = frozenset()
    underlyings: frozenset[str] = frozenset()

    def __bool__(self) -> bool:
        return bool(self.symbols or self.underlyings)

    def __or__(self, other: Touched) -> Touched:
        return Touched(self.symbols | other.symbols, self.underlyings | other.underlyings)

    def concerns(self, symbols: Iterable[str], chosen_on: Iterable[str]) -> bool:
        """Whether somebody names such a symbol, or chooses among such an underlying's options."""
        return not (self.symbols.isdisjoint(symbols) and self.underlyings.isdisjoint(chosen_on))


class Listing(Aggregate):
    """One exchange's list; a day on which nothing changed leaves no trace."""

    TOPIC = "listing"

    class Followed(Created, frozen=True):
        TOPIC: ClassVar[str] = "listing.followed"
        exchange: str

    class Changed(DomainEvent, frozen=True):
        TOPIC: ClassVar[str] = "listing.changed"
        day: date
        changes: tuple[Change, ...]

    @triggers(Followed)
    def __init__(self, exchange: str) -> None:
        self.exchange = exchange
        self.day: date | None = None
        self.of_day: tuple[Change, ...] = ()

    @classmethod
    def follow(cls, listing_id: str, exchange: str) -> Self:
        """Begin to remember what changes there."""
        return cls._create(cls.Followed, id=listing_id, exchange=exchange)

    def change(self, day: date, changes: Sequence[Change]) -> None:
        """Remember what the list of that day has otherwise; what is known already is no news."""
        known = self.of_day if day == self.day else ()
        news = tuple(each for each in changes if each not in known)
        if news and (self.day is None or day >= self.day):
            self._changed(day, news)

    @triggers(Changed)
    def _changed(self, day: date, changes: tuple[Change, ...]) -> None:
        self.of_day = (*self.of_day, *changes) if day == self.day else changes
        self.day = day
