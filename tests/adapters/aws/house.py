"""A stage of the platform on AWS as one machine can play it, with people and a Kite in front of it.

Tables are DynamoDB Local's, everything else is moto's; the projector is called by the test.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from itertools import count
from json import dumps, loads
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from argon2 import PasswordHasher
from aws_lambda_powertools.utilities.typing import LambdaContext
from fastapi.testclient import TestClient
from moto import mock_aws

from adapters.api.app import create_app
from adapters.aws.clients import Clients
from adapters.aws.mornings import Attending
from adapters.aws.platform import AwsPlatform, open_platform, platform
from adapters.aws.settings import AwsSettings
from adapters.brokers.paper.exchange import PaperExchange
from adapters.brokers.paper.ledger import PaperLedger
from adapters.brokers.paper.settings import PaperSettings
from adapters.clock import SteppedClock
from adapters.identity.local import LocalIdentity
from adapters.identity.passwords import Passwords
from adapters.lanes.dynamodb import schema as lanes_schema
from adapters.market.simulated import SimulatedMarket
from adapters.sessions import SYSTEM
from adapters.simulators.kite.simulator import KiteSimulator
from adapters.store.dynamodb import connect
from adapters.store.dynamodb_table import create_table
from commands.desk import Request
from commands.user import RegisterUser
from domain.user import Role, User
from projections.catalogue import CATALOGUE
from tests.adapters.api.practice import PASSWORD, Json, Person, made, ok

#: Twenty to nine on a Monday (IST), a day before the weekly expiry.
MORNING = datetime(2026, 8, 3, 3, 10, tzinfo=UTC)
REGION = "ap-south-1"
KEYS = {"api_key": "kitekey1", "api_secret": "kitesecret-that-nobody-may-see"}
KIND = PaperSettings(seed=1, partial_rate=0, rejection_rate=0)
#: A state machine that does nothing: what a workflow asks for is looked at by name.
NOTHING = {"StartAt": "End", "States": {"End": {"Type": "Succeed"}}}
_prefixes = count()
Client = Any  # Any: the clients of several services


def laid_out(clients: Clients, dynamodb: Client, kite: KiteSimulator) -> AwsSettings:
    """A new stage: its tables, buckets, queues and state machine."""
    prefix = f"house{next(_prefixes)}-"
    create_table(dynamodb, f"{prefix}events")
    dynamodb.create_table(TableName=f"{prefix}lanes", **lanes_schema())
    for name in ("artifacts", "digests", "lake"):
        where: Any = {"LocationConstraint": REGION}
        clients.s3.create_bucket(Bucket=prefix + name, CreateBucketConfiguration=where)
    return AwsSettings(
        stage="house",
        prefix=prefix,
        install="house-1",
        events_table=f"{prefix}events",
        lanes_table=f"{prefix}lanes",
        dispatch_queue=made_queue(clients, f"{prefix}dispatch.fifo"),
        execute_queue=made_queue(clients, f"{prefix}execute"),
        reconcile_queue=made_queue(clients, f"{prefix}reconcile"),
        connected_queue=made_queue(clients, f"{prefix}connected"),
        order_workflow=made_workflow(clients, f"{prefix}orders"),
        artifacts_bucket=f"{prefix}artifacts",
        digests_bucket=f"{prefix}digests",
        lake_bucket=f"{prefix}lake",
        vault_path="atp/house/vault/",
        user_pool="ap-south-1_none",
        user_pool_client="none",
        kite_root=kite.root,
        kite_login=kite.root,
        kite_ws=kite.ws,
    )


def made_queue(clients: Clients, name: str) -> str:
    told: Any = {"FifoQueue": "true"} if name.endswith(".fifo") else {}
    return clients.sqs.create_queue(QueueName=name, Attributes=told)["QueueUrl"]


def received(sqs: Client, url: str) -> list[Json]:
    """What waits in that queue; it is taken out."""
    found: list[Json] = []
    while told := sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages"):
        for each in told:
            found.append(loads(each["Body"]))
            sqs.delete_message(QueueUrl=url, ReceiptHandle=each["ReceiptHandle"])
    return found


def made_workflow(clients: Clients, name: str) -> str:
    role = "arn:aws:iam::123456789012:role/any"
    machine = clients.workflows.create_state_machine(
        name=name, definition=dumps(NOTHING), roleArn=role
    )
    return machine["stateMachineArn"]


@dataclass
class House:
    """One stage, one worker of it, and its API."""

    platform: AwsPlatform
    kite: KiteSimulator
    clock: SteppedClock
    identity: LocalIdentity
    _applied: dict[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        # Cognito is tried by itself; here people sign in as on one machine.
        context = replace(self.platform.context(), identity=self.identity, stored=self.project)
        self.app = create_app(context)

    def worker(self, folder: Path) -> AwsPlatform:
        """Another one of the same stage."""
        return open_platform(self.platform.settings, self.platform.clients, folder, self.clock)

    def project(self) -> None:
        """What the projector does with what is new in the event table."""
        source = self.platform.source
        for stream, head in source.heads():
            seen = self._applied.get(stream, 0)
            if head > seen:
                self.platform.reads.projector.apply(source.stream(stream, gt=seen))
                self._applied[stream] = head

    def admit(self, email: str, *roles: Role) -> Person:
        """A user with these roles who is signed in."""
        platform = self.platform
        request = Request(principal=SYSTEM, at=self.clock.now(), correlation_id="admission")

        def register() -> str:
            return platform.platform.bus.execute(RegisterUser(email=email, roles=roles), request).id

        user_id = self.identity.admit(email, register, PASSWORD).user_id
        self.project()
        account_id = platform.trading.load(user_id, User).accounts[0]
        client = TestClient(self.app, raise_server_exceptions=True)
        person = Person(client=client, user_id=user_id, account_id=account_id, email=email)
        person.sign_in()
        return person

    def at_zerodha(self, trader: Person) -> str:
        """Link an account whose app Kite knows, with its keys in the vault; answers its id."""
        path = f"/users/{trader.user_id}/broker-accounts"
        sent = {"broker": "zerodha", "account_name": "Mine"}
        account_id = str(made(trader.post(path, sent))["account_id"])
        self.kite.add_app(account_id, KEYS["api_key"], KEYS["api_secret"], "AB1234")
        response = trader.put(f"{path}/{account_id}/secrets", KEYS)
        ok(response)
        return account_id

    def log_in(self, trader: Person, account_id: str) -> Json:
        """Log in at Kite and come back with what it said."""
        path = f"/users/{trader.user_id}/broker-accounts/{account_id}"
        begun = ok(trader.get(f"{path}/login"))["login_url"]
        sent_back = httpx.get(begun, follow_redirects=False).headers["Location"]
        carried = {name: each[0] for name, each in parse_qs(urlsplit(sent_back).query).items()}
        body = {"request_token": carried["request_token"], "state": carried["state"]}
        return ok(trader.post(f"{path}/connect", body))

    def attend(self) -> None:
        """What the adapter does with accounts that were connected, or told of in the morning."""
        for each in self.messages("connected"):
            Attending(self.platform).attend(each["account_id"])

    def messages(self, name: str) -> list[Json]:
        """What waits in a queue; it is taken out."""
        sqs, url = self.platform.clients.sqs, self.platform.settings.told(f"{name}_queue")
        return received(sqs, url)

    def workflows(self) -> list[Json]:
        """What the order workflows were started with."""
        client = self.platform.clients.workflows
        arn = self.platform.settings.told("order_workflow")
        started = client.list_executions(stateMachineArn=arn)["executions"]
        told = [client.describe_execution(executionArn=one["executionArn"]) for one in started]
        return [loads(each["input"]) for each in told]


@contextmanager
def opened_house(folder: Path, at: datetime = MORNING) -> Iterator[House]:
    """A stage in its own time; boto3 finds DynamoDB Local by itself."""
    clock, own = SteppedClock(at), SteppedClock(at)
    market = SimulatedMarket(own, seed=1)
    exchange = PaperExchange(market, own, PaperLedger(folder / "kite.sqlite"), KIND)
    kite = KiteSimulator(exchange, market, clock)
    cheap = Passwords(PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
    identity = LocalIdentity(folder, passwords=cheap, now=lambda: at)
    with mock_aws():
        kite.start()
        clients = Clients()
        settings = laid_out(clients, connect(), kite)
        platform = open_platform(settings, clients, folder / "tmp", clock)
        platform.tables.create(*(model.shape for model in CATALOGUE))
        try:
            yield House(platform, kite, clock, identity)
        finally:
            platform.close()
            kite.stop()
            identity.close()


class Call(LambdaContext):
    """What Lambda tells a function of the call that it is in."""

    def __init__(self) -> None:
        self._function_name = "atp-house"
        self._memory_limit_in_mb = 1769
        self._invoked_function_arn = "arn:aws:lambda:ap-south-1:123456789012:function:atp-house"
        self._aws_request_id = "call-1"

    @staticmethod
    def get_remaining_time_in_millis() -> int:
        return 30_000


@contextmanager
def container(
    house: House, monkeypatch: pytest.MonkeyPatch, more: Mapping[str, str] | None = None
) -> Iterator[AwsPlatform]:
    """A container of this stage, told of it by its environment; it has the machine's time."""
    told = house.platform.settings.model_dump(exclude_none=True, exclude={"desks", "origins"})
    for name, value in {**told, **(more or {})}.items():
        monkeypatch.setenv(f"ATP_{name.upper()}", str(value))
    monkeypatch.setenv("POWERTOOLS_TRACE_DISABLED", "true")
    monkeypatch.setenv("TMPDIR", str(house.platform.folder / "container"))
    platform.cache_clear()
    try:
        yield platform()
    finally:
        platform().close()
        platform.cache_clear()
