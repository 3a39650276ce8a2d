"""The OpenAPI document, complete: every answer an endpoint can give, problems included."""

from __future__ import annotations

from collections.abc import Iterator
from http import HTTPStatus
from typing import Any, Final

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from adapters.api.problems import MEDIA, TITLES, Problem

# Any: JSON.
Json = dict[str, Any]

METHODS: Final = ("get", "put", "post", "delete")
SUCCESSES: Final = ("200", "201")
REF: Final = {"$ref": "#/components/schemas/Problem"}
ETAG: Final = {
    "ETag": {
        "description": 'The edition, for If-Match: `"3"`.',
        "required": True,
        "schema": {"type": "string"},
    },
}
#: For answers with an edition that they do not show.
TAGGED: Final[dict[int | str, Json]] = {200: {"headers": ETAG}}
DEFS: Final = "#/components/schemas/{model}"


def problems(*statuses: int) -> dict[int | str, Json]:
    """Answers that only some endpoints give, for their `responses`."""
    return {status: _problem(status) for status in statuses}


def _problem(status: int) -> Json:
    title = TITLES.get(status) or HTTPStatus(status).phrase
    return {"description": title, "content": {MEDIA: {"schema": REF}}}


def document(app: FastAPI) -> Json:
    """The document, made once."""
    if not app.openapi_schema:
        made = get_openapi(
            title=app.title, version=app.version, description=app.description, routes=app.routes
        )
        schemas = made["components"]["schemas"]
        schemas.update(_problem_schemas())
        for path, operation in _operations(made):
            operation["responses"] |= _usual(path, operation)
            _tag(operation, schemas)
        for unused in ("HTTPValidationError", "ValidationError"):
            schemas.pop(unused, None)
        app.openapi_schema = made
    return app.openapi_schema


def _operations(made: Json) -> Iterator[tuple[str, Json]]:
    for path, item in made["paths"].items():
        yield from ((path, item[method]) for method in METHODS if method in item)


def _usual(path: str, operation: Json) -> dict[str, Json]:
    """Problems that follow from what an endpoint takes: a token, a body, parameters, a path."""
    statuses = {500, 503}
    if operation.get("security"):
        statuses |= {401, 403}
    if operation.get("parameters") or operation.get("requestBody"):
        statuses |= {422}
    if operation.get("requestBody"):
        statuses |= {400, 413}
    if "{" in path:
        statuses |= {404}
    given = operation["responses"]
    kept = {str(s): _problem(s) for s in statuses if str(s) not in given or s == 422}
    return dict(sorted(kept.items()))


def _tag(operation: Json, schemas: Json) -> None:
    """Whatever shows an edition answers it as its tag, too."""
    for status in SUCCESSES:
        given = operation["responses"].get(status, {})
        schema = given.get("content", {}).get("application/json", {}).get("schema", {})
        name = schema.get("$ref", "").rpartition("/")[2]
        if "edition" in schemas.get(name, {}).get("properties", {}):
            given["headers"] = ETAG


def _problem_schemas() -> Json:
    schema = Problem.model_json_schema(ref_template=DEFS, mode="serialization")
    inner = schema.pop("$defs", {})
    return {"Problem": schema, **inner}
