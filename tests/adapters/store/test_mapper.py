"""Events come back from their JSON as they were recorded, whatever they are made of."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Any, ClassVar, Literal

import pytest
from eventsourcing.cipher import AESCipher
from eventsourcing.compressor import ZlibCompressor
from eventsourcing.persistence import JSONTranscoder, MapperDeserialisationError, StoredEvent
from eventsourcing.utils import Environment, TopicError
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, Field, field_validator

from adapters.store.mapper import KEY, PydanticMapper
from adapters.store.plain import plain_fields, plain_type
from domain.model import DomainEvent

AT = datetime(2026, 8, 4, 3, 50, 0, 123456, tzinfo=UTC)


class Colour(StrEnum):
    RED = "RED"
    GREEN = "GREEN"


class Strike(BaseModel, frozen=True):
    price: Annotated[Decimal, Field(gt=0)]
    kind: Colour
    expiry: date | None


@dataclass(frozen=True)
class Cut:
    field: str
    at: time


class Plainly(DomainEvent, frozen=True):
    TOPIC: ClassVar[str] = "test_mapper.plainly"
    lots: int = Field(ge=0)
    ratio: float
    live: bool
    kind: Colour
    side: Literal["BUY", "SELL"]
    strikes: tuple[Strike, ...]
    best: Strike | None
    by_leg: dict[str, Strike]
    cuts: tuple[Cut, ...]
    pair: tuple[str, Decimal]
    seen: frozenset[str]
    notes: list[str]
    definition: dict[str, Any]


class Checked(DomainEvent, frozen=True):
    TOPIC: ClassVar[str] = "test_mapper.checked"
    name: str

    @field_validator("name", mode="before")
    @classmethod
    def _old_name(cls, name: str) -> str:
        return name.removeprefix("v1:")


class Widened(DomainEvent, frozen=True):
    TOPIC: ClassVar[str] = "test_mapper.widened"
    name: str
    added_later: int = 7
    added_model: Strike | None = None


@pytest.fixture(scope="module")
def mapper() -> PydanticMapper:
    return PydanticMapper(JSONTranscoder())


ENVELOPE = {
    "originator_id": st.text("RUN-123", min_size=1),
    "originator_version": st.integers(0, 10**6),
    "timestamp": st.datetimes(timezones=st.just(UTC)).map(lambda at: at.replace(fold=0)),
    "actor": st.text(),
    "correlation_id": st.text(),
    "causation_id": st.none() | st.text(),
    "idempotency_key": st.none() | st.text(),
    "request_digest": st.none(),
}
PRICES = st.decimals("0.05", "99999.95", places=2)
STRIKES = st.builds(
    Strike, price=PRICES, kind=st.sampled_from(Colour), expiry=st.none() | st.dates()
)
PLAINLY = st.builds(
    Plainly,
    **ENVELOPE,
    lots=st.integers(0, 2**40),
    ratio=st.floats(allow_nan=False, allow_infinity=False),
    live=st.booleans(),
    kind=st.sampled_from(Colour),
    side=st.sampled_from(["BUY", "SELL"]),
    strikes=st.lists(STRIKES, max_size=3).map(tuple),
    best=st.none() | STRIKES,
    by_leg=st.dictionaries(st.text(), STRIKES, max_size=2),
    cuts=st.lists(st.builds(Cut, field=st.text(), at=st.times()), max_size=2).map(tuple),
    pair=st.tuples(st.text(), PRICES),
    seen=st.frozensets(st.text(), max_size=3),
    notes=st.lists(st.text(), max_size=3),
    definition=st.dictionaries(
        st.text(), st.none() | st.booleans() | st.integers(-(2**50), 2**50) | st.text(), max_size=3
    ),
)


@given(event=PLAINLY)
def test_an_event_comes_back_as_it_was(mapper: PydanticMapper, event: Plainly) -> None:
    stored = mapper.to_stored_event(event)

    again = mapper.to_domain_event(stored)

    assert again == event
    assert type(again) is Plainly
    assert list(again.__dict__) == list(event.__dict__)
    assert again.model_dump_json(exclude={"seen"}) == event.model_dump_json(exclude={"seen"})
    assert again.model_copy(update={"lots": 3}).lots == 3
    assert again.model_fields_set == set(Plainly.model_fields)


@given(event=PLAINLY)
def test_reading_by_type_agrees_with_pydantic(mapper: PydanticMapper, event: Plainly) -> None:
    again = mapper.to_domain_event(mapper.to_stored_event(event))

    assert again == Plainly.model_validate_json(event.model_dump_json())


def test_the_body_does_not_repeat_where_the_event_stands(mapper: PydanticMapper) -> None:
    stored = mapper.to_stored_event(widened())

    assert (stored.originator_id, stored.originator_version) == ("RUN-1", 3)
    assert stored.topic == "test_mapper.widened"
    assert not KEY & json.loads(stored.state).keys()


def widened(**values: Any) -> Widened:
    return Widened(
        originator_id="RUN-1",
        originator_version=3,
        timestamp=AT,
        actor="schedule",
        correlation_id="c",
        causation_id=None,
        idempotency_key=None,
        request_digest=None,
        name="condor",
        **values,
    )


def body(stored: StoredEvent, **changes: Any) -> StoredEvent:
    fields = json.loads(stored.state) | changes
    kept = {name: value for name, value in fields.items() if value is not ...}
    return replace(stored, state=json.dumps(kept).encode())


def test_an_event_from_before_a_field_was_added_gets_its_default(mapper: PydanticMapper) -> None:
    old = body(mapper.to_stored_event(widened()), added_later=..., added_model=...)

    assert mapper.to_domain_event(old) == widened(added_later=7)


def test_a_field_that_is_no_more_is_passed_over(mapper: PydanticMapper) -> None:
    old = body(mapper.to_stored_event(widened()), gone="by now")

    assert mapper.to_domain_event(old) == widened()


def test_a_model_with_rules_of_its_own_is_read_by_pydantic(mapper: PydanticMapper) -> None:
    values = widened().model_dump(exclude={"added_later", "added_model"})
    event = Checked(**values | {"name": "condor"})
    stored = mapper.to_stored_event(event)

    assert plain_fields(Checked) is None
    assert mapper.to_domain_event(stored) == event
    assert mapper.to_domain_event(body(stored, name="v1:condor")) == event


def test_what_could_be_one_type_or_another_is_for_pydantic_to_say() -> None:
    assert plain_type(int | None) is not None
    assert plain_type(int | str) is None
    assert plain_type(tuple[int | str, ...]) is None


@pytest.mark.parametrize(
    "change", [{"name": ...}, {"name": 5}, {"timestamp": "yesterday"}, {"actor": ...}]
)
def test_a_body_that_cannot_be_read_is_named(
    mapper: PydanticMapper, change: dict[str, Any]
) -> None:
    stored = body(mapper.to_stored_event(widened()), **change)

    with pytest.raises(MapperDeserialisationError, match=r"test_mapper\.widened at version 3"):
        mapper.to_domain_event(stored)


@pytest.mark.parametrize("state", [b"", b"{", b"null", b"\xff\xfe", b"[1]"])
def test_a_damaged_body_is_named(mapper: PydanticMapper, state: bytes) -> None:
    with pytest.raises(MapperDeserialisationError, match="RUN-1"):
        mapper.to_domain_event(replace(mapper.to_stored_event(widened()), state=state))


def test_a_topic_nobody_knows_is_an_error(mapper: PydanticMapper) -> None:
    with pytest.raises(TopicError):
        mapper.to_domain_event(replace(mapper.to_stored_event(widened()), topic="no.such"))


def test_bodies_can_be_compressed_and_encrypted() -> None:
    key = AESCipher.create_key(16)
    mapper = PydanticMapper(
        JSONTranscoder(),
        compressor=ZlibCompressor(),
        cipher=AESCipher(Environment(env={"CIPHER_KEY": key})),
    )

    stored = mapper.to_stored_event(widened())

    assert b"condor" not in stored.state
    assert mapper.to_domain_event(stored) == widened()
