"""Somebody who trades through the API, in person: at a platform in this process or another."""

from __future__ import annotations

import time
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from datetime import time as time_of_day
from typing import Any, Final
from urllib.parse import parse_qs, urlsplit

import httpx

from adapters.simulators.kite.process import KiteProcess
from adapters.simulators.kite.sessions import KiteApp
from domain.calendar import IST, at_ist

DAY: Final = date(2026, 11, 18)
API_KEY, API_SECRET, LOGIN = "kitekey0example1", "kitesecret0example0secret01", "AB1234"
PASSWORD: Final = "correct horse battery"
#: When the day's session begins, and the market's time that a basket takes to be put together.
OPEN: Final = time_of_day(9, 15)
AHEAD: Final = timedelta(seconds=45)
#: Real seconds after which something that must happen is said not to.
SOON_S: Final = 60.0
#: Seconds of the market that hedges have to fill: some of ours, on a machine with much to do.
HEDGES_WITHIN_S: Final = 300
Json = dict[str, Any]  # Any: JSON, as clients send and get it


class Trader:
    """Signed in; `heard` is every answer the platform ever gave."""

    def __init__(self, client: httpx.Client, kite: KiteProcess, email: str, password: str) -> None:
        self.client = client
        self.kite = kite
        self.heard: list[str] = []
        self.email = email
        self.sign_in(password)
        self.user_id = str(self.get("/users/profile")["user_id"])

    def sign_in(self, password: str) -> None:
        sent = {"email": self.email, "password": password}
        tokens = good(self.client.post("/auth/login", json=sent))
        if tokens.get("must_change_password"):
            self.client.headers["Authorization"] = f"Bearer {tokens['access_token']}"
            sent = {"current_password": password, "new_password": PASSWORD}
            tokens = good(self.client.post("/auth/password", json=sent))
        self.client.headers["Authorization"] = f"Bearer {tokens['access_token']}"

    def asked(self, method: str, path: str, body: object = None) -> httpx.Response:
        """Whatever it answers, it is heard."""
        answer = self.client.request(method, path, json=body)
        self.heard.append(f"{dict(answer.headers)} {answer.text}")
        return answer

    def get(self, path: str) -> Json:
        return good(self.asked("GET", path))

    def post(self, path: str, body: object = None) -> Json:
        return good(self.asked("POST", path, {} if body is None else body))

    def health(self) -> Json:
        """The platform's own word on how it is; degraded is no failure."""
        body = self.get("/health")
        assert body["status"] in ("ok", "degraded"), body
        return body

    # ── the account ───────────────────────────────────────────────────────────────────────

    @property
    def paper_id(self) -> str:
        """The paper account that every user begins with."""
        accounts = self.get(f"/users/{self.user_id}/broker-accounts")["items"]
        return next(str(each["account_id"]) for each in accounts if each["broker"] == "paper")

    def link(self, **declared: object) -> str:
        """Link the account at Zerodha and give its keys to the vault; answers its id."""
        accounts = f"/users/{self.user_id}/broker-accounts"
        asked = {"broker": "zerodha", "account_name": "My Zerodha", **declared}
        self.account_id = str(self.post(accounts, asked)["account_id"])
        self.path = f"{accounts}/{self.account_id}"
        self.kite.add(self.app())
        self.keep(API_SECRET)
        return self.account_id

    def app(self) -> KiteApp:
        """As it is set up at Kite; posted to is only who listens at a port."""
        base, port = self.client.base_url, self.client.base_url.port
        postback_url = f"{base}accounts/{self.account_id}/postback"
        return KiteApp(
            account=self.account_id,
            api_key=API_KEY,
            api_secret=API_SECRET,
            user_id=LOGIN,
            postback_url=postback_url if port is not None else None,
        )

    def keep(self, secret: str) -> None:
        keys = {"api_key": API_KEY, "api_secret": secret}
        good(self.asked("PUT", f"{self.path}/secrets", keys))

    def at_kite(self) -> dict[str, str]:
        """Go to Kite's login page; what its redirect carries."""
        login_url = str(self.get(f"{self.path}/login")["login_url"])
        sent_back = httpx.get(login_url, follow_redirects=False).headers["Location"]
        carried = {name: each[0] for name, each in parse_qs(urlsplit(sent_back).query).items()}
        return {name: carried[name] for name in ("request_token", "state")}

    def log_in(self) -> Json:
        return self.post(f"{self.path}/connect", self.at_kite())

    def logged_in(self, **declared: object) -> str:
        """With an account that may trade, and today's contracts known; answers its id."""
        account_id = self.link(**declared)
        self.log_in()
        self.await_lists()
        return account_id

    def await_lists(self) -> None:
        """Until today's lists of contracts are known."""
        late = time.monotonic() + SOON_S
        while not self.get("/market/underlyings")["items"]:
            assert time.monotonic() < late, "the lists of contracts never came"
            time.sleep(0.05)

    def times(self, *minutes: float) -> list[str]:
        """So many minutes after the session has begun and `AHEAD` is over, as schedules say it."""
        now = datetime.fromisoformat(str(self.get("/health")["now"])).astimezone(IST)
        first = max((now + AHEAD).replace(microsecond=0), at_ist(DAY, OPEN).astimezone(IST))
        return [f"{first + timedelta(minutes=each):%H:%M:%S}" for each in minutes]

    # ── what is traded ────────────────────────────────────────────────────────────────────

    def trade(self, account_id: str, *strategies: Json) -> Sequence[str]:
        """A basket of these on that account, active; answers the strategies' ids."""
        targets = [{"account_id": account_id, "multiplier": 1}]
        basket = self.post("/baskets", {"name": f"On {account_id}", "targets": targets})
        ids = []
        for each in strategies:
            drafted = self.post(f"/baskets/{basket['basket_id']}/strategies", each)
            ids.append(str(drafted["strategy_id"]))
            self.post(f"/strategies/{ids[-1]}/activate")
        self.post(f"/baskets/{basket['basket_id']}/activate")
        return ids


def good(response: httpx.Response) -> Json:
    assert response.status_code in (200, 201), response.text
    body: Json = response.json()
    return body


def leg(action: str, kind: str, offset: int) -> Json:
    selector = {"underlying": "NIFTY", "expiry": "WEEKLY", "atm_offset": offset}
    return {"action": action, "option_type": kind, "lots": 1, "selector": selector}


def condor(entry: str, leave: str, **more: object) -> Json:
    legs = [("SELL", "CE", 4), ("BUY", "CE", 8), ("SELL", "PE", -4), ("BUY", "PE", -8)]
    return {
        "name": f"Condor of {entry}",
        "type": "IRON_CONDOR",
        "legs": [leg(*each) for each in legs],
        "schedule": {"entry_time": entry, "exit_time": leave, "weekdays": ["WED"]},
        "hedge_timeout_s": HEDGES_WITHIN_S,
        **more,
    }
