"""The gateway's resources and methods, one for each operation of the API's own description."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import groupby
from json import dumps
from typing import Any, Final

from aws_cdk import aws_apigateway as gateway
from aws_cdk import aws_lambda as functions
from constructs import Construct

from adapters.api.problems import TITLES, TYPE
from infra.described import JSON, Operation, operations, shape
from infra.front import Front
from infra.reasons import accept

#: What every access token of the pool carries; a method without a scope takes id tokens instead.
ACCESS_TOKEN: Final = "aws.cognito.signin.user.admin"
OPEN_BECAUSE: Final = (
    "Signing in, health, a broker's redirect and its postback come without a token of the pool; "
    "the application checks passwords, its own tokens, login states and checksums itself"
)
PREFLIGHT_BECAUSE: Final = "A browser asks whether it may ask, and sends no token with that"
#: What the gateway says by itself: its own name for it, our status and code, and the details.
ANSWERS: Final[Mapping[str, tuple[int | None, str, str]]] = {
    "UNAUTHORIZED": (401, "not-signed-in", "send an access token: Authorization: Bearer …"),
    "ACCESS_DENIED": (403, "forbidden", "this token opens nothing here"),
    "MISSING_AUTHENTICATION_TOKEN": (404, "no-such-path", "there is no such path or method"),
    "BAD_REQUEST_BODY": (422, "invalid-fields", "the body has not the form that is described"),
    "BAD_REQUEST_PARAMETERS": (422, "invalid-fields", "a parameter is missing"),
    "UNSUPPORTED_MEDIA_TYPE": (415, "media-type", "send application/json"),
    "REQUEST_TOO_LARGE": (413, "body-too-large", "the body is too large"),
    "INVALID_API_KEY": (403, "api-key", "send the application's key as x-api-key"),
    "QUOTA_EXCEEDED": (429, "too-many-requests", "the application's requests of today are used up"),
    "THROTTLED": (429, "too-many-requests", "too many requests at once: wait, and ask again"),
    "WAF_FILTERED": (403, "forbidden", "the request was stopped at the wall"),
    "INTEGRATION_TIMEOUT": (504, "no-answer", "it took too long: whether it was done is not known"),
    "INTEGRATION_FAILURE": (503, "unavailable", "nothing answers just now"),
    "DEFAULT_4XX": (None, "refused", "the request was refused"),
    "DEFAULT_5XX": (None, "unavailable", "this is a fault of ours"),
}


@dataclass(frozen=True)
class Validators:
    """With a body, its form is looked at as well."""

    whole: gateway.IRequestValidator
    parameters: gateway.IRequestValidator


class Methods(Construct):
    """Every operation goes to the same function; who may ask is decided before and in it."""

    def __init__(
        self,
        api: gateway.RestApi,
        handler: functions.IFunction,
        authorizer: gateway.IAuthorizer,
        front: Front,
    ) -> None:
        super().__init__(api, "Methods")
        self._api, self._front, self._authorizer = api, front, authorizer
        self._to = gateway.LambdaIntegration(
            handler, allow_test_invoke=False, scope_permission_to_method=False
        )
        self._validators = Validators(
            api.add_request_validator(
                "Whole", validate_request_body=True, validate_request_parameters=True
            ),
            api.add_request_validator("Parameters", validate_request_parameters=True),
        )
        self._models: dict[str, gateway.Model] = {}
        for path, of_path in groupby(operations(), key=lambda one: one.path):
            resource = api.root.resource_for_path(path)
            for operation in of_path:
                self._method(resource, operation)
        self._answers()
        self._accept_preflights()

    def _method(self, resource: gateway.Resource, operation: Operation) -> None:
        body, checks = operation.body, self._validators
        method = resource.add_method(
            operation.method,
            self._to,
            operation_name=operation.summary or None,
            request_validator=checks.whole if body else checks.parameters,
            request_models={JSON: self._model(body)} if body else None,
            request_parameters={f"method.request.{name}": True for name in operation.needed},
            api_key_required=bool(self._front.applications) and not operation.open,
            **({} if operation.open else self._by_token()),
        )
        if operation.open:
            accept(method, OPEN_BECAUSE, "AwsSolutions-APIG4", "AwsSolutions-COG4")

    # Any: named arguments of one method, each of its own type.
    def _by_token(self) -> dict[str, Any]:
        return {
            "authorization_type": gateway.AuthorizationType.COGNITO,
            "authorizer": self._authorizer,
            "authorization_scopes": [ACCESS_TOKEN],
        }

    def _model(self, schema: str) -> gateway.Model:
        if schema not in self._models:
            name = "".join(part[:1].upper() + part[1:] for part in schema.split("_"))
            self._models[schema] = self._api.add_model(
                name,
                model_name=name,
                content_type=JSON,
                description=f"The form of {schema}; its fields are judged by the application",
                schema=_draft4(shape(schema)),
            )
        return self._models[schema]

    def _answers(self) -> None:
        """What the gateway answers by itself is a problem like any other (RFC 9457)."""
        origins = self._front.origins
        readable = {"Access-Control-Allow-Origin": f"'{origins[0] if len(origins) == 1 else '*'}'"}
        for kind, (status, code, detail) in ANSWERS.items():
            waiting = {"Retry-After": "'1'"} if status in (429, 503) else {}
            self._api.add_gateway_response(
                "".join(part.capitalize() for part in kind.split("_")),
                type=gateway.ResponseType.of(kind),
                status_code=str(status) if status else None,
                response_headers={
                    "Content-Type": "'application/problem+json'",
                    "Cache-Control": "'no-store'",
                    "Strict-Transport-Security": "'max-age=31536000'",
                    "X-Request-ID": "context.requestId",
                    **waiting,
                    **(readable if origins else {}),
                },
                templates={JSON: _problem(kind, status, code, detail)},
            )

    def _accept_preflights(self) -> None:
        for child in self._api.node.find_all():
            if isinstance(child, gateway.Method) and child.http_method == "OPTIONS":
                accept(child, PREFLIGHT_BECAUSE, "AwsSolutions-APIG4", "AwsSolutions-COG4")


def _problem(kind: str, status: int | None, code: str, detail: str) -> str:
    """A template: what the gateway fills in stands between dollar signs' names."""
    known = TITLES.get(status or 0, "The request was refused")
    body = dumps(
        {"type": f"{TYPE}{code}", "title": known, "status": status, "detail": detail, "errors": []},
        ensure_ascii=False,
    )
    if status is None:
        return body.replace('"status": null', '"status": ' + ("500" if "5" in kind else "400"))
    return body


def _draft4(given: Mapping[str, Any]) -> gateway.JsonSchema:
    return gateway.JsonSchema(schema=gateway.JsonSchemaVersion.DRAFT4, **_parts(given))


# Any: named arguments of one structure, each of its own type.
def _parts(given: Mapping[str, Any]) -> dict[str, Any]:
    parts: dict[str, Any] = {"type": gateway.JsonSchemaType(given["type"].upper())}
    if "required" in given:
        parts["required"] = list(given["required"])
    if "properties" in given:
        inner = given["properties"].items()
        parts["properties"] = {name: gateway.JsonSchema(**_parts(one)) for name, one in inner}
    if "items" in given:
        parts["items"] = gateway.JsonSchema(**_parts(given["items"]))
    return parts
