"""The gateway itself, as deployed: whom it lets in, what it refuses, and in which words."""

from __future__ import annotations

import base64
import io
import json
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import httpx
import pytest

from infra.config import Config
from infra.front import Application, Front
from tests.emulator.assembly import stacks
from tests.emulator.deploying import deploy
from tests.emulator.ministack import ACCOUNT, REGION, MiniStack
from tests.infra.alone import synthesize_alone
from tests.requirements import STRATEGY

PAGE = "https://app.example.com"
NAMED = "atp-front-echo"
FUNCTION = f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:{NAMED}:live"
CONFIG = Config(
    stage="front",
    kept=False,
    front=Front(origins=(PAGE,), applications=(Application(name="web"),)),
)
PASSWORD = "Correct-Horse-9!x"
#: Answers with what came through.
ECHO = """
import json
def handler(event, context):
    claims = (event["requestContext"].get("authorizer") or {}).get("claims")
    came = json.dumps({"path": event["path"], "claims": claims})
    return {"statusCode": 200, "headers": {"Content-Type": "application/json"}, "body": came}
"""


@dataclass(frozen=True)
class Door:
    """The deployed gateway, and what somebody with every right brings along."""

    client: httpx.Client
    tokens: Mapping[str, str]
    key: str

    def ask(
        self, method: str, path: str, token: str | None = "AccessToken", **given: Any
    ) -> httpx.Response:
        bearer = {"Authorization": f"Bearer {self.tokens[token]}"} if token else {}
        headers = {"x-api-key": self.key, **bearer, **given.pop("headers", {})}
        return self.client.request(method, path, headers=headers, **given)


@pytest.fixture(scope="module")
def door(
    emulator: MiniStack, known: frozenset[str], tmp_path_factory: pytest.TempPathFactory
) -> Door:
    _echo(emulator)
    folder = tmp_path_factory.mktemp("front-door")
    synthesize_alone(CONFIG, folder, FUNCTION)
    # What is watched has functions of its own to watch: it is deployed with the whole stage.
    chosen = [one for one in stacks(folder, ACCOUNT, REGION) if one.id != "Monitoring"]
    deployed = deploy(emulator, chosen, known)
    rest = deployed.of_type("Api", "AWS::ApiGateway::RestApi")[0]
    _attach_validator(emulator, rest)
    keys = emulator.client("apigateway").get_api_keys(includeValues=True)["items"]
    (key,) = [one["value"] for one in keys if one["name"] == "atp-front-web"]
    (pool,) = deployed.of_type("Security", "AWS::Cognito::UserPool")
    tokens = _sign_in(emulator, pool, deployed.parameter("/atp/front/user-pool-client"))
    root = f"{emulator.endpoint}/restapis/{rest}/v1/_user_request_"
    return Door(httpx.Client(base_url=root, timeout=30), tokens, key)


def _echo(emulator: MiniStack) -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as zipped:
        zipped.writestr("index.py", ECHO)
    functions = emulator.client("lambda")
    functions.create_function(
        FunctionName=NAMED,
        Runtime="python3.11",
        Role=f"arn:aws:iam::{ACCOUNT}:role/echo",
        Handler="index.handler",
        Code={"ZipFile": packed.getvalue()},
        Publish=True,
    )
    functions.create_alias(FunctionName=NAMED, Name="live", FunctionVersion="1")


def _attach_validator(emulator: MiniStack, rest: str) -> None:
    """CloudFormation on the emulator forgets validators; the gateway itself has them."""
    gateway = emulator.client("apigateway")
    made = gateway.create_request_validator(
        restApiId=rest, name="whole", validateRequestBody=True, validateRequestParameters=True
    )
    patch = [{"op": "replace", "path": "/requestValidatorId", "value": made["id"]}]
    for resource in gateway.get_resources(restApiId=rest, limit=500)["items"]:
        for method in resource.get("resourceMethods", {}):
            if method != "OPTIONS":
                gateway.update_method(
                    restApiId=rest,
                    resourceId=resource["id"],
                    httpMethod=method,
                    patchOperations=patch,
                )
    gateway.create_deployment(restApiId=rest, stageName="v1")


def _sign_in(emulator: MiniStack, pool: str, client_id: str) -> Mapping[str, str]:
    people = emulator.client("cognito-idp")
    mail = [{"Name": "email", "Value": "asha@example.com"}]
    people.admin_create_user(
        UserPoolId=pool, Username="USER-1", UserAttributes=mail, MessageAction="SUPPRESS"
    )
    people.admin_set_user_password(
        UserPoolId=pool, Username="USER-1", Password=PASSWORD, Permanent=True
    )
    answer = people.admin_initiate_auth(
        UserPoolId=pool,
        ClientId=client_id,
        AuthFlow="ADMIN_USER_PASSWORD_AUTH",
        AuthParameters={"USERNAME": "USER-1", "PASSWORD": PASSWORD},
    )
    tokens: Mapping[str, str] = answer["AuthenticationResult"]
    return tokens


def problem(answer: httpx.Response) -> tuple[int, str]:
    """Status and type of what must be a problem."""
    assert answer.headers["Content-Type"] == "application/problem+json"
    body = answer.json()
    assert body["status"] == answer.status_code
    return answer.status_code, body["type"].rpartition(":")[2]


def test_an_access_token_of_the_pool_opens_the_door(door: Door) -> None:
    came = door.ask("GET", "/runs").json()

    assert came["path"] == "/runs"
    assert came["claims"]["username"] == "USER-1"
    assert came["claims"]["token_use"] == "access"


def forged(token: str) -> str:
    """The same token, of an administrator, under the signature of the first."""
    head, body, signature = token.split(".")
    claims = json.loads(base64.urlsafe_b64decode(body + "=="))
    altered = json.dumps({**claims, "username": "USER-ADMIN"}).encode()
    return ".".join((head, base64.urlsafe_b64encode(altered).decode().rstrip("="), signature))


def test_no_token_an_id_token_or_a_forged_one_stay_outside(door: Door) -> None:
    refused = (401, "not-signed-in")

    assert problem(door.ask("GET", "/runs", token=None)) == refused
    assert problem(door.ask("GET", "/runs", token="IdToken")) == refused
    bearer = {"Authorization": f"Bearer {forged(door.tokens['AccessToken'])}"}
    assert problem(door.ask("GET", "/runs", token=None, headers=bearer)) == refused


def test_a_program_without_its_key_stays_outside(door: Door) -> None:
    answer = door.ask("GET", "/runs", headers={"x-api-key": "another"})

    assert problem(answer) == (403, "api-key")


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/health"),
        ("GET", "/accounts/callback?state=1"),
        ("POST", "/accounts/ACC-1/postback"),
        ("POST", "/auth/totp"),
    ],
)
def test_who_has_no_token_yet_comes_as_far_as_the_application(
    door: Door, method: str, path: str
) -> None:
    body = {"password": "secret"} if method == "POST" else None

    answer = door.client.request(method, path, json=body)  # no key either

    assert (answer.status_code, answer.json()["claims"]) == (200, None)


@pytest.mark.parametrize("path", ["/nowhere", "/stream/1", "/runs/1/2/3"])
def test_what_is_not_described_is_not_there(door: Door, path: str) -> None:
    assert problem(door.ask("GET", path)) == (404, "no-such-path")


@pytest.mark.parametrize("body", ["{", "[]", '{"email": "asha@example.com"}'])
def test_a_body_without_its_form_is_refused(door: Door, body: str) -> None:
    answer = door.client.post(
        "/auth/login", content=body, headers={"Content-Type": "application/json"}
    )

    assert problem(answer) == (422, "invalid-fields")


def test_a_required_parameter_must_be_there(door: Door) -> None:
    assert problem(door.ask("GET", "/audit/why?stream=RUN-1")) == (422, "invalid-fields")
    assert door.ask("GET", "/audit/why?stream=RUN-1&version=1").status_code == 200


def test_the_prds_strategy_passes_the_gateway(door: Door) -> None:
    answer = door.ask("POST", "/baskets/BASK-1/strategies", json=STRATEGY)

    assert answer.json()["path"] == "/baskets/BASK-1/strategies"


def test_a_page_of_a_named_origin_may_ask(door: Door) -> None:
    asked = door.client.options(
        "/runs", headers={"Origin": PAGE, "Access-Control-Request-Method": "GET"}
    )

    assert asked.headers["Access-Control-Allow-Origin"] == PAGE
    assert "Authorization" in asked.headers["Access-Control-Allow-Headers"]
