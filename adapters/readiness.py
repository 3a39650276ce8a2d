"""Whether this machine may enter: its clock is right, and its address the one declared."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, time, timedelta
from ipaddress import IPv4Address
from typing import Final

from adapters.address import AddressUnknown, PublicAddress
from adapters.engine import Chore
from adapters.timekeeping import Timekeeping, TimeUnknown, off
from commands.account import RecordAddress
from commands.bus import Bus
from commands.desk import Principal, Request
from domain.account import BrokerAccount
from domain.calendar import MARKET, at_ist, ist_date
from domain.model import Refused

LOG: Final = logging.getLogger("atp.readiness")
#: Looked at here, so that a trader has time to act before the open (08:45 at the latest).
FIRST: Final = time(8, 35)
AGAIN: Final = timedelta(minutes=30)
#: What is wrong may be mended any minute.
WHILE_WRONG: Final = timedelta(minutes=2)
PLATFORM: Final = Principal(user_id="system", platform=True)


class Readiness:
    """What was found last about clock and address; asking it costs nothing.

    What could not be found out is alarmed, and holds nobody back.
    """

    def __init__(
        self,
        bus: Bus,
        linked: Callable[[], Iterable[str]],
        alarm: Callable[[str], None],
        address: PublicAddress | None = None,
        timekeeping: Timekeeping | None = None,
    ) -> None:
        self.bus = bus
        self.linked = linked
        self.alarm = alarm
        self.address = address or PublicAddress()
        self.timekeeping = timekeeping or Timekeeping()
        self.found: IPv4Address | None = None
        self.offset: timedelta | None = None

    def __call__(self, account_id: str) -> Refused | None:
        """Why nothing may be entered on this account now; None where nothing speaks against it."""
        account = self.bus.trading.load(account_id, BrokerAccount, verify=False)
        if account.paper:
            return None
        if self.offset is not None and (wrong := off(self.offset)):
            return Refused("clock-off", wrong)
        declared = account.static_ip
        if self.found is not None and declared not in (None, str(self.found)):
            text = f"orders would leave from {self.found}, declared is {declared}"
            return Refused("address-differs", text)
        return None

    def chores(self) -> Mapping[str, Chore]:
        """By the name under which the engine calls them."""
        return {"readiness": self.check}

    def check(self, _: str, now: datetime) -> datetime:
        """Look at clock and address; answers when to look again."""
        accounts = [each for each in self._accounts() if not each.paper]
        if not accounts:
            return self._next(now, well=True)
        well = self._check_clock()
        if any(each.static_ip is not None for each in accounts):
            well &= self._check_address(accounts, now)
        return self._next(now, well=well)

    def _check_clock(self) -> bool:
        try:
            self.offset = self.timekeeping.offset()
        except TimeUnknown as unknown:
            self.alarm(f"no time server answers: {unknown}")
            return False
        if wrong := off(self.offset):
            self.alarm(f"{wrong}: nothing is entered before it is set")
            return False
        return True

    def _check_address(self, accounts: Iterable[BrokerAccount], now: datetime) -> bool:
        try:
            self.found = self.address.look()
        except AddressUnknown as unknown:
            self.alarm(f"the public address is not known: {unknown}")
            return False
        agree = True
        for account in accounts:
            agree &= account.static_ip in (None, str(self.found))
            request = Request(principal=PLATFORM, at=now, correlation_id=f"readiness-{now:%Y%m%d}")
            self.bus.execute(RecordAddress(account_id=account.id, found=self.found), request)
        return agree

    def _accounts(self) -> list[BrokerAccount]:
        loaded = (self.bus.trading.load(each, BrokerAccount) for each in self.linked())
        return [account for account in loaded if not account.deleted]

    def _next(self, now: datetime, *, well: bool) -> datetime:
        """Every half hour from before the open to the close, sooner while something is wrong."""
        session = MARKET.session(ist_date(now))
        first = at_ist(ist_date(now), FIRST)
        if session is not None and now < session.close:
            return max(first, now + (AGAIN if well else WHILE_WRONG))
        following = MARKET.session(MARKET.next_session(ist_date(now)))
        return at_ist(ist_date(following.open), FIRST) if following else now + timedelta(days=1)
