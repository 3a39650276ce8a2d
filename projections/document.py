"""Rows as the JSON documents that clients see."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from datetime import UTC, date, datetime, time
from decimal import Decimal
from enum import Enum
from typing import Any

from msgspec import Struct
from pydantic import BaseModel

from projections.view import ReadModel, Row

#: Bookkeeping of the read side, of no use to a client.
HIDDEN = frozenset(("id", "version"))


# Any: read models of every row; JSON.
def document(model: ReadModel[Any, Any], row: Row) -> dict[str, Any]:
    """The row in JSON's own types, its id under the name the API gives it; ₹ as numbers."""
    shown = {
        name: plain(getattr(row, name)) for name in row.__struct_fields__ if name not in HIDDEN
    }
    return {model.id_name: row.id, **shown}


def plain(value: Any) -> Any:
    """Times as ISO in UTC with Z, rupees as numbers, everything else as it is."""
    match value:
        case None | bool() | int() | float():
            return value
        case Enum():
            return value.value
        case str():
            return value
        case Decimal():
            return int(value) if value == value.to_integral_value() else float(value)
        case datetime():
            return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
        case time():
            return value.isoformat("seconds" if value.second else "minutes")
        case date():
            return value.isoformat()
        case BaseModel():
            return plain(value.model_dump())
        case Struct():
            return {name: plain(getattr(value, name)) for name in value.__struct_fields__}
        case Mapping():
            return {str(key): plain(each) for key, each in value.items()}
        case list() | tuple() | set() | frozenset():
            return [plain(each) for each in value]
    if is_dataclass(value):
        return {f.name: plain(getattr(value, f.name)) for f in fields(value)}
    raise TypeError(f"a row cannot show a {type(value).__name__}")
