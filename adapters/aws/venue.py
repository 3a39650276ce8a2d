"""Where a platform on AWS trades: accounts at their brokers, prices by the traders' sessions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from adapters.aws.settings import AwsSettings
from adapters.brokers.paced import Paced
from adapters.brokers.registry import connect
from adapters.brokers.zerodha.ticks import TickBook
from adapters.carrier import ZERODHA, Carrier
from adapters.lanes.dynamodb import DynamoDBLane
from adapters.live_home import LiveHome
from adapters.venue import Ground
from commands.ports import Broker, Clock, Lane
from domain.account import BrokerAccount
from domain.account_terms import AccountStatus
from domain.book import Unavailable
from domain.quote import LIVE as FRESH
from projections.tables import Tables

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_s3 import S3Client

LISTS: Final = "instruments"
#: Under which the views remember through whose session prices can be read.
CARRIER: Final = ("market", "account")
NO_PAPER: Final = "paper accounts trade on the embedded engine: there is no paper exchange here"


class PaperElsewhere(Unavailable):
    """There is no paper exchange on AWS."""


class AnyCarrier(Carrier):
    """Prices by the session of the account that is traded just now, else by the one remembered."""

    def __init__(self, terms: LiveHome, ground: Ground, tables: Tables) -> None:
        super().__init__(terms, ground)
        self._tables = tables
        self._trading: str | None = None

    def heed(self, account: BrokerAccount) -> None:
        super().heed(account)
        if account.status is AccountStatus.CONNECTED:
            self._trading = account.id

    def chosen(self) -> str | None:
        named = self.terms.market_account
        if named is None and self._known.get(self._trading or ""):
            return self._trading
        if named is not None and named not in self._known:
            self._learn(named)
        found = super().chosen()
        if found is None and (last := self._tables.recall(*CARRIER)) is not None:
            self._learn(last)
            found = super().chosen()
        return found

    def _learn(self, account_id: str) -> None:
        self.heed(self.ground.trading.load(account_id, BrokerAccount))


class AwsVenue:
    """Time, market, brokers and lanes of one worker."""

    def __init__(
        self,
        settings: AwsSettings,
        ground: Ground,
        tables: Tables,
        dynamodb: DynamoDBClient,
        s3: S3Client,
        clock: Clock,
    ) -> None:
        from adapters.aws.lists import Lists, SharedMarket

        self.settings = settings
        self.ground = ground
        self.terms = LiveHome(
            kite=settings.kite,
            market_account=settings.market_account,
            rehearsal=settings.rehearsal,
        )
        self.clock = clock
        self.carrier = AnyCarrier(self.terms, ground, tables)
        self.ticks = TickBook(valid_for=FRESH * settings.patience)
        self.lists = Lists(s3, settings.told("artifacts_bucket"), ground.home / LISTS)
        self.market = SharedMarket(self.carrier, self.ticks, self.clock, self.lists)
        self._dynamodb = dynamodb
        self._paced: dict[str, Paced] = {}

    def broker(self, account_id: str) -> Broker:
        """The account at its own broker; raises UnknownBroker, PaperElsewhere."""
        account = self.ground.trading.load(account_id, BrokerAccount, verify=False)
        if account.paper:
            raise PaperElsewhere(NO_PAPER)
        if account.broker == ZERODHA:
            self.carrier.heed(account)
        if account_id not in self._paced:
            at_broker = connect(account.broker, account_id, self.terms.kite, self.ground.vault)
            self._paced[account_id] = Paced(at_broker, self.clock)
        return self._paced[account_id]

    def stir(self, account_id: str) -> None:
        """The account's broker told something: its book is to be read anew."""
        if account_id in self._paced:
            self._paced[account_id].stir()

    def lane(self, account_id: str) -> Lane:
        """One for all workers of the account."""
        table = self.settings.told("lanes_table")
        return DynamoDBLane(self._dynamodb, table, account_id, self.clock)

    def stop(self) -> None:
        self.market.stop()
