"""A trader on AWS: accounts at Zerodha, a basket on all of them, and what he asks for."""

from __future__ import annotations

from datetime import time
from typing import Any, Protocol

from adapters.demo import BasketFile
from adapters.demo import trader as request_of
from adapters.simulators.kite.sessions import KiteApp
from commands.account import LinkAccount, StopTrading
from commands.basket import ActivateBasket, ComposeBasket
from commands.desk import Principal, Request
from commands.run import ExitRun
from commands.strategy import ActivateStrategy, DraftStrategy
from commands.user import RegisterUser
from domain.account_terms import FlattenScope
from domain.basket import Target
from tests.adapters.aws.flows.container import Container, Place

Json = dict[str, Any]  # Any: JSON of a strategy


def leg(action: str, kind: str, offset: int, lots: int = 1) -> Json:
    selector = {"underlying": "NIFTY", "expiry": "WEEKLY", "atm_offset": offset}
    return {"action": action, "option_type": kind, "lots": lots, "selector": selector}


def condor(entry: str, leave: str, **more: object) -> Json:
    legs = [("SELL", "CE", 4), ("BUY", "CE", 8), ("SELL", "PE", -4), ("BUY", "PE", -8)]
    return {
        "name": f"Condor of {entry}",
        "type": "IRON_CONDOR",
        "legs": [leg(*each) for each in legs],
        "schedule": {"entry_time": entry, "exit_time": leave, "weekdays": ["WED"]},
        "risk_params": {"max_loss": 500_000},
        **more,
    }


def spread(entry: str, leave: str, **more: object) -> Json:
    return {
        "name": f"Spread of {entry}",
        "type": "BULL_CALL_SPREAD",
        "legs": [leg("BUY", "CE", 0), leg("SELL", "CE", 4)],
        "schedule": {"entry_time": entry, "exit_time": leave, "weekdays": ["WED"]},
        "risk_params": {"max_loss": 500_000},
        **more,
    }


class Kite(Protocol):
    """The simulator, in this process or in another."""

    def add(self, app: KiteApp) -> None: ...
    def request_token(self, api_key: str) -> str: ...


class Ground(Protocol):
    """Where a trader lives: the time, Kite, and a worker that takes what is asked."""

    @property
    def place(self) -> Place: ...
    @property
    def kite(self) -> Kite: ...
    @property
    def desk(self) -> Container: ...


class Trader:
    """Everything he does goes through the desk, as through the API."""

    def __init__(self, cloud: Ground, name: str = "trader", accounts: int = 1) -> None:
        self.cloud = cloud
        self.name = name
        platform = Principal(user_id="platform", platform=True)
        told = Request(principal=platform, at=cloud.place.clock.now(), correlation_id="test")
        register = RegisterUser(email=f"{name}@example.com", name=name)
        self.user_id = self.bus.execute(register, told).id
        self.accounts = [self._linked(number) for number in range(accounts)]

    @property
    def bus(self) -> Any:  # Any: answers are told apart by what is asked
        return self.cloud.desk.platform.bus

    def asks(self) -> Request:
        return request_of(self.user_id, self.cloud.place.clock.now())

    def _linked(self, number: int) -> str:
        link = LinkAccount(broker="zerodha", account_name=f"Zerodha {number}")
        account_id = str(self.bus.execute(link, self.asks()).id)
        key, secret = f"key{self.name}{number}", f"secret{self.name}{number}"
        app = KiteApp(
            account=account_id, api_key=key, api_secret=secret, user_id=f"{self.name}{number}"
        )
        self.cloud.kite.add(app)
        sessions = self.cloud.desk.care.sessions
        sessions.keep_secrets(account_id, {"api_key": key, "api_secret": secret}, self.asks())
        self._keys = {**getattr(self, "_keys", {}), account_id: key}
        self.log_in(account_id)
        return account_id

    def log_in(self, account_id: str) -> None:
        token = self.cloud.kite.request_token(self._keys[account_id])
        self.cloud.desk.care.sessions.connect(account_id, token, self.asks())

    def trade(self, *strategies: Json) -> list[str]:
        """A basket of these on all accounts, active; answers the strategies' ids."""
        file = BasketFile.model_validate({"name": "Day", "strategies": strategies})
        targets = tuple(Target(account_id=account, multiplier=1) for account in self.accounts)
        compose = ComposeBasket(name=file.name, description="", targets=targets)
        basket = self.bus.execute(compose, self.asks())
        ids = []
        for definition in file.strategies:
            draft = DraftStrategy(basket_id=basket.id, definition=definition)
            ids.append(str(self.bus.execute(draft, self.asks()).id))
            self.bus.execute(ActivateStrategy(strategy_id=ids[-1]), self.asks())
        self.bus.execute(ActivateBasket(basket_id=basket.id), self.asks())
        return ids

    def stop_trading(self, account_id: str, scope: FlattenScope = FlattenScope.OWN) -> None:
        stop = StopTrading(account_id=account_id, reason="enough", scope=scope)
        self.bus.execute(stop, self.asks())

    def leave(self, run_id: str) -> None:
        self.bus.execute(ExitRun(run_id=run_id), self.asks())


def clock(text: str) -> time:
    return time.fromisoformat(text)
