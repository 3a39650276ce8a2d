"""The world of a home: what its platform lives in, and what other commands there see of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from adapters.brokers.paper.process import start_paper_process
from adapters.clock import SystemClock
from adapters.live_home import LIVE, LiveHome
from adapters.market.simulated import SimulatedMarket
from adapters.practice import PRACTICE, Practice
from adapters.rehearsal import clock_of
from adapters.runtime import open_trading
from adapters.settings import Mode, Settings
from adapters.vault.file import open_vault
from adapters.venue import World
from commands.ports import Broker, Clock, MarketData
from domain.account import BrokerAccount


class OtherWorld(Exception):
    """What was begun in a home goes on as it was: practice, or live."""


def world_of(settings: Settings) -> World:
    """What the platform of this home lives in; raises OtherWorld, BadRehearsal."""
    home = settings.home
    if settings.mode is Mode.PRACTICE:
        if (home / LIVE).is_file():
            raise OtherWorld(f"{home} trades live: start it with --live, or practise elsewhere")
        return Practice.begun(
            home, first_day=settings.day, speed=settings.speed, seed=settings.seed
        )
    from adapters.live import Live

    if (home / PRACTICE).is_file():
        raise OtherWorld(f"{home} holds a practice: live trading needs a --home of its own")
    terms = LiveHome.of(settings)
    terms.keep(home)
    return Live(terms)


def surroundings(home: Path) -> tuple[Clock, MarketData]:
    """Time and market of the platform that lives there; the present where there is none."""
    if (terms := LiveHome.kept(home)) is not None:
        from adapters.brokers.paper.shared import SharedMarket
        from adapters.live_paper import prices_of

        clock = clock_of(terms.rehearsal)
        return clock, SharedMarket(prices_of(home), clock)
    kept = home / PRACTICE
    if kept.is_file():
        spec = Practice.model_validate_json(kept.read_text()).spec
        clock = spec.clock()
        return clock, spec.open_market(clock)
    now = SystemClock()
    return now, SimulatedMarket(now)


@contextmanager
def brokers_of(home: Path) -> Iterator[Callable[[str], Broker]]:
    """The brokers of the platform's accounts; a paper broker is started if it does not live."""
    terms = LiveHome.kept(home)
    with ExitStack() as ending:
        yield _practised(home, ending) if terms is None else _traded(home, terms, ending)


def _practised(home: Path, ending: ExitStack) -> Callable[[str], Broker]:
    kept = home / PRACTICE
    spec = Practice.model_validate_json(kept.read_text()).spec if kept.is_file() else None
    paper = start_paper_process(home / "paper", spec)
    ending.callback(paper.stop)
    return paper.broker


def _traded(home: Path, terms: LiveHome, ending: ExitStack) -> Callable[[str], Broker]:
    from adapters.brokers.registry import connect
    from adapters.live_paper import LivePaper

    trading = open_trading(home, bytes)
    ending.callback(trading.close)
    vault = open_vault(home, terms.vault_key_file)
    paper = LivePaper(home, terms)
    ending.callback(paper.leave)

    def broker(account_id: str) -> Broker:
        account = trading.load(account_id, BrokerAccount)
        if account.paper:
            return paper.broker(account_id)
        return connect(account.broker, account_id, terms.kite, vault)

    return broker
