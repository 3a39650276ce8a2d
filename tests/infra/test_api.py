"""The gateway takes what the application describes, asks for tokens, refuses what has no form."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from pydantic import ValidationError

from adapters.api.openapi import METHODS
from infra.described import described_api, operations
from infra.front import Front
from tests.infra.templates import Stage

ACM = "arn:aws:acm:ap-south-1:123456789012:certificate/0"


@pytest.fixture(scope="module")
def front(prod: Stage) -> Stage:
    """The API of the stage that trades."""
    return prod.part("Api")


@pytest.fixture(scope="module")
def public(spread: Stage) -> Stage:
    """The API of a stage with a domain, pages of two origins and an application."""
    return spread.part("Api")


def paths(stage: Stage) -> dict[str, str]:
    """Paths of the gateway by the logical id of their resource."""
    found = stage.properties("AWS::ApiGateway::Resource")
    by_id = {name.split("/")[1]: one for name, one in found.items()}

    def path(name: str) -> str:
        parent = by_id[name]["ParentId"]
        above = path(parent["Ref"]) if "Ref" in parent else ""
        return f"{above}/{by_id[name]['PathPart']}"

    return {name: path(name) for name in by_id}


def methods(stage: Stage) -> dict[str, Any]:  # Any: properties as CloudFormation has them
    """Every method by what it is called: `GET /runs`."""
    known = paths(stage)
    return {
        f"{one['HttpMethod']} {known[one['ResourceId']['Ref']]}": one
        for one in stage.properties("AWS::ApiGateway::Method").values()
        if "Ref" in one["ResourceId"]
    }


def test_everything_the_api_describes_can_be_asked(front: Stage) -> None:
    described = {
        f"{method.upper()} {path}"
        for path, item in described_api()["paths"].items()
        for method in METHODS
        if method in item
    }

    assert set(methods(front)) == described | {"GET /openapi.json"}


def test_every_request_goes_to_the_function(front: Stage) -> None:
    for method in methods(front).values():
        assert method["Integration"]["Type"] == "AWS_PROXY"
    assert front.only("AWS::Lambda::Permission")["Principal"] == "apigateway.amazonaws.com"


OPEN = {
    "GET /openapi.json",
    "GET /health",
    "POST /auth/login",
    "POST /auth/refresh",
    "POST /auth/logout",
    "POST /auth/password",
    "GET /auth/totp",
    "POST /auth/totp",
    "POST /auth/totp/confirm",
    "POST /auth/totp/disable",
    "GET /accounts/callback",
    "POST /accounts/{account_id}/postback",
}


def test_only_signing_in_health_and_what_brokers_call_is_open(front: Stage) -> None:
    found = {name for name, one in methods(front).items() if one["AuthorizationType"] == "NONE"}

    assert found == OPEN


def test_everything_else_needs_an_access_token_of_the_pool(front: Stage) -> None:
    for name, method in methods(front).items():
        if name not in OPEN:
            assert method["AuthorizationType"] == "COGNITO_USER_POOLS"
            # Without a scope the gateway would take id tokens, which the application refuses.
            assert method["AuthorizationScopes"] == ["aws.cognito.signin.user.admin"]
    assert front.only("AWS::ApiGateway::Authorizer")["Type"] == "COGNITO_USER_POOLS"


def test_a_body_must_have_its_form_and_a_parameter_be_there(front: Stage) -> None:
    known = methods(front)
    validators = front.properties("AWS::ApiGateway::RequestValidator")
    by_id = {name.split("/")[1]: one for name, one in validators.items()}

    for operation in operations():
        method = known[operation.label]
        validator = by_id[method["RequestValidatorId"]["Ref"]]
        assert validator["ValidateRequestParameters"] is True
        assert validator.get("ValidateRequestBody", False) is (operation.body is not None)
        assert ("application/json" in method.get("RequestModels", {})) is bool(operation.body)
    assert known["GET /audit/why"]["RequestParameters"] == {
        "method.request.querystring.stream": True,
        "method.request.querystring.version": True,
    }


def test_the_gateways_own_answers_are_problems_like_any_other(front: Stage) -> None:
    answers = front.properties("AWS::ApiGateway::GatewayResponse").values()

    for one in answers:
        body = json.loads(one["ResponseTemplates"]["application/json"])
        assert set(body) == {"type", "title", "status", "detail", "errors"}
        assert body["type"].startswith("urn:atp:problem:")
        header = one["ResponseParameters"]["gatewayresponse.header.Content-Type"]
        assert header == "'application/problem+json'"
        assert str(body["status"]) == one.get("StatusCode", str(body["status"]))
    kinds = {one["ResponseType"]: one.get("StatusCode") for one in answers}
    assert kinds["MISSING_AUTHENTICATION_TOKEN"] == "404"
    assert kinds["BAD_REQUEST_BODY"] == "422"
    assert kinds["THROTTLED"] == "429"


def test_requests_are_limited_and_sign_ins_more_so(front: Stage) -> None:
    settings = front.only("AWS::ApiGateway::Stage")["MethodSettings"]

    limits = {one["ResourcePath"]: one["ThrottlingRateLimit"] for one in settings}

    assert limits["/*"] == 1_000
    assert {path for path, limit in limits.items() if limit == 20} == {
        "/~1auth~1login",
        "/~1auth~1refresh",
    }


def test_every_request_is_logged_traced_and_counted_but_no_body_or_token(front: Stage) -> None:
    stage = front.only("AWS::ApiGateway::Stage")
    logged = json.loads(stage["AccessLogSetting"]["Format"])

    assert stage["TracingEnabled"] is True
    for one in stage["MethodSettings"]:
        assert (one["MetricsEnabled"], one["LoggingLevel"]) == (True, "ERROR")
        assert one["DataTraceEnabled"] is False
    assert {"request_id", "user", "status", "latency_ms", "trace"} <= set(logged)
    assert not re.search(r"authorization|querystring|header", json.dumps(logged), re.IGNORECASE)
    groups = front.properties("AWS::Logs::LogGroup").values()
    assert len(groups) == 2
    assert all("KmsKeyId" in one and one["RetentionInDays"] == 365 for one in groups)


def test_the_wall_stands_before_the_stage(front: Stage) -> None:
    wall = front.only("AWS::WAFv2::WebACLAssociation")

    assert "Wall" in json.dumps(wall["WebACLArn"])
    assert json.dumps(wall["ResourceArn"]).endswith('/stages/v1"]]}')


def test_nothing_older_than_tls_1_3_is_spoken(front: Stage, public: Stage) -> None:
    newest = ("SecurityPolicy_TLS13_1_3_2025_09", "STRICT")

    for one in (
        front.only("AWS::ApiGateway::RestApi"),
        public.only("AWS::ApiGateway::RestApi"),
        public.only("AWS::ApiGateway::DomainName"),
    ):
        assert (one["SecurityPolicy"], one["EndpointAccessMode"]) == newest


@pytest.mark.parametrize(
    "given",
    [
        {"origins": ("http://app.example.com",)},
        {"origins": ("https://*.example.com",)},
        {"origins": ("https://app.example.com/path",)},
        {"applications": ({"name": "Web App"},)},
        {"oldest_tls": "1.1"},
    ],
)
def test_a_front_that_cannot_be_is_refused(given: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        Front.model_validate(given)


def address(stage: Stage) -> object:
    """Where others find the API."""
    parameters = stage.properties("AWS::SSM::Parameter").values()
    (found,) = [one["Value"] for one in parameters if one["Name"].endswith("/api")]
    return found


def test_a_domain_of_ours_is_used_where_it_is_configured(front: Stage, public: Stage) -> None:
    domain = public.only("AWS::ApiGateway::DomainName")

    assert (domain["DomainName"], domain["RegionalCertificateArn"]) == ("api.example.com", ACM)
    assert address(public) == "https://api.example.com/"
    assert front.properties("AWS::ApiGateway::DomainName") == {}


def test_pages_of_other_origins_may_call_where_they_are_named_and_nowhere_else(
    front: Stage, public: Stage
) -> None:
    asked = {name for name in methods(public) if name.startswith("OPTIONS")}

    assert not any(name.startswith("OPTIONS") for name in methods(front))
    assert {f"OPTIONS {path}" for path in paths(public).values()} == asked
    answer = methods(public)["OPTIONS /runs"]["Integration"]["IntegrationResponses"][0]
    assert "https://beta.example.com" in json.dumps(answer)
    assert "'*'" not in json.dumps(answer)


def test_an_application_brings_its_key_and_has_a_plan_of_its_own(
    front: Stage, public: Stage
) -> None:
    plans = public.properties("AWS::ApiGateway::UsagePlan").values()
    (plan,) = [one for one in plans if one["UsagePlanName"] == "atp-spread-web"]

    assert plan["Throttle"] == {"RateLimit": 30, "BurstLimit": 60}
    assert plan["Quota"] == {"Limit": 1_000_000, "Period": "DAY"}
    assert methods(public)["GET /runs"]["ApiKeyRequired"] is True
    assert not any(methods(public)[name]["ApiKeyRequired"] for name in OPEN)
    assert front.properties("AWS::ApiGateway::UsagePlan") == {}
    assert not any(one["ApiKeyRequired"] for one in methods(front).values())


def test_the_gateway_has_no_more_paths_than_one_may_have(public: Stage) -> None:
    assert len(paths(public)) <= 300  # unless more are asked for
