"""The endpoint through which another process plays the trader and the bad luck."""

from __future__ import annotations

import os
from collections.abc import Callable
from decimal import Decimal
from hmac import compare_digest
from typing import TYPE_CHECKING, Any, Final

from pydantic import BaseModel, ValidationError

from adapters.simulators.kite.answers import KiteError, failure, success
from adapters.simulators.kite.faults import Fault, FaultKind, Struck
from adapters.simulators.kite.orders import HandTrade
from adapters.simulators.kite.rows import Row
from adapters.simulators.kite.sessions import KiteApp
from adapters.simulators.kite.wire import Answer, Request

if TYPE_CHECKING:
    from adapters.simulators.kite.simulator import KiteSimulator

CONTROL: Final = "/simulator/"
HEADER: Final = "x-simulator-token"


class AddApp(BaseModel, frozen=True, extra="forbid"):
    app: KiteApp
    cash: Decimal | None = None


class OfApp(BaseModel, frozen=True, extra="forbid"):
    api_key: str


class OfAccount(BaseModel, frozen=True, extra="forbid"):
    account: str


class Clear(BaseModel, frozen=True, extra="forbid"):
    kind: FaultKind | None = None


class TradeByHand(BaseModel, frozen=True, extra="forbid"):
    account: str
    trade: HandTrade


class Control:
    """Does for whoever knows the token what the simulator does for its own process."""

    def __init__(self, simulator: KiteSimulator, token: str) -> None:
        self._simulator = simulator
        self._token = token
        # Any: JSON of each command's own form.
        self._commands: Final[dict[str, Callable[[bytes], Any]]] = {
            "inject": lambda body: simulator.inject(Fault.model_validate_json(body)),
            "clear": lambda body: simulator.faults.clear(Clear.model_validate_json(body).kind),
            "app": self._app,
            "login": lambda body: simulator.request_token(OfApp.model_validate_json(body).api_key),
            "expire": lambda body: simulator.expire_session(
                OfAccount.model_validate_json(body).account
            ),
            "trade": self._trade,
            "struck": lambda _: [_struck(each) for each in simulator.struck],
            "status": lambda _: {"now": simulator.clock.now().isoformat(), "pid": os.getpid()},
        }

    def serve(self, request: Request) -> Answer:
        try:
            if not compare_digest(request.headers.get(HEADER, ""), self._token):
                raise KiteError("The token is not this simulator's.", "PermissionException", 403)
            command = self._commands.get(request.path.removeprefix(CONTROL))
            if command is None:
                raise KiteError("There is no such command.", "GeneralException", 404)
            return success(command(request.body))
        except ValidationError as error:
            return failure(KiteError(str(error)))
        except KiteError as error:
            return failure(error)

    def _app(self, body: bytes) -> None:
        asked = AddApp.model_validate_json(body)
        self._simulator.add(asked.app, asked.cash)

    def _trade(self, body: bytes) -> str:
        asked = TradeByHand.model_validate_json(body)
        return self._simulator.hand_trade(asked.account, asked.trade)


def _struck(each: Struck) -> Row:
    return {
        "at": each.at.isoformat(),
        "kind": each.kind.value,
        "method": each.method,
        "path": each.path,
        "account": each.account,
    }
