"""Whom a platform tells of itself: traders at their targets, and a watcher somewhere else."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from adapters.engine import Chore
from adapters.notify.heartbeat import Heartbeat
from adapters.notify.notifier import Notifier, Reading
from adapters.notify.targets import Targets
from adapters.notify.telling import Telling
from adapters.reads import LocalReads
from adapters.runtime import Platform
from adapters.vault.vault import Vault
from commands.ports import Clock


class Outside:
    """Notifications and the heartbeat of one platform; nothing of it ever holds up an order."""

    def __init__(
        self,
        platform: Platform,
        reads: LocalReads,
        vault: Vault,
        clock: Clock,
        *,
        label: str,
        heartbeat_url: str | None,
        unwell: Callable[[], str | None],
    ) -> None:
        follower = reads.follower
        reading = Reading(
            log=platform.trading.recorder,
            tables=reads.tables,
            views_at=lambda: follower.position,
            feed=reads.feed,
        )
        self.notifier = Notifier(reading, Targets(vault), clock, label=label)
        self.telling = Telling(targets=self.notifier.targets, failing=self.notifier.failing)
        self.heartbeat = Heartbeat(
            heartbeat_url, vault, unwell, lambda: follower.position, follower.behind
        )

    def start(self) -> None:
        self.notifier.start()

    def stop(self) -> None:
        self.notifier.stop()

    def chores(self) -> Mapping[str, Chore]:
        return self.heartbeat.chores()

    def alarm(self, trouble: str) -> None:
        """Tell the admins."""
        self.notifier.alarm(trouble)

    def troubles(self) -> tuple[str, ...]:
        return self.notifier.troubles()
