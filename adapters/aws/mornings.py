"""What is done about accounts at Zerodha each morning, and as soon as one is connected."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from adapters.account_care import linked_accounts
from adapters.aws.platform import AwsPlatform
from adapters.brokers.zerodha.morning import Morning
from adapters.carrier import ZERODHA
from adapters.readiness import Readiness
from commands.errors import NotFound
from domain.account import BrokerAccount

LOG: Final = logging.getLogger("atp.mornings")
CONNECTED: Final = "connected"


class Attending:
    """Looks after sessions, lists and the declared address; done late, or twice, without harm."""

    def __init__(self, platform: AwsPlatform) -> None:
        self.platform = platform

    def take(self, event: Mapping[str, Any]) -> dict[str, Any]:
        """A call of the schedule, or messages about accounts; Any: JSON."""
        if "Records" not in event:
            self.morning()
            return {}
        return {"batchItemFailures": self.messages(event["Records"])}

    def morning(self) -> None:
        """End dead sessions, remind, look at open ones, have today's lists and the address."""
        now = self.platform.clock.now()
        self.platform.care.mornings.look("", now)
        for account_id in self.linked():
            self.platform.heed_account(account_id)
        self.lists(now)
        self.address(now)

    def messages(self, records: Iterable[Mapping[str, Any]]) -> Sequence[Mapping[str, str]]:
        """Accounts that were connected; answers which messages are to come again."""
        failed = []
        for record in records:
            try:
                self.connected(json.loads(record["body"])["account_id"])
            except (KeyError, TypeError, ValueError, NotFound) as wrong:
                LOG.error("message %s is about no account: %s", record["messageId"], wrong)
                failed.append({"itemIdentifier": record["messageId"]})
        return failed

    def connected(self, account_id: str) -> None:
        """Prices may come through it, and so may the lists; its address is looked at."""
        now = self.platform.clock.now()
        self.platform.heed_account(account_id)
        self.lists(now)
        self.address(now)

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

    def address(self, now: datetime) -> None:
        """Compare the address that orders leave from with what accounts declared."""
        if self.platform.settings.simulated:
            return  # orders leave from nowhere
        bus, alarm = self.platform.platform.bus, self.platform.alarm
        Readiness(bus, self.linked, alarm).check("", now)

    def linked(self) -> list[str]:
        """Accounts at Zerodha."""
        trading = self.platform.trading
        return [
            account_id
            for account_id in linked_accounts(self.platform.tables)
            if trading.load(account_id, BrokerAccount, verify=False).broker == ZERODHA
        ]
