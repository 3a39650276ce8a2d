"""The same at Kite: the real adapter and client, a simulator of Kite in a process of its own.

`python -m bench.due_at_kite [--accounts N] [--json]`: each account's iron condor is due in the same
second, at the speed of life. The first order's time ends where the call to the broker begins.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from datetime import UTC, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path

from adapters.brokers.paper.settings import PaperSettings
from adapters.demo import add_basket, read_basket, trader
from adapters.embedded import Embedded
from adapters.live import Live
from adapters.live_home import LiveHome
from adapters.rehearsal import Rehearsal
from adapters.settings import Settings
from adapters.simulators.kite.process import KiteProcess, start_kite_process
from adapters.simulators.kite.spec import KiteSpec
from adapters.up import SWITCH_S
from bench.due import BASKET, DAY, Calls, show, watched
from commands.account import LinkAccount
from commands.desk import Principal, Request
from commands.user import RegisterUser
from domain.calendar import at_ist

BEGIN = time(9, 18, 45)
RULES = PaperSettings(seed=1, partial_rate=0, rejection_rate=0, cash=Decimal(10_000_000))
#: A bench must not fail because one machine's clock and the simulator's start apart.
SOON = timedelta(seconds=1)


def measured(accounts: int) -> dict[str, float]:
    """Figures of so many accounts, in milliseconds and orders a second."""
    calls = Calls()
    rehearsal = Rehearsal(
        wall_start=datetime.now(UTC) + SOON, market_start=at_ist(DAY, BEGIN), speed=1
    )
    with tempfile.TemporaryDirectory() as folder:
        spec = KiteSpec.model_validate({"rules": RULES, **rehearsal.model_dump()})
        kite = start_kite_process(Path(folder) / "kite", spec)
        try:
            return at(kite, rehearsal, Path(folder) / "home", accounts, calls)
        finally:
            kite.stop()


def at(
    kite: KiteProcess, rehearsal: Rehearsal, home: Path, accounts: int, calls: Calls
) -> dict[str, float]:
    """The figures of a live platform that is pointed at this Kite."""
    home.mkdir()
    places = {"kite_root": kite.root, "kite_login": kite.root, "kite_ws": kite.ws}
    terms = LiveHome.of(Settings.model_validate(places)).model_copy(update={"rehearsal": rehearsal})
    terms.keep(home)
    embedded = Embedded(home, Live(terms), boundary=calls.boundary)
    try:
        embedded.start()
        for number in range(accounts):
            admit(embedded, kite, number)
        return watched(embedded, calls, accounts, accounts)
    finally:
        embedded.stop(world_too=True)


def admit(embedded: Embedded, kite: KiteProcess, number: int) -> None:
    """A trader whose account at Kite is linked and logged in, with one strategy that is due."""
    bus, now = embedded.platform.bus, embedded.clock.now()
    platform = Principal(user_id="platform", platform=True)
    request = Request(principal=platform, at=now, correlation_id=f"bench-{number}")
    user = bus.execute(RegisterUser(email=f"trader{number}@example.com"), request)
    asked = trader(user.id, now)
    account = bus.execute(LinkAccount(broker="zerodha", account_name="Zerodha"), asked)
    key, secret = f"key{number:05d}", f"secret{number:05d}"
    kite.add_app(account.id, key, secret, f"AB{number:04d}")
    sessions = embedded.care.sessions
    sessions.keep_secrets(account.id, {"api_key": key, "api_secret": secret}, asked)
    sessions.connect(account.id, kite.request_token(key), asked)
    add_basket(bus, read_basket(BASKET), user.id, account.id, now)


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--accounts", type=int, default=5)
    asked.add_argument("--json", action="store_true")
    given = asked.parse_args()
    sys.setswitchinterval(SWITCH_S)  # as `atp up` does
    show(measured(given.accounts), given.json)


if __name__ == "__main__":
    main()
