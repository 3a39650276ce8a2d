"""The API as its own OpenAPI document describes it, in what API Gateway understands of that.

API Gateway imports OpenAPI 3.0 and JSON schema draft 4 with exceptions; ours is 3.1 with unions
and nulls, and text where numbers are meant is accepted. So the gateway refuses what has no shape
at all (no object, no list, a required property or parameter missing), and the application, which
has the whole schema, judges the rest. Nothing the application accepts may be refused here.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, Final

from adapters.api.app import described
from adapters.api.openapi import METHODS, document

# Any: JSON.
Json = Mapping[str, Any]

JSON: Final = "application/json"
#: Checked by the application alone: a caller here may not have a token of the pool yet, or only
#: one of ours that opens nothing else.
SIGN_IN: Final = "/auth/"
DESCRIPTION: Final = "/openapi.json"
#: As deep as bodies are looked into.
DEPTH: Final = 4


@dataclass(frozen=True)
class Operation:
    """One method of one path; `open` needs no token, and `needed` are parameters it must have."""

    path: str
    method: str
    open: bool
    summary: str
    needed: tuple[str, ...] = ()
    """As API Gateway names them: `querystring.stream`."""
    body: str | None = None
    """The schema its body has."""

    @property
    def label(self) -> str:
        return f"{self.method} {self.path}"


@cache
def described_api() -> Json:
    """The document, as the API itself serves it."""
    return document(described())


def operations() -> Iterator[Operation]:
    """Everything that may be asked, and the document itself."""
    yield Operation(DESCRIPTION, "GET", open=True, summary="This description")
    for path, item in described_api()["paths"].items():
        for method in METHODS:
            if method in item:
                yield _operation(path, method.upper(), item[method])


def _operation(path: str, method: str, given: Json) -> Operation:
    return Operation(
        path=path,
        method=method,
        open=not given.get("security") or path.startswith(SIGN_IN),
        summary=given.get("summary", ""),
        needed=tuple(_needed(given)),
        body=_body(given),
    )


def _needed(given: Json) -> Iterator[str]:
    places = {"query": "querystring", "header": "header"}
    for one in given.get("parameters", []):
        if one.get("required") and one["in"] in places:
            yield f"{places[one['in']]}.{one['name']}"


def _body(given: Json) -> str | None:
    """The name of its schema; a body that is read as it comes (a webhook's) has none."""
    body = given.get("requestBody", {})
    schema = body.get("content", {}).get(JSON, {}).get("schema", {})
    named: str | None = schema.get("$ref", "").rpartition("/")[2] or None
    return named if body.get("required") else None


def shape(name: str) -> Json:
    """The least that a body of this schema must look like, in draft 4."""
    return _shape(described_api()["components"]["schemas"][name], DEPTH)


def _shape(schema: Json, depth: int) -> dict[str, Any]:  # Any: JSON
    if reference := schema.get("$ref"):
        return _shape(described_api()["components"]["schemas"][reference.rpartition("/")[2]], depth)
    if depth and schema.get("type") == "object" and "properties" in schema:
        inner = {
            name: found
            for name, each in schema["properties"].items()
            if (found := _shape(each, depth - 1))
        }
        required = {"required": schema["required"]} if schema.get("required") else {}
        return {"type": "object", **required, **({"properties": inner} if inner else {})}
    if depth and schema.get("type") == "array":
        items = _shape(schema.get("items", {}), depth - 1)
        return {"type": "array", **({"items": items} if items else {})}
    return {}
