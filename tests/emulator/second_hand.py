"""The deployed schedules, kept by the market's clock: the emulator knows only the machine's.

Which functions are woken, when and with what is read from the schedules as they were deployed.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from threading import Event, Thread
from typing import Any, Final
from zoneinfo import ZoneInfo

from commands.ports import Clock
from tests.emulator.deploying import Deployed

MINUTE: Final = timedelta(minutes=1)
#: What EventBridge Scheduler puts the scheduled time in place of.
SCHEDULED: Final = "<aws.scheduler.scheduled-time>"
DAYS: Final = ("SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT")
_CRON: Final = re.compile(r"cron\((.+)\)")


@dataclass(frozen=True)
class Scheduled:
    """One schedule: when it is due, and what it wakes with which input."""

    name: str
    fields: Sequence[str]
    zone: ZoneInfo
    target: str
    input: str

    @classmethod
    def of(cls, told: Any, zone: str) -> Scheduled:  # Any: as the service tells of a schedule
        found = _CRON.fullmatch(told["ScheduleExpression"])
        assert found, f"{told['Name']}: {told['ScheduleExpression']} is not kept here"
        return cls(
            name=told["Name"],
            fields=found[1].split(),
            zone=ZoneInfo(zone),
            target=told["Target"]["Arn"],
            input=told["Target"].get("Input", "{}"),
        )

    def due(self, minute: datetime) -> bool:
        """Whether it fires in that minute."""
        here = minute.astimezone(self.zone)
        minutes, hours, days, months, weekdays, years = self.fields
        return (
            _holds(minutes, here.minute)
            and _holds(hours, here.hour)
            and _holds(days, here.day)
            and _holds(months, here.month)
            and _holds(_numbered(weekdays), here.isoweekday() % 7 + 1)
            and _holds(years, here.year)
        )

    def said(self, minute: datetime) -> bytes:
        """What the target is given in that minute."""
        return self.input.replace(
            SCHEDULED, f"{minute.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
        ).encode()


def schedules(deployed: Deployed) -> list[Scheduled]:
    """All that are deployed and enabled; in the template's zones, which the emulator drops."""
    zones = {
        resource["Properties"]["Name"]: resource["Properties"]["ScheduleExpressionTimezone"]
        for stack in deployed.stacks.values()
        for resource in stack.template["Resources"].values()
        if resource["Type"] == "AWS::Scheduler::Schedule"
    }
    client = deployed.emulator.client("scheduler")
    listed = client.get_paginator("list_schedules").paginate()
    found = [
        client.get_schedule(Name=each["Name"], GroupName=each["GroupName"])
        for page in listed
        for each in page["Schedules"]
    ]
    return [Scheduled.of(each, zones[each["Name"]]) for each in found if each["State"] == "ENABLED"]


class SecondHand:
    """Wakes what is due at the beginning of every minute of the market's clock, until it ends."""

    def __init__(self, deployed: Deployed, clock: Clock) -> None:
        self._schedules = schedules(deployed)
        self._functions = deployed.emulator.client("lambda")
        self._clock = clock
        self._ended = Event()
        self.fired: list[tuple[datetime, str]] = []
        self._thread = Thread(target=self._go, name="second-hand", daemon=True)

    def __enter__(self) -> SecondHand:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._thread.join()

    def fire(self, minute: datetime) -> None:
        """Wake whatever is due in that minute."""
        for each in self._schedules:
            if each.due(minute):
                self._functions.invoke(
                    FunctionName=each.target, InvocationType="Event", Payload=each.said(minute)
                )
                self.fired.append((minute, each.name))

    def _go(self) -> None:
        for minute in _minutes(self._clock, self._ended.is_set):
            self.fire(minute)


def _minutes(clock: Clock, ended: Callable[[], bool]) -> Iterator[datetime]:
    """Each minute as it begins."""
    following = clock.now().replace(second=0, microsecond=0) + MINUTE
    while not ended():
        if clock.now() >= following:
            yield following
            following += MINUTE
        else:
            clock.sleep(0.2)


def _numbered(weekdays: str) -> str:
    for number, day in enumerate(DAYS, 1):
        weekdays = weekdays.replace(day, str(number))
    return weekdays


def _holds(field: str, value: int) -> bool:
    return field in ("*", "?") or any(_in(part, value) for part in field.split(","))


def _in(part: str, value: int) -> bool:
    span, _, step = part.partition("/")
    first, _, last = span.partition("-")
    low = 0 if first == "*" else int(first)
    high = int(last) if last else (10_000 if step or first == "*" else low)
    return low <= value <= high and (value - low) % int(step or 1) == 0
