"""What is done about accounts at Zerodha each morning, and as soon as one is connected."""

from __future__ import annotations

import logging
from datetime import datetime
from typing import Final

from adapters.account_care import linked_accounts
from adapters.aws.comparing import Turn
from adapters.aws.platform import AwsPlatform, platform
from adapters.aws.queues import Message
from adapters.brokers.zerodha.morning import Morning
from adapters.carrier import ZERODHA
from adapters.readiness import Readiness
from domain.account import BrokerAccount
from domain.account_terms import AccountStatus

LOG: Final = logging.getLogger("atp.mornings")
CONNECTED: Final = AccountStatus.CONNECTED


class Attending:
    """Looks after sessions, lists and the declared address; done late, or twice, without harm."""

    def __init__(self, platform: AwsPlatform) -> None:
        self.platform = platform

    def morning(self) -> int:
        """Have today's lists, then each account attended to at its desk; answers how many."""
        self.lists(self.platform.clock.now())
        self.platform.care.mornings.tidy()
        turns = (Message(body={"account_id": each}) for each in self.linked())
        return self.platform.queue("connected").send_all(turns)

    def attend(self, account_id: str) -> None:
        """End its session if that is dead, remind of it or look at it; then see to its address.

        Prices may come through it from now on, and so may the lists.
        """
        now = self.platform.clock.now()
        self.platform.care.mornings.attend([account_id], now)
        self.platform.heed_account(account_id)
        account = self.platform.trading.load(account_id, BrokerAccount)
        self.platform.venue.carrier.heed(account)  # lists need its keys, and no session
        if self.platform.market.instruments.lacking(now):
            self.lists(now)
        self.address(account_id, now)
        if account.status is CONNECTED:
            self.platform.queue("reconcile").send({"account_id": account_id})

    def lists(self, now: datetime) -> None:
        """Fetch what nobody fetched yet today, tell whom a change concerns, keep it for all."""
        venue = self.platform.venue
        instruments = venue.market.instruments
        venue.lists.bring()
        instruments.look_on_shelves()
        if (missing := venue.carrier.missing()) is not None:
            LOG.warning("no lists: %s", missing)
            return
        Morning(instruments, self.platform.platform, self.platform.alarm).look("", now)
        venue.lists.keep()

    def address(self, account_id: str, now: datetime) -> None:
        """Compare the address that orders leave from with the one that was declared."""
        if self.platform.settings.simulated:
            return  # orders leave from nowhere
        bus, alarm = self.platform.platform.bus, self.platform.alarm
        Readiness(bus, lambda: [account_id], alarm).check("", now)

    def linked(self) -> list[str]:
        """Accounts at Zerodha."""
        trading = self.platform.trading
        return [
            account_id
            for account_id in linked_accounts(self.platform.tables)
            if trading.load(account_id, BrokerAccount, verify=False).broker == ZERODHA
        ]


def attend(text: str, _: object, __: object) -> None:
    """The turn of one account, as its message tells it."""
    Attending(platform()).attend(Turn.model_validate_json(text).account_id)
