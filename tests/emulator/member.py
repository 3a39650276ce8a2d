"""Somebody who trades at the deployed stage: signs in with a code, over its own address."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final, TypeVar

import httpx
import pyotp

from adapters.simulators.kite.process import KiteProcess
from commands.ports import Clock
from domain.calendar import IST
from tests.emulator.deploying import Deployed
from tests.live.trader import Json, Trader, good

PASSWORD: Final = "Correct-horse battery 1"
#: Real seconds after which something that must happen is said not to.
SOON_S: Final = 120.0
T = TypeVar("T")


def api_of(deployed: Deployed) -> httpx.Client:
    """The deployed API, where the emulator serves it."""
    (api,) = deployed.of_type("Api", "AWS::ApiGateway::RestApi")
    address = f"{deployed.emulator.endpoint}/restapis/{api}/v1/_user_request_"
    return httpx.Client(base_url=address, timeout=100)


class Member(Trader):
    """Admitted with a one-time password; chooses another, and enrols an authenticator."""

    def __init__(
        self, deployed: Deployed, kite: KiteProcess, email: str, password: str, clock: Clock
    ) -> None:
        self.clock = clock
        self.without_code: httpx.Response | None = None
        super().__init__(api_of(deployed), kite, email, password)

    def sign_in(self, password: str) -> None:
        """As docs/aws.md tells somebody new: one-time password, own password, authenticator."""
        self._bear(good(self._login(password)))
        chosen = {"current_password": password, "new_password": PASSWORD}
        self._bear(good(self.client.post("/auth/password", json=chosen)))
        secret = good(self.client.post("/auth/totp", json={"password": PASSWORD}))["secret"]
        app = pyotp.TOTP(str(secret))
        confirmed = self.client.post("/auth/totp/confirm", json={"otp": app.now()})
        assert confirmed.status_code == 204, confirmed.text
        self.without_code = self._login(PASSWORD)
        self._bear(good(self._login(PASSWORD, otp=app.now())))

    def _login(self, password: str, **more: str) -> httpx.Response:
        return self.client.post(
            "/auth/login", json={"email": self.email, "password": password, **more}
        )

    def _bear(self, tokens: Json) -> None:
        self.client.headers["Authorization"] = f"Bearer {tokens['access_token']}"

    def times(self, *minutes: float) -> list[str]:
        """So many minutes after the next full one on the market's clock."""
        now = self.clock.now().astimezone(IST)
        first = now.replace(second=0, microsecond=0) + timedelta(minutes=1)
        return [f"{first + timedelta(minutes=each):%H:%M:%S}" for each in minutes]

    def run_of(self, strategy_id: str, entry: str) -> str:
        """The run that the strategy has at that time of today."""
        day = self.clock.now().astimezone(IST).date()
        slot = datetime.fromisoformat(f"{day}T{entry}")
        return f"RUN-{strategy_id}-{self.account_id}-{slot:%Y%m%dT%H%M%S}"


def soon(find: Callable[[], T | None], what: str, told: Callable[[], str] = lambda: "") -> T:
    """What is found at last; AssertionError if it is not."""
    until = time.monotonic() + SOON_S
    while (found := find()) is None:
        assert time.monotonic() < until, f"waited for {what}: {told()}"
        time.sleep(0.1)
    return found
