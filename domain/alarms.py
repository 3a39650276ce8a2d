"""Alarms that go on: when they are raised, and when they are raised again."""

from __future__ import annotations

from datetime import datetime

from domain.run import ALERT_AGAIN, Run
from domain.steps import Alert, Steps

EXIT_BLOCKED = "EXIT_BLOCKED"


def exit_blocked(run: Run, why: str, now: datetime) -> Steps:
    """Something is held and cannot be left: the trader hears of it every minute."""
    said = run.alerts.get(EXIT_BLOCKED)
    return (Alert(EXIT_BLOCKED, why),) if said is None or now >= said + ALERT_AGAIN else ()
