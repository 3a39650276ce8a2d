"""`atp kite-sim`: a Kite to practise with, on this machine, until it is interrupted."""

from __future__ import annotations

import json
import secrets
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from decimal import Decimal
from pathlib import Path
from typing import Final

from adapters.cli.day import recorded
from adapters.cli.terms import Asked, BadInput
from adapters.rehearsal import Rehearsal
from adapters.simulators.kite.server import LEDGER, SPEC, AlreadyAtWork, run
from adapters.simulators.kite.sessions import KiteApp
from adapters.simulators.kite.spec import KiteEndpoint, KiteSpec, MarketKind, write_private
from domain.calendar import MARKET, at_ist

FOLDER: Final = "kite-sim"
REHEARSAL: Final = "rehearsal.json"
HOW: Final = """\
  export ATP_HOME=var/rehearsal        # a home of its own
  atp up --live                        # then, in a third terminal with that ATP_HOME:
  atp account link zerodha --name Simulator
  atp account secrets ACC-…            # api_key and api_secret of above
  atp account connect ACC-…            # open the login address, give the one it leads to
  atp basket import FILE --account ACC-… --activate
Ctrl-C ends the simulator; its ledger stays."""
ACCOUNT: Final = "KITE-SIM"
USER: Final = "SIM001"


@dataclass(frozen=True, kw_only=True)
class KiteSimAsked:
    """What was asked of the simulator; the machine's own time where no day is given."""

    port: int
    ws_port: int
    day: date | None
    begin: time
    speed: float
    seed: int
    data: Path | None
    cash: float | None
    redirect_url: str
    postback_url: str | None


def serve_kite(asked: Asked, wanted: KiteSimAsked) -> None:
    """Start it, say how to reach it, and serve; key and secret are those of last time."""
    folder = asked.home / FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    spec = spec_of(wanted, _app(folder, wanted))
    write_private(folder / SPEC, spec.model_dump_json(indent=2))
    try:
        run(folder, wanted.port, wanted.ws_port, lambda found: _say(asked, found, spec, folder))
    except AlreadyAtWork as error:
        raise BadInput(str(error)) from error


def spec_of(wanted: KiteSimAsked, app: KiteApp) -> KiteSpec:
    """The market and time that were asked for; raises BadInput."""
    day = wanted.day
    if day is None and (wanted.data is not None or wanted.speed != 1.0):
        raise BadInput("--day: a recorded day or another speed needs the day to begin with")
    if day is not None and MARKET.session(day) is None:
        raise BadInput(f"--day: {MARKET.why_closed(day) or f'{day} is no trading day'}")
    return KiteSpec(
        market=MarketKind.SIMULATED if wanted.data is None else MarketKind.RECORDED,
        days=() if wanted.data is None or day is None else (recorded(wanted.data, day).resolve(),),
        seed=wanted.seed,
        wall_start=None if day is None else datetime.now(UTC),
        market_start=None if day is None else at_ist(day, wanted.begin),
        speed=wanted.speed,
        apps=(app,),
        cash=None if wanted.cash is None else Decimal(str(wanted.cash)),
    )


def _app(folder: Path, wanted: KiteSimAsked) -> KiteApp:
    """The app of last time with its key and secret, else a new one."""
    try:
        known = KiteSpec.model_validate_json((folder / SPEC).read_text()).apps
    except FileNotFoundError:
        known = ()
    urls = {"redirect_url": wanted.redirect_url, "postback_url": wanted.postback_url}
    if known:
        return known[0].model_copy(update=urls)
    return KiteApp(
        account=ACCOUNT,
        api_key=secrets.token_hex(8),
        api_secret=secrets.token_hex(16),
        user_id=USER,
        redirect_url=wanted.redirect_url,
        postback_url=wanted.postback_url,
    )


def _say(asked: Asked, found: KiteEndpoint, spec: KiteSpec, folder: Path) -> None:
    """Everything a platform, and its trader, need to know of it."""
    (app,) = spec.apps
    pointing = {"ATP_KITE_ROOT": found.root, "ATP_KITE_LOGIN": found.root, "ATP_KITE_WS": found.ws}
    if spec.wall_start is not None and spec.market_start is not None:
        time_of_day = Rehearsal(
            wall_start=spec.wall_start, market_start=spec.market_start, speed=spec.speed
        )
        write_private(folder / REHEARSAL, time_of_day.model_dump_json(indent=2))
        pointing["ATP_REHEARSAL"] = str((folder / REHEARSAL).resolve())
    facts = {
        "root": found.root,
        "ws": found.ws,
        "login": f"{found.root}/connect/login?v=3&api_key={app.api_key}",
        "api_key": app.api_key,
        "api_secret": app.api_secret,
        "user_id": app.user_id,
        "ledger": str(folder / LEDGER),
    }
    if asked.json:
        # One line, at once: it is read while we serve.
        print(json.dumps({**facts, "environment": pointing}), flush=True)
        return
    for name, fact in facts.items():
        print(f"{name:<11} {fact}")
    print("\nPoint a platform here, in another terminal:")
    for name, value in pointing.items():
        print(f"  export {name}={value}")
    print(HOW, flush=True)
