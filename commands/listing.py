"""Remembering what changed in the list of contracts, and looking again at whom it concerns."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Final

from eventsourcing.persistence import IntegrityError

from commands.application import Trading
from commands.bus import ATTEMPTS, Bus
from commands.desk import Principal, Request
from commands.errors import Busy, NotFound
from commands.strategy import RevalidateStrategy
from domain.listing import Change, Listing
from domain.model import Origin, acting

#: Who reads the lists, in the events.
LISTING: Final = "listing"
READER: Final = Principal(user_id=LISTING, platform=True)


def stream_of(exchange: str) -> str:
    """`LIST-NFO`."""
    return f"LIST-{exchange}"


def record_changes(
    trading: Trading, exchange: str, day: date, changes: Sequence[Change], at: datetime
) -> None:
    """Record what changed since the list before, once; raises Busy."""
    stream = stream_of(exchange)
    if not changes:
        return
    for _ in range(ATTEMPTS):
        with acting(Origin(at=at, actor=LISTING, correlation_id=f"{stream}/{day}")):
            listing = _known(trading, stream) or Listing.follow(stream, exchange)
            listing.change(day, changes)
        try:
            trading.save(listing)
        except IntegrityError:
            continue  # somebody else was first: what they recorded is no news
        return
    raise Busy(stream)


def look_again(bus: Bus, strategies: Iterable[str], day: date, at: datetime) -> list[str]:
    """Have these strategies validated by today's list; answers those that have faults now."""
    faulty = []
    for strategy_id in strategies:
        request = Request(principal=READER, at=at, correlation_id=f"{LISTING}/{day}")
        try:
            found = bus.execute(RevalidateStrategy(strategy_id=strategy_id), request)
        except NotFound:
            continue  # deleted meanwhile
        if found.faults:
            faulty.append(strategy_id)
    return faulty


def _known(trading: Trading, stream: str) -> Listing | None:
    try:
        return trading.load(stream, Listing)
    except NotFound:
        return None
