"""What is sent: one notice, or several summed up, in the user's own time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Final
from zoneinfo import ZoneInfo

from adapters.notify.quiet import scrubbed
from domain.gravity import Gravity
from domain.notifications import Channel
from projections.inbox import Notice
from projections.notice_words import in_words

LINES: Final = 20
#: Characters: two text messages, and what every chat takes in one piece.
ROOM: Final = {Channel.SMS: 300, Channel.PUSH: 3500, Channel.EMAIL: 20_000}


@dataclass(frozen=True, kw_only=True)
class Message:
    """What one target is told at once."""

    title: str
    body: str
    gravity: Gravity


@dataclass(frozen=True, kw_only=True)
class Manner:
    """How a target is spoken to; `label` begins each title, where there is one."""

    channel: Channel
    zone: str = "Asia/Kolkata"
    label: str = ""

    def said(self, title: str, body: str, gravity: Gravity) -> Message:
        title, body = scrubbed(f"{self.label} {title}".strip()), scrubbed(body)
        room = ROOM[self.channel] - len(title)
        if len(body) > room:
            body = f"{body[: room - 1]}…"
        return Message(title=title, body=body, gravity=gravity)

    def time(self, notice: Notice) -> str:
        return f"{notice.at.astimezone(ZoneInfo(self.zone)):%d %b %H:%M:%S}"


def single(notice: Notice, manner: Manner) -> Message:
    """One notice as it is."""
    title = f"{notice.gravity}: {in_words(notice.kind)}"
    return manner.said(title, f"{notice.text}\n{manner.time(notice)}", notice.gravity)


def summary(notices: Sequence[Notice], manner: Manner, left_out: int = 0) -> Message:
    """Several in one message: the gravest first, then as they happened."""
    ordered = sorted(notices, key=lambda each: (-each.gravity.weight, each.at, each.id))
    worst = ordered[0].gravity
    count = len(ordered) + left_out
    grave = sum(each.gravity is Gravity.ALARM for each in ordered)
    alarms = f", {grave} of them alarm{'s' if grave > 1 else ''}" if grave else ""
    lines = [_line(list(same), manner) for _, same in groupby(ordered, key=lambda n: n.text)]
    more = [f"{len(lines) - LINES} more are in the inbox."] if len(lines) > LINES else []
    if left_out:
        more.append(f"{left_out} older ones are in the inbox only.")
    body = "\n".join([*lines[:LINES], *more])
    return manner.said(f"{worst}: {count} notices{alarms}", body, worst)


def _line(same: Sequence[Notice], manner: Manner) -> str:
    first = same[0]
    times = f" (×{len(same)})" if len(same) > 1 else ""
    return f"{manner.time(first)} {first.gravity}: {first.text}{times}"
