"""Events on disk: the JSON of a frozen pydantic model, under its topic."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec
from eventsourcing.domain import DomainEventProtocol
from eventsourcing.persistence import Mapper, MapperDeserialisationError, StoredEvent
from eventsourcing.utils import get_topic, resolve_topic
from pydantic import BaseModel, ValidationError
from pydantic_core import to_json

from adapters.store.plain import Plain, builds, constructor, plain_fields, typed_dict

#: The columns of a stored event; its body does not repeat them.
KEY = frozenset(("originator_id", "originator_version"))

# Any: which event class a topic names is known at run time only.
Read = Callable[[StoredEvent, bytes], Any]


class PydanticMapper(Mapper[str]):
    """Maps frozen pydantic events to stored events and back."""

    def to_stored_event(self, domain_event: DomainEventProtocol[str]) -> StoredEvent:
        event: Any = domain_event  # a pydantic model, by the platform's event base
        state: bytes = event.__pydantic_serializer__.to_json(event, exclude=KEY)
        if self.compressor:
            state = self.compressor.compress(state)
        if self.cipher:
            state = self.cipher.encrypt(state)
        return StoredEvent(
            originator_id=event.originator_id,
            originator_version=event.originator_version,
            topic=get_topic(type(event)),
            state=state,
        )

    def to_domain_event(self, stored_event: StoredEvent) -> DomainEventProtocol[str]:
        """The event as recorded; MapperDeserialisationError names one that cannot be read."""
        state = stored_event.state
        if self.cipher:
            state = self.cipher.decrypt(state)
        if self.compressor:
            state = self.compressor.decompress(state)
        try:
            read = _readers[stored_event.topic]
        except KeyError:
            read = _reader_for(stored_event.topic)
        try:
            event: DomainEventProtocol[str] = read(stored_event, state)
        except (ValidationError, LookupError) as error:  # lookup: a default only a command has
            raise MapperDeserialisationError(
                f"{stored_event.topic} at version {stored_event.originator_version} of "
                f"{stored_event.originator_id} cannot be read: {error}"
            ) from error
        return event


_readers: dict[str, Read] = {}


def _reader_for(topic: str) -> Read:
    cls: type[BaseModel] = resolve_topic(topic)
    plains = plain_fields(cls, but=KEY)
    read = _validating(cls)
    if plains is not None:
        read = _constructing(cls, plains, read)
    return _readers.setdefault(topic, read)


def _validating(cls: type[BaseModel]) -> Read:
    validate = cls.__pydantic_validator__.validate_json

    def read(at: StoredEvent, state: bytes) -> Any:
        key = {"originator_id": at.originator_id, "originator_version": at.originator_version}
        return validate(to_json(key)[:-1] + b"," + state[1:])

    return read


def _constructing(cls: type[BaseModel], plains: dict[str, Plain], validating: Read) -> Read:
    # What we wrote was valid when written: reading it needs its types, not its rules. That is what
    # makes loading several times as fast as the library's own mapper, and as pydantic.
    decode = msgspec.json.Decoder(typed_dict(plains)).decode
    construct, parts = constructor(cls), builds(plains)

    def read(at: StoredEvent, state: bytes) -> Any:
        try:
            body = decode(state)
        except msgspec.DecodeError:
            return validating(at, state)  # an older form: defaults apply
        for name, build in parts:
            body[name] = build(body[name])
        return construct(
            {
                "originator_id": at.originator_id,
                "originator_version": at.originator_version,
                **body,
            }
        )

    return read
