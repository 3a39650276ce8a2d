"""A platform in memory: streams, the bus, who asks, and the contracts of one day."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from itertools import count
from random import Random
from typing import TypeVar

from eventsourcing.persistence import ApplicationRecorder, StoredEvent
from eventsourcing.popo import POPOApplicationRecorder

from commands.application import Trading
from commands.bus import Bus
from commands.desk import Command, Principal, Request
from domain.chain import Chain
from domain.contract import Contract, OptionType
from domain.resource import Resource
from domain.run import Run

R = TypeVar("R", bound=Resource)

MONDAY = datetime(2026, 8, 3, 3, 0, tzinfo=UTC)
EXPIRY = date(2026, 8, 4)
MONTHLY = date(2026, 8, 25)

PLATFORM = Principal(user_id="system", platform=True)


class CountingRecorder(POPOApplicationRecorder):
    """The library's recorder in memory, counting round trips."""

    def __init__(self) -> None:
        super().__init__()
        self.reads = 0
        self.writes = 0

    def insert_events(
        self, stored_events: Sequence[StoredEvent], **kwargs: object
    ) -> Sequence[int] | None:
        self.writes += 1
        return super().insert_events(stored_events, **kwargs)

    def select_events(self, *args: object, **kwargs: object) -> Sequence[StoredEvent]:
        self.reads += 1
        return super().select_events(*args, **kwargs)  # type: ignore[arg-type]  # passed through


class CountedTrading(Trading):
    """Trading over a recorder that another one may share, as two processes share a store."""

    def __init__(self, recorder: CountingRecorder | None = None, seed: int = 7) -> None:
        self.shared = recorder or CountingRecorder()
        env = {"MAPPER_TOPIC": "adapters.store.mapper:PydanticMapper"}
        super().__init__(env, entropy=Random(seed).randbytes)

    def construct_recorder(self) -> ApplicationRecorder:
        return self.shared


@dataclass
class Runs:
    """The runs that are open, as the test says."""

    strategies: dict[str, list[str]] = field(default_factory=dict)
    accounts: dict[str, list[str]] = field(default_factory=dict)
    known: dict[tuple[str, date], list[Run]] = field(default_factory=dict)

    def of_strategy(self, strategy_id: str) -> Sequence[str]:
        return self.strategies.get(strategy_id, [])

    def of_account(self, account_id: str) -> Sequence[str]:
        return self.accounts.get(account_id, [])

    def touching(self, account_id: str, day: date) -> Sequence[Run]:
        return self.known.get((account_id, day), [])


class Asker:
    """Sends commands to a bus, a minute apart, as whoever it is told to be."""

    def __init__(self, bus: Bus, principal: Principal) -> None:
        self.bus = bus
        self.principal = principal
        self.number = count(1)

    def __call__(
        self, command: Command[R], key: str | None = None, edition: int | None = None
    ) -> R:
        return self.bus.execute(command, self.request(key, edition))

    def request(self, key: str | None = None, edition: int | None = None) -> Request:
        number = next(self.number)
        return Request(
            principal=self.principal,
            at=MONDAY + timedelta(minutes=number),
            correlation_id=f"C{number}",
            idempotency_key=key,
            edition=edition,
        )

    def as_(self, principal: Principal) -> Asker:
        return Asker(self.bus, principal)


def nifty_chain(day: date = EXPIRY) -> Chain:
    """NIFTY from 24000 to 25000, weekly and monthly, with a lot of 65; RELIANCE, with 500."""
    return Chain(day, list(_options()))


def _options() -> Iterator[Contract]:
    for option_type in OptionType:
        for strike in range(24000, 25001, 50):
            yield _option("NIFTY", "NIFTY26804", EXPIRY, strike, option_type, 65)
            yield _option("NIFTY", "NIFTY26AUG", MONTHLY, strike, option_type, 65)
        for strike in range(1300, 1501, 20):
            yield _option("RELIANCE", "RELIANCE26AUG", MONTHLY, strike, option_type, 500)


def _option(
    underlying: str, prefix: str, expiry: date, strike: int, option_type: OptionType, lot: int
) -> Contract:
    return Contract(
        exchange="NFO",
        tradingsymbol=f"{prefix}{strike}{option_type}",
        underlying=underlying,
        expiry=expiry,
        strike=Decimal(strike),
        option_type=option_type,
        lot=lot,
        tick=Decimal("0.05"),
    )
