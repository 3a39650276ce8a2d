"""Which pydantic models can be read by type alone, and how.

Plain means: made of scalars, enums, tuples, lists, dicts and models of the same kind, without
validators, aliases or private state. Such a model, dumped to JSON, is read back several times
faster by msgspec, which decodes straight into Decimal, datetime and the like. Everything else is
left to pydantic.
"""

from __future__ import annotations

import types
from collections.abc import Callable, Iterable
from dataclasses import fields, is_dataclass
from datetime import date, datetime, time
from decimal import Decimal
from enum import Enum
from typing import (
    Annotated,
    Any,
    Literal,
    NamedTuple,
    TypedDict,
    Union,
    get_args,
    get_origin,
    get_type_hints,
)

import annotated_types
from pydantic import BaseModel
from pydantic.fields import FieldInfo

SCALARS = frozenset((str, int, float, bool, Decimal, datetime, date, time, Any))
SETTINGS = frozenset(("frozen", "extra", "title", "arbitrary_types_allowed"))
RULES = (annotated_types.BaseMetadata, annotated_types.GroupedMetadata, FieldInfo)

# Any: values and annotations of whatever event is read.
Build = Callable[[Any], Any]


class Plain(NamedTuple):
    """What msgspec decodes, and what then turns it into models (None: nothing to do)."""

    decoded: Any
    build: Build | None


def plain_fields(cls: type[BaseModel], but: Iterable[str] = ()) -> dict[str, Plain] | None:
    """How each field of this model is read; None if pydantic has to read it."""
    if not _is_plain(cls):
        return None
    plains: dict[str, Plain] = {}
    for name, field in cls.model_fields.items():
        if name in but:
            continue
        plain = None if _has_own_reading(field) else plain_type(field.annotation)
        if plain is None:
            return None
        plains[name] = plain
    return plains


def typed_dict(plains: dict[str, Plain]) -> Any:
    """The mapping that msgspec decodes for these fields; every one must be there."""
    made: Any = TypedDict  # its fields are known at run time only
    return made("Fields", {name: plain.decoded for name, plain in plains.items()})


def builds(plains: dict[str, Plain]) -> tuple[tuple[str, Build], ...]:
    """The fields that hold models, with what makes them."""
    return tuple((name, plain.build) for name, plain in plains.items() if plain.build)


def constructor(cls: type[BaseModel]) -> Build:
    """Makes an instance out of the values of all its fields, without looking at them."""
    new = cls.__new__
    set_values = BaseModel.__dict__["__dict__"].__set__
    set_names = BaseModel.__dict__["__pydantic_fields_set__"].__set__
    set_extra = BaseModel.__dict__["__pydantic_extra__"].__set__
    set_private = BaseModel.__dict__["__pydantic_private__"].__set__
    names = set(cls.model_fields)

    def construct(values: dict[str, Any]) -> Any:
        instance = new(cls)
        set_values(instance, values)
        set_names(instance, names)
        set_extra(instance, None)
        set_private(instance, None)
        return instance

    return construct


def plain_type(annotation: Any) -> Plain | None:
    """How a value of this type is read; None if pydantic has to read it."""
    origin, args = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        return plain_type(args[0]) if all(isinstance(a, RULES) for a in args[1:]) else None
    if origin in (Union, types.UnionType):
        return _optional(args)
    if origin in (tuple, list, frozenset):
        return _collection(origin, args)
    if origin is dict:
        return _mapping(*args)
    return _single(annotation)


def _single(annotation: Any) -> Plain | None:
    if annotation in SCALARS or get_origin(annotation) is Literal:
        return Plain(annotation, None)
    if isinstance(annotation, type) and issubclass(annotation, Enum):
        return Plain(annotation, None)
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return _model(annotation)
    return _dataclass(annotation) if is_dataclass(annotation) else None


def _optional(args: tuple[Any, ...]) -> Plain | None:
    some = [arg for arg in args if arg is not types.NoneType]
    if len(some) != 1 or len(args) != 2:
        return None  # which of several types was meant is a question for pydantic
    inner = plain_type(some[0])
    if inner is None:
        return None
    build = inner.build
    return Plain(inner.decoded | None, build and (lambda v: None if v is None else build(v)))


def _collection(origin: Any, args: tuple[Any, ...]) -> Plain | None:
    if origin is tuple and args[1:] != (Ellipsis,):
        return _fixed(args)
    inner = plain_type(args[0])
    if inner is None:
        return None
    decoded = origin[inner.decoded, ...] if origin is tuple else origin[inner.decoded]
    build = inner.build
    return Plain(decoded, build and (lambda v: origin(map(build, v))))


def _mapping(key: Any, value: Any) -> Plain | None:
    inner = plain_type(value)
    if inner is None or not (isinstance(key, type) and issubclass(key, str)):
        return None
    build = inner.build
    decoded: Any = types.GenericAlias(dict, (key, inner.decoded))
    return Plain(decoded, build and (lambda v: {name: build(one) for name, one in v.items()}))


def _fixed(args: tuple[Any, ...]) -> Plain | None:
    inner = [plain_type(arg) for arg in args]
    if any(plain is None or plain.build for plain in inner):
        return None
    decoded = tuple(plain.decoded for plain in inner if plain)
    return Plain(types.GenericAlias(tuple, decoded), None)


def _model(cls: type[BaseModel]) -> Plain | None:
    plains = plain_fields(cls)
    if plains is None:
        return None
    construct, parts = constructor(cls), builds(plains)

    def build(values: dict[str, Any]) -> Any:
        for name, make in parts:
            values[name] = make(values[name])
        return construct(values)

    return Plain(typed_dict(plains), build)


def _dataclass(cls: Any) -> Plain | None:
    # msgspec makes these itself, if there is nothing in them that it cannot make.
    hints = get_type_hints(cls, include_extras=True)
    inner = [plain_type(hints[field.name]) for field in fields(cls)]
    if hasattr(cls, "__post_init__") or any(plain is None or plain.build for plain in inner):
        return None
    return Plain(cls, None)


def _is_plain(cls: type[BaseModel]) -> bool:
    own = cls.__pydantic_decorators__
    return not (
        own.validators
        or own.field_validators
        or own.root_validators
        or own.model_validators
        or own.field_serializers
        or own.model_serializers
        or cls.__private_attributes__
        or cls.__pydantic_post_init__
        or cls.__pydantic_root_model__
        or not SETTINGS.issuperset(cls.model_config)
        or cls.model_config.get("extra") == "allow"
    )


def _has_own_reading(field: FieldInfo) -> bool:
    return (
        field.alias is not None
        or field.validation_alias is not None
        or field.serialization_alias is not None
        or field.discriminator is not None
        or field.exclude is True
        or not all(isinstance(rule, RULES) for rule in field.metadata)
    )
