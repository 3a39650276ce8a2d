"""What is wrong with the platform itself, as notices for its admins."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from queue import Empty, SimpleQueue
from typing import Final

from domain.gravity import Gravity
from domain.user import Role, UserStatus
from projections.inbox import Notice
from projections.users import UserRow, all_users
from projections.view import View

#: The same trouble is not told again before.
AGAIN: Final = timedelta(minutes=10)
PLATFORM: Final = "PLATFORM"


class PlatformAlarms:
    """Raised from any thread, without waiting; taken by one."""

    def __init__(self, users: View[UserRow]) -> None:
        self._users = users
        self._waiting: SimpleQueue[str] = SimpleQueue()
        self._raised: dict[str, datetime] = {}
        self._count = 0

    def put(self, trouble: str) -> None:
        self._waiting.put(trouble)

    def notices(self, now: datetime) -> Iterator[Notice]:
        """What was raised since this was last asked, for each admin."""
        while True:
            try:
                trouble = self._waiting.get_nowait()
            except Empty:
                return
            self._raised = {text: at for text, at in self._raised.items() if now - at < AGAIN}
            if trouble in self._raised:
                continue
            self._raised[trouble] = now
            for admin in self._admins():
                self._count += 1
                yield self._notice(admin, trouble, now)

    def _admins(self) -> list[UserRow]:
        rows = all_users(self._users, limit=500).rows
        return [row for row in rows if Role.ADMIN in row.roles and row.status is UserStatus.ACTIVE]

    def _notice(self, admin: UserRow, trouble: str, now: datetime) -> Notice:
        return Notice(
            id=f"{PLATFORM}@{self._count:08d}",
            user_id=admin.id,
            account_id="",
            strategy_id=None,
            run_id=None,
            kind=PLATFORM,
            gravity=Gravity.ALARM,
            text=f"The platform: {trouble}",
            at=now,
        )
