"""`atp up`: the platform with its API, in practice or live, until it is told to end."""

from __future__ import annotations

import logging
import signal
import sys
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from typing import Final

import uvicorn
from rich.console import Console
from rich.logging import RichHandler

from adapters.api.app import create_app
from adapters.api.context import ApiContext, Pulse
from adapters.api.desk import serve_desk
from adapters.embedded import Embedded
from adapters.greeting import greet
from adapters.identity.local import LocalIdentity
from adapters.sealing import examined
from adapters.settings import Settings
from adapters.ticker import Ticker
from adapters.worlds import world_of
from commands.desk import Principal
from domain.calendar import MARKET
from domain.contract import Product
from projections.verify import Seal

LOG: Final = logging.getLogger("atp")
STAYS_FOR_S: Final = 2
#: Threads take turns this often: orders and answers must not wait for each other's long ones.
SWITCH_S: Final = 0.001
#: Longer than a screen waits between two looks, so that a look does not meet a closing door.
KEPT_OPEN_S: Final = 75


class Stirred:
    """What a request may stir of the engine."""

    def __init__(self, embedded: Embedded) -> None:
        self.embedded = embedded

    def notice(self, run_id: str) -> None:
        self.embedded.platform.engine.notice(run_id)

    def start_now(self, strategy_id: str, key: str, principal: Principal) -> Sequence[str]:
        return self.embedded.start_now(strategy_id, key, principal.user_id)

    def leave_positions(self, account_id: str, keys: Sequence[str]) -> Sequence[str]:
        return self.embedded.leave_positions(account_id, keys)

    def leave_drift(self, account_id: str, key: str, product: Product, name: str) -> str:
        return self.embedded.leave_drift(account_id, key, product, name)

    def kill(self, account_id: str) -> None:
        self.embedded.kill(account_id)


def context_of(embedded: Embedded, identity: LocalIdentity) -> ApiContext:
    """What the endpoints need, of a platform in this process."""
    platform, reads = embedded.platform, embedded.reads

    def pulse() -> Pulse:
        return Pulse(
            beat=embedded.loop.beat,
            next_due=platform.engine.wheel.next_due(),
            views_behind=reads.behind(),
            parked=len(reads.projector.parked()),
            troubles=embedded.troubled(),
        )

    def seals() -> tuple[Sequence[Seal], Sequence[str]]:
        return examined(embedded.seals, embedded.key.public, embedded.witness())

    return ApiContext(
        bus=platform.bus,
        identity=identity,
        engine=Stirred(embedded),
        tables=reads.tables,
        source=reads.source,
        feed=reads.feed,
        market=embedded.market,
        broker=embedded.broker,
        sessions=embedded.care.sessions,
        snapshot=platform.engine.run_planner.snapshot,
        clock=embedded.clock,
        calendar=MARKET,
        pulse=pulse,
        seals=seals,
        stored=reads.follower.wake,
        brokers=embedded.brokers,
        postbacks=embedded.venue.postbacks,
        telling=embedded.outside.telling,
    )


def run_up(settings: Settings) -> None:
    """Practise, or trade live, until interrupted; raises OtherWorld, AlreadyRunning, VaultError."""
    console = Console()
    sys.setswitchinterval(SWITCH_S)
    logging.basicConfig(
        level=logging.WARNING, format="%(message)s", handlers=[RichHandler(show_path=False)]
    )
    settings.home.mkdir(parents=True, exist_ok=True)
    world = world_of(settings)
    heartbeat = settings.heartbeat_url
    embedded = Embedded(
        settings.home,
        world,
        sweep=timedelta(seconds=settings.sweep_s * world.patience),
        vault_key_file=settings.vault_key_file,
        heartbeat_url=heartbeat.get_secret_value() if heartbeat is not None else None,
    )
    identity = LocalIdentity(settings.home)
    try:
        greet(embedded, identity, settings, console)
        embedded.start()
        with Ticker(embedded.reads.feed, embedded.platform.trading, console):
            context = replace(context_of(embedded, identity), stream_s=settings.stream_s)
            app = create_app(context)
            serve_desk(app)
            serve(app, settings)
    finally:
        embedded.stop(world_too=True)
        identity.close()


def serve(app: object, settings: Settings) -> None:
    """Serve the API until the process is told to end, and then let the rest end in its order."""
    # The server raises the signal again once it has stopped; by default that would end us here.
    signal.signal(signal.SIGTERM, lambda *_: None)
    config = uvicorn.Config(
        app,  # type: ignore[arg-type]  # an ASGI application, as uvicorn sees it
        host=settings.host,
        port=settings.port,
        log_level="warning",
        ws="none",
        ssl_certfile=str(settings.tls_cert) if settings.tls_cert else None,
        ssl_keyfile=str(settings.tls_key) if settings.tls_key else None,
        timeout_graceful_shutdown=STAYS_FOR_S,
        timeout_keep_alive=KEPT_OPEN_S,
        server_header=False,
    )
    with suppress(KeyboardInterrupt):
        uvicorn.Server(config).run()
