"""How a user wants to be told: which kinds of channels, and from which gravity on."""

from __future__ import annotations

from enum import StrEnum

from domain.gravity import Gravity
from domain.value import Value


class Channel(StrEnum):
    """Kinds of places to be told at; PUSH is every one that is neither mail nor text message."""

    EMAIL = "email"
    SMS = "sms"
    PUSH = "push"


class Least(Value, frozen=True, extra="forbid"):
    """The least grave notice that each kind of channel is told of."""

    email: Gravity = Gravity.INFO
    sms: Gravity = Gravity.ALARM
    push: Gravity = Gravity.INFO


class Notifications(Value, frozen=True, extra="forbid"):
    """Kinds of channels that are used; the inbox always holds everything."""

    email: bool = True
    sms: bool = False
    push: bool = True
    least: Least = Least()

    def wants(self, channel: Channel, gravity: Gravity) -> bool:
        """Whether a channel of this kind is told of something that grave."""
        used: bool = getattr(self, channel.value)
        least: Gravity = getattr(self.least, channel.value)
        return used and gravity.weight >= least.weight
