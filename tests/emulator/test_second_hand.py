"""Which minutes a schedule names, as EventBridge Scheduler reads it."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from tests.emulator.second_hand import Scheduled

IST = ZoneInfo("Asia/Kolkata")
WED_0920 = datetime(2026, 11, 18, 9, 20, tzinfo=IST)


def scheduled(expression: str, said: str = "{}") -> Scheduled:
    return Scheduled.of(
        {
            "Name": "each-minute",
            "ScheduleExpression": f"cron({expression})",
            "Target": {"Arn": "arn", "Input": said},
        },
        "Asia/Kolkata",
    )


@pytest.mark.parametrize(
    ("expression", "due"),
    [
        ("* 9-15 * * ? *", True),
        ("0/5 * ? * MON-FRI *", True),
        ("20 9 18 11 ? 2026", True),
        ("45-59 8 * * ? *", False),
        ("* * ? * SAT,SUN *", False),
        ("1/5 9 * * ? *", False),
        ("20 9 * * ? 2027", False),
    ],
)
def test_a_schedule_fires_in_the_minutes_it_names(expression: str, due: bool) -> None:
    assert scheduled(expression).due(WED_0920) is due


def test_the_target_is_told_the_minute_and_not_when_it_was_called() -> None:
    each = scheduled("* * * * ? *", '{"time":"<aws.scheduler.scheduled-time>"}')

    assert each.said(WED_0920) == b'{"time":"2026-11-18T03:50:00Z"}'
