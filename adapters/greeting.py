"""What a platform says of itself when it is started: to whoever sits before it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Final

from rich.console import Console

from adapters.account_care import linked_accounts
from adapters.address import AddressUnknown
from adapters.demo import add_basket, read_basket
from adapters.embedded import Embedded
from adapters.identity.first import first_admin
from adapters.identity.local import LocalIdentity
from adapters.settings import Mode, Settings
from adapters.timekeeping import TimeUnknown, off
from domain.account import BrokerAccount
from domain.account_terms import AccountStatus
from domain.user import User

DEMO: Final = Path(__file__).parent.parent / "baskets" / "nifty-iron-condor.json"
FIRST_EMAIL: Final = "admin@atp.local"


def greet(
    embedded: Embedded, identity: LocalIdentity, settings: Settings, console: Console
) -> None:
    """Say where the platform is and how it stands; the first start makes an admin.

    In practice they get a basket to practise with. Their password is said once.
    """
    scheme = "https" if settings.tls_cert else "http"
    url = f"{scheme}://{settings.host}:{settings.port}"
    console.print(f"[bold]The desk is at {url}[/], the API at {url}/openapi.json")
    if settings.mode is Mode.LIVE:
        for line in standing(embedded, settings):
            console.print(line, markup=False, highlight=False)
    bus, now = embedded.platform.bus, embedded.clock.now()
    admitted = first_admin(identity, bus, FIRST_EMAIL, now)
    if admitted is None:
        return
    user = bus.trading.load(admitted.user_id, User)
    if settings.mode is Mode.PRACTICE:
        add_basket(bus, read_basket(DEMO), user.id, user.accounts[0], now)
    console.print(
        f"Sign in as [bold]{FIRST_EMAIL}[/] with the one-time password "
        f"[bold]{admitted.one_time_password}[/] and change it: it is shown only now."
    )


def standing(embedded: Embedded, settings: Settings) -> Iterator[str]:
    """How a live platform stands, line by line; nothing of it is secret."""
    if settings.kite_root.startswith("http://"):
        yield f"REHEARSAL: Kite is simulated at {settings.kite_root}."
    else:
        yield "LIVE: orders go to the traders' own brokers."
    if (halted := embedded.halt.reason()) is not None:
        yield f"HALTED: {halted}. Nothing is sent before `atp halt release`."
    yield clock_says(embedded)
    embedded.refresh_views()
    found = [
        embedded.platform.trading.load(each, BrokerAccount)
        for each in linked_accounts(embedded.reads.tables)
    ]
    yield address_says(embedded, found)
    yield from (account_says(account) for account in found)
    if not any(account.tradable and not account.paper for account in found):
        yield (
            "Nobody is logged in at a broker: link an account (`atp account link`) and log in "
            "(`atp account connect`). Prices come through that login; until then queries are "
            "answered, and entries are skipped with that reason."
        )


def account_says(account: BrokerAccount) -> str:
    """One account in one line."""
    what = f"{account.id} {account.account_name} at {account.broker}: {account.status}"
    if account.session_expires_at is not None:
        what += f" until {account.session_expires_at:%Y-%m-%d %H:%M} UTC"
    if account.block is not None:
        what += f", BLOCKED: {account.block.reason}"
    if account.drifts:
        what += f", {len(account.drifts)} DRIFT(s) unresolved"
    waits = account.status in (AccountStatus.EXPIRED, AccountStatus.DISCONNECTED)
    return f"{what}; log in" if waits else what


def clock_says(embedded: Embedded) -> str:
    """How far this machine's clock is off."""
    timekeeping = embedded.venue.timekeeping
    if timekeeping is None:
        return "Clock: not compared with any time server."
    try:
        offset = timekeeping.offset()
    except TimeUnknown as unknown:
        return f"Clock: no time server answers ({unknown})."
    if wrong := off(offset):
        return f"Clock: {wrong}. Nothing is entered before it is set."
    return f"Clock: off by {offset.total_seconds() * 1000:+.0f} ms."


def address_says(embedded: Embedded, accounts: list[BrokerAccount]) -> str:
    """Where orders leave from, as far as anybody has to know."""
    declared = {account.static_ip for account in accounts if account.static_ip is not None}
    looker = embedded.venue.address
    if not declared or looker is None:
        return "Address: no account declares one; Kite takes orders from a registered one only."
    try:
        found = str(looker.look())
    except AddressUnknown as unknown:
        return f"Address: not known ({unknown})."
    if declared != {found}:
        return f"Address: {found}, but declared is {', '.join(sorted(declared))}."
    return f"Address: {found}, as declared."
