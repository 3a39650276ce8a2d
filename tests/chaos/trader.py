"""The trader of a drawn day: logs in, looks up what the platform asks for, explains drift."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Final

from adapters.brokers.paper.entries import Filled, Placed
from adapters.demo import BasketFile
from adapters.demo import trader as trader_request
from commands.account import LinkAccount
from commands.basket import ActivateBasket, ComposeBasket
from commands.desk import Principal, Request
from commands.drift import AdoptPosition, IgnorePosition, ResolveDrift
from commands.run import DeclareAbsent, DeclareFilled
from commands.strategy import ActivateStrategy, DraftStrategy
from commands.user import RegisterUser
from domain.account import BrokerAccount
from domain.account_terms import AccountStatus, Drift, DriftKind
from domain.basket import Target
from domain.book import BrokerError
from domain.contract import Product
from domain.model import Refused
from domain.run import Run
from domain.slices import SliceStatus
from tests.chaos.script import Happening, What
from tests.chaos.worker import Worker

if TYPE_CHECKING:
    from tests.chaos.world import World

AGAIN: Final = timedelta(seconds=60)
MUCH_LATER: Final = timedelta(minutes=15)
EMAIL: Final = "trader@example.com"


def request(world: World) -> Request:
    """Something that the trader asks now."""
    return trader_request(world.user_id, world.clock.now())


def begin(world: World) -> None:
    """A trader with accounts at Zerodha, logged in, and the basket of the day."""
    worker = world.at_work[0]
    bus, now = worker.platform.bus, world.clock.now()
    platform = Principal(user_id="platform", platform=True)
    told = Request(principal=platform, at=now, correlation_id="chaos")
    world.user_id = bus.execute(RegisterUser(email=EMAIL, name="Trader"), told).id
    for number in range(len(world.script.multipliers)):
        link = LinkAccount(broker="zerodha", account_name=f"Zerodha {number}")
        account_id = bus.execute(link, request(world)).id
        world.accounts.append(account_id)
        key, secret = f"key{number}", f"secret{number}"
        world.kite.add_app(account_id, key, secret, f"ZZ{number:04d}")
        secrets = {"api_key": key, "api_secret": secret}
        worker.care.sessions.keep_secrets(account_id, secrets, request(world))
        connect(world, worker, number)
    compose(world, worker)
    worker.heed()
    world.place.slots.clear()


def compose(world: World, worker: Worker) -> None:
    """The basket on every account, activated."""
    bus, asked = worker.platform.bus, request(world)
    file = BasketFile.model_validate({"name": "Chaos", "strategies": world.script.strategies})
    targets = tuple(
        Target(account_id=account, multiplier=times)
        for account, times in zip(world.accounts, world.script.multipliers, strict=True)
    )
    basket = bus.execute(ComposeBasket(name=file.name, description="", targets=targets), asked)
    for definition in file.strategies:
        drafted = bus.execute(DraftStrategy(basket_id=basket.id, definition=definition), asked)
        bus.execute(ActivateStrategy(strategy_id=drafted.id), asked)
    bus.execute(ActivateBasket(basket_id=basket.id), asked)


def connect(world: World, worker: Worker, number: int) -> None:
    """Log in at Kite, and hand the redirect to the platform."""
    token = world.kite.request_token(f"key{number}")
    worker.care.sessions.connect(world.accounts[number], token, request(world))


def plan_logins(world: World, at: datetime) -> None:
    for number in range(len(world.accounts)):
        world.later(Happening(at=at, what=What.LOGIN, account=number))


def log_in(world: World, it: Happening) -> None:
    """Again in a minute where that does not work."""
    worker = world.desk_worker
    if worker is None:
        world.later(replace(it, at=world.time.now() + MUCH_LATER))
        return
    try:
        connect(world, worker, it.account)
        worker.heed()
    except (BrokerError, Refused) as error:
        world.note(f"no login: {error}")
        world.later(replace(it, at=world.time.now() + AGAIN))


def look(world: World) -> None:
    """What a trader who is told of trouble does about it, a minute later at the soonest."""
    worker = world.desk_worker
    if worker is None:
        return
    if world.script.looks:
        for run_id in sorted(worker.platform.runs.open()):
            look_at_unknown(world, worker, worker.platform.trading.load(run_id, Run, verify=False))
    for number, account_id in enumerate(world.accounts):
        account = worker.platform.trading.load(account_id, BrokerAccount, verify=False)
        if world.script.resolves:
            for drift in list(account.drifts.values()):
                resolve(world, worker, account_id, drift)
        if account.status is not AccountStatus.CONNECTED and not awaited(world, number):
            at = world.time.now() + AGAIN * 2
            world.later(Happening(at=at, what=What.LOGIN, account=number))


def awaited(world: World, number: int) -> bool:
    """Whether the trader is going to log in anyway."""
    return any(each.what is What.LOGIN and each.account == number for each in world.ahead)


def look_at_unknown(world: World, worker: Worker, run: Run) -> None:
    """Look up at the broker what the platform cannot find, and say so."""
    for tag, state in run.slices.items():
        # Of an order of today the book is searched first, for as long as one was ever late.
        told = "UNKNOWN_ORDER" in state.alerts or not state.of_today(world.clock.now())
        if not told or state.status is not SliceStatus.UNKNOWN or in_book(world, run, tag):
            continue
        command = settled_by(world, run, tag)
        world.note(f"the trader declares {command!r}")
        try:
            worker.platform.bus.execute(command, request(world))
        except Refused as refusal:
            world.note(f"refused: {refusal}")
            continue
        worker.platform.engine.notice(run.id)


def in_book(world: World, run: Run, tag: str) -> bool:
    """Whether the book of the day shows it: then the platform will see it, too."""
    orders = world.exchange.orders(run.terms.account_id)
    return any(tag in order.tags for order in orders)


def settled_by(world: World, run: Run, tag: str) -> DeclareAbsent | DeclareFilled:
    """What the trader finds in the statements of the day it was sent on."""
    orders = {
        line.order_id
        for line in world.exchange.ledger.lines()
        if isinstance(line, Placed) and line.ticket.tag == tag
    }
    fills = [
        line
        for line in world.exchange.ledger.lines()
        if isinstance(line, Filled) and line.order_id in orders
    ]
    units = sum(fill.quantity for fill in fills)
    if units == 0:
        return DeclareAbsent(run_id=run.id, tag=tag, why="looked it up")
    paid = sum((fill.quantity * fill.price for fill in fills), Decimal(0))
    return DeclareFilled(
        run_id=run.id, tag=tag, quantity=units, average_price=paid / units, why="looked it up"
    )


def resolve(world: World, worker: Worker, account_id: str, drift: Drift) -> None:
    """The first way that is open to this trader and this drift."""
    ways = world.script.resolves if drift.kind is DriftKind.NET else ("explain",)
    for way in ways:
        try:
            WAYS[way](world, worker, account_id, drift)
            if way != "explain":
                world.resolved.add((account_id, drift.key))
            world.note(f"{way}: {drift.text}")
            return
        except (Refused, BrokerError) as error:
            world.note(f"not {way}: {drift.text}: {error}")


def adopt(world: World, worker: Worker, account_id: str, drift: Drift) -> None:
    now, place = world.clock.now(), (drift.key, drift.product)
    seen = worker.comparing.reconciling.seen(account_id, place, now)
    command = AdoptPosition(account_id=account_id, key=drift.key, product=drift.product, seen=seen)
    worker.platform.bus.execute(command, request(world))


def ignore(world: World, worker: Worker, account_id: str, drift: Drift) -> None:
    now, place = world.clock.now(), (drift.key, drift.product)
    seen = worker.comparing.reconciling.seen(account_id, place, now)
    command = IgnorePosition(account_id=account_id, key=drift.key, product=drift.product, seen=seen)
    worker.platform.bus.execute(command, request(world))


def flatten(world: World, worker: Worker, account_id: str, drift: Drift) -> None:
    product, name = Product(drift.product), f"{drift.key} {world.time.now()}"
    worker.flattening.leave_drift(account_id, drift.key, product, name, world.clock.now())


def explain(world: World, worker: Worker, account_id: str, drift: Drift) -> None:
    command = ResolveDrift(
        account_id=account_id, key=drift.key, product=drift.product, how="mine",
        kind=drift.kind, order=drift.order,
    )  # fmt: skip
    worker.platform.bus.execute(command, request(world))


WAYS: Final[dict[str, Callable[[World, Worker, str, Drift], None]]] = {
    "adopt": adopt, "ignore": ignore, "flatten": flatten, "explain": explain,
}  # fmt: skip
