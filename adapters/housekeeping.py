"""What has to be done now and then: seals, lost records, slots that do not fit their strategies."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Final

from adapters.runtime import Platform
from adapters.sealing import ChainBroken, Sealer
from adapters.store.emergency import EmergencyRecorder
from commands.ports import Clock
from domain.calendar import MARKET, ist_date
from domain.strategy import Strategy, StrategyStatus
from projections.due_slots import DUE_SLOTS, due_on
from projections.strategies import STRATEGIES
from projections.verify import heads
from projections.view import TableView

LOG: Final = logging.getLogger("atp.housekeeping")
HOUR: Final = timedelta(hours=1)
BEFORE_OPEN: Final = timedelta(minutes=2)
FOLD_EVERY: Final = timedelta(seconds=10)
HEADS_EVERY: Final = timedelta(minutes=5)
Chore = Callable[[str, datetime], datetime | None]


class Housekeeping:
    """Chores of the engine; each answers when it is due again."""

    def __init__(
        self, platform: Platform, sealer: Sealer, clock: Clock, alarm: Callable[[str], None]
    ) -> None:
        self.platform = platform
        self.sealer = sealer
        self.clock = clock
        self.alarm = alarm

    def chores(self) -> Mapping[str, Chore]:
        """By the name under which the engine calls them."""
        return {
            "seal": self.seal,
            "heads": self.compare_heads,
            "slots": self.check_slots,
            "fold": self.fold,
        }

    def seal(self, _: str, now: datetime) -> datetime:
        """Seal the chains every hour and at the close."""
        try:
            self.sealer.seal(now, heads(self.platform.reads.tables))
        except ChainBroken as broken:
            self.alarm(f"the audit chain is broken: {broken}")
        session = MARKET.session(ist_date(now))
        hourly = now + HOUR
        return session.close if session and now < session.close < hourly else hourly

    def fold(self, _: str, now: datetime) -> datetime:
        """Bring what the emergency journal holds back to the store, once that writes again."""
        recorder = self.platform.trading.recorder
        if isinstance(recorder, EmergencyRecorder) and recorder.journaling and recorder.fold():
            self.platform.trading.forget_all()
        return now + FOLD_EVERY

    def compare_heads(self, _: str, now: datetime) -> datetime:
        """Find what the stream of changes lost, the last record of a stream above all."""
        found = self.platform.reads.projector.compare_heads()
        if found:
            LOG.warning("%d rows were behind their streams", len(found))
            self.platform.reads.feed.publish(found)
        return now + HEADS_EVERY

    def check_slots(self, _: str, now: datetime) -> datetime:
        """Before the open: every active strategy has its slots, or the trader is told."""
        tables = self.platform.reads.tables
        slots, strategies = TableView(DUE_SLOTS, tables), tables.live(STRATEGIES.shape)
        for item in strategies.heads():
            if item.body is None:
                continue
            strategy = self.platform.trading.load(item.stream, Strategy)
            weekdays = strategy.definition.schedule.weekdays
            active = strategy.status is StrategyStatus.ACTIVE
            wanted = len(set(weekdays)) if active else 0
            if len(due_on(slots, strategy.id)) != wanted:
                self.alarm(f"the slots of {strategy.id} do not fit it: its view is rebuilt")
                self.platform.reads.projector.compare_heads()
        return self.next_check(now)

    def next_check(self, now: datetime) -> datetime:
        session = MARKET.session(ist_date(now))
        if session is not None and now < session.open - BEFORE_OPEN:
            return session.open - BEFORE_OPEN
        following = MARKET.session(MARKET.next_session(ist_date(now)))
        return following.open - BEFORE_OPEN if following else now + HOUR
