"""The ways out of the reactor: queue, bus, topic, lake and figures."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from adapters.aws.announcing import Announcement, Bus
from adapters.aws.lake import Lake
from adapters.aws.metrics import Measured, publish
from adapters.aws.queues import Message
from adapters.aws.telling import Topic
from projections.inbox import Notice

if TYPE_CHECKING:
    from adapters.aws.platform import AwsPlatform


class Dispatching(Protocol):
    """The queue to the dispatcher."""

    def send_all(self, messages: Iterable[Message]) -> int: ...


class Announcing(Protocol):
    """The bus of executions."""

    def announce(self, news: Sequence[Announcement]) -> None: ...


class Telling(Protocol):
    """The topic of notices."""

    def tell(self, notices: Sequence[Notice]) -> None: ...


@dataclass(frozen=True, kw_only=True)
class Ways:
    """Where the effects go."""

    dispatch: Dispatching
    bus: Announcing
    topic: Telling
    lake: Lake
    measure: Callable[[Iterable[Measured]], None]


def ways_of(platform: AwsPlatform) -> Ways:
    """Those of this platform."""
    settings, clients = platform.settings, platform.clients
    return Ways(
        dispatch=platform.queue("dispatch"),
        bus=Bus(clients.events, settings.told("bus")),
        topic=Topic(clients.sns, settings.told("notices_topic")),
        lake=Lake(clients.s3, settings.told("lake_bucket")),
        measure=lambda measured: publish(measured, settings.stage),
    )
