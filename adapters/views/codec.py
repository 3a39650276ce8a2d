"""Rows and states as JSON text."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any

import msgspec
from pydantic import BaseModel

from projections.tables import Item, Shape


def encode(body: object | None) -> str | None:
    """The body as JSON; a tombstone has none."""
    return None if body is None else _encoder.encode(body).decode()


def decode(shape: Shape, stream: str, item_id: str, text: str | None) -> object | None:
    """The row, or the state if this is the gate of its stream."""
    if text is None:
        return None
    return _decoder(shape.state if item_id == stream else shape.row)(text)


def item_of(shape: Shape, stream: str, item_id: str, version: int, text: str | None) -> Item:
    """An item as it was put, without what lists it."""
    return Item(stream, item_id, version, decode(shape, stream, item_id, text))


def listing(shape: Shape, item: Item) -> tuple[str | None, ...]:
    """A value for every partition and sort column of the table."""
    listed = item.partitions + item.sorts
    missing = shape.listings - len(listed)
    return listed + (None,) * missing if missing else listed


# Any: models of the domain may be part of a row.
def _of_model(value: Any) -> Any:
    if isinstance(value, BaseModel):
        return value.model_dump(mode="json")
    raise TypeError(f"a row cannot hold a {type(value).__name__}")


def _to_model(wanted: type, value: Any) -> Any:
    if issubclass(wanted, BaseModel):
        return wanted.model_validate(value)
    raise TypeError(f"a row cannot hold a {wanted.__name__}")


_encoder = msgspec.json.Encoder(enc_hook=_of_model)


@lru_cache(maxsize=256)
def _decoder(body: type) -> Callable[[str], object]:
    return msgspec.json.Decoder(body, dec_hook=_to_model).decode
