"""What every event and every aggregate of this platform has in common."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from inspect import signature
from operator import itemgetter
from typing import Any, Final

from eventsourcing.domain import (
    BaseAggregate,
    CanInitAggregate,
    CanMutateAggregate,
    OriginatorIDError,
    OriginatorVersionError,
    decorated_funcs,
)
from pydantic import BaseModel, Field


class Refused(Exception):
    """A rule of the domain said no: `code` is stable, `field` names what to change."""

    def __init__(self, code: str, message: str, field: str | None = None) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.field = field


@dataclass(frozen=True, kw_only=True)
class Origin:
    """Who causes the events of one command, when (UTC), and what caused the command."""

    at: datetime
    actor: str
    correlation_id: str
    causation_id: str | None = None
    idempotency_key: str | None = None
    request_digest: str | None = None


_origin: ContextVar[Origin] = ContextVar("origin")


def origin() -> Origin:
    """The origin of the command being executed; events cannot arise outside of one."""
    return _origin.get()


@contextmanager
def acting(cause: Origin) -> Iterator[Origin]:
    """Stamp every event that arises inside with this origin."""
    token = _origin.set(cause)
    try:
        yield cause
    finally:
        _origin.reset(token)


# Any: the values of whatever fields it is.
@cache
def _evolution(event: type[Any]) -> tuple[Callable[..., None], Callable[[Any], tuple[Any, ...]]]:
    """The method under @triggers for this class of event, and what takes its fields in order."""
    method = decorated_funcs[event]
    names = tuple(name for name in signature(method).parameters if name != "self")
    if len(names) > 1:
        return method, itemgetter(*names)
    return method, lambda fields: tuple(fields[name] for name in names)


class DomainEvent(BaseModel, CanMutateAggregate[str], frozen=True):
    """A recorded fact. Its TOPIC is its name on disk, and outlives any rename."""

    originator_id: str
    originator_version: int
    timestamp: datetime
    actor: str = Field(default_factory=lambda: origin().actor)
    correlation_id: str = Field(default_factory=lambda: origin().correlation_id)
    causation_id: str | None = Field(default_factory=lambda: origin().causation_id)
    idempotency_key: str | None = Field(default_factory=lambda: origin().idempotency_key)
    request_digest: str | None = Field(default_factory=lambda: origin().request_digest)

    @staticmethod
    def create_timestamp() -> datetime:
        """The time of the command, never of the machine."""
        return origin().at

    def mutate(self, aggregate: Any) -> Any:
        """Evolve the aggregate, and remember which request this event answers."""
        evolved: Any = super().mutate(aggregate) if aggregate is None else self._evolve(aggregate)
        if self.idempotency_key is not None:
            evolved.answered[self.idempotency_key] = self.request_digest
        return evolved

    def _evolve(self, aggregate: Any) -> Any:
        # As the library does it, but which fields the method takes is found out once a class.
        if self.originator_id != aggregate.id:
            raise OriginatorIDError(self.originator_id, aggregate.id)
        if self.originator_version != aggregate.version + 1:
            raise OriginatorVersionError(self.originator_version, aggregate.version + 1)
        evolve, taken = _evolution(type(self))
        evolve(aggregate, *taken(self.__dict__))
        aggregate.version = self.originator_version
        aggregate.modified_on = self.timestamp
        return aggregate


class Created(DomainEvent, CanInitAggregate[str], frozen=True):
    """The first fact in a stream."""

    originator_topic: str


class Aggregate(BaseAggregate[str]):
    """Public methods decide. Methods under @triggers evolve, and never refuse."""

    class Event(DomainEvent, frozen=True):
        pass

    def __base_init__(
        self, originator_id: Any, originator_version: int, timestamp: datetime
    ) -> None:
        super().__base_init__(originator_id, originator_version, timestamp)
        self.answered: dict[str, str | None] = {}


#: What every event carries besides its own fields; a comparison of two days leaves these out.
ENVELOPE: Final = frozenset(
    ("originator_id", "originator_version", "originator_topic", "timestamp", "actor",
     "correlation_id", "causation_id", "idempotency_key", "request_digest")
)  # fmt: skip
