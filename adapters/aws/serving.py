"""The API's context over the platform on AWS."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

from botocore.exceptions import BotoCoreError, ClientError
from fastapi import FastAPI
from mangum import Mangum

from adapters.api.app import create_app
from adapters.api.audit import NDJSON
from adapters.api.context import ApiContext, Pulse
from adapters.api.problems import MEDIA as PROBLEM
from adapters.api.problems import answer_as_storage
from adapters.aws import heartbeat
from adapters.aws.edge import over_tls, seen_at_edge
from adapters.aws.identity import identity_of
from adapters.aws.naming import named
from adapters.aws.queues import handing_on
from adapters.brokers.registry import BROKERS
from adapters.brokers.zerodha.postbacks import Postbacks
from commands.desk import Principal
from domain.account import BrokerAccount
from domain.account_terms import PAPER
from domain.calendar import MARKET, ist_date
from domain.contract import Product
from projections.verify import Seal

if TYPE_CHECKING:
    from adapters.aws.platform import AwsPlatform

#: What is no file: anything else API Gateway would be given, and would pass on, in base64.
TEXT: Final = ["text/", "application/json", PROBLEM, NDJSON]


class Handed:
    """What a request may stir is handed on to whoever is at work on it."""

    def __init__(self, platform: AwsPlatform) -> None:
        self._platform = platform

    def notice(self, run_id: str) -> None:
        with handing_on(run_id):
            self._platform.notice(run_id)

    def start_now(self, strategy_id: str, key: str, principal: Principal) -> Sequence[str]:
        platform = self._platform
        now = platform.clock.now()
        planner = platform.platform.engine.planner
        opened = planner.start(strategy_id, key, principal.user_id, now)
        self._begin(opened, now)
        for run_id in opened:
            self.notice(run_id)
        return opened

    def leave_positions(self, account_id: str, keys: Sequence[str]) -> Sequence[str]:
        platform = self._platform
        account = platform.trading.load(account_id, BrokerAccount)
        now = platform.clock.now()
        opened = platform.flattening.leave_positions(account, keys, "REQUEST", now)
        self._begin(opened, now)
        return opened

    def leave_drift(self, account_id: str, key: str, product: Product, name: str) -> str:
        platform = self._platform
        now = platform.clock.now()
        opened = platform.flattening.leave_drift(account_id, key, product, name, now)
        self._begin([opened], now)
        return opened

    def kill(self, account_id: str) -> None:
        with handing_on(account_id):
            self._platform.kill(account_id)

    def _begin(self, run_ids: Sequence[str], now: datetime) -> None:
        for run_id in run_ids:
            with handing_on(run_id):
                self._platform.workflow.start(run_id, ist_date(now))


def app_of(platform: AwsPlatform) -> FastAPI:
    """The API of this worker."""
    app = create_app(context_of(platform), platform.settings.origins)
    answer_as_storage(app, BotoCoreError, ClientError)
    return app


def behind_gateway(platform: AwsPlatform) -> Mangum:
    """The application as API Gateway calls it."""
    return Mangum(app_of(platform), lifespan="off", text_mime_types=TEXT)


def arrived(platform: AwsPlatform, event: Mapping[str, Any]) -> dict[str, Any]:
    """A request under its name and its sender's address; Any: JSON as API Gateway spells it."""
    return over_tls(seen_at_edge(named(event), platform.settings.edge_mark))


def context_of(platform: AwsPlatform) -> ApiContext:
    """What the endpoints need, of one worker on AWS."""
    reads, care = platform.reads, platform.care

    def pulse() -> Pulse:
        last, following = heartbeat.felt(platform.tables)
        halted = platform.halting.reason()
        return Pulse(
            beat=last,
            next_due=following,
            parked=len(reads.projector.parked()),
            troubles=() if halted is None else (halted,),
            resting=heartbeat.resting(platform.clock.now()),
        )

    def seals() -> tuple[Sequence[Seal], Sequence[str]]:
        from adapters.aws.digests import examined_digests

        return examined_digests(platform)

    handed = Handed(platform)

    def heard(account_id: str) -> None:
        for run_id in platform.platform.runs.of_account(account_id):
            handed.notice(run_id)

    return ApiContext(
        bus=platform.platform.bus,
        identity=identity_of(platform.settings, platform.clients.people, platform.vault),
        engine=handed,
        tables=platform.tables,
        source=platform.source,
        feed=reads.feed,
        market=platform.market,
        broker=platform.broker,
        sessions=care.sessions,
        snapshot=platform.platform.engine.run_planner.snapshot,
        clock=platform.clock,
        calendar=MARKET,
        pulse=pulse,
        seals=seals,
        stored=lambda: None,
        brokers=[name for name in BROKERS if name != PAPER],
        postbacks=Postbacks(platform.vault, heard),
        stream_s=0,
        verified_by=f"python -m adapters.aws.verify --stage {platform.settings.stage}",
    )
