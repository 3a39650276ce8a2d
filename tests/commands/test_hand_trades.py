"""Whatever is traded by hand in a run's contracts, its exits only reduce what is there."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.brokers.paper.local import LocalPaperBroker
from commands.errors import Refused
from commands.ports import Broker
from domain.book import Ticket
from domain.contract import Side
from domain.run_terms import Stage
from tests.commands.by_hand import Comparer
from tests.commands.pit import Pit

LOT = 65


class WatchedPit(Pit):
    """A pit that looks at every exit before it goes out."""

    def broker(self, account_id: str) -> Broker:
        self.exchange.open_account(account_id)
        return WatchedBroker(self, account_id)


class WatchedBroker(LocalPaperBroker):
    """Refuses to take an exit that would do more than reduce the account's net."""

    def __init__(self, pit: Pit, account: str) -> None:
        super().__init__(pit.desk, account)
        self.pit = pit
        self.account = account

    def place(self, ticket: Ticket) -> str:
        if ticket.tag != "MANUAL":
            self.check(ticket)
        return super().place(ticket)

    def check(self, ticket: Ticket) -> None:
        for run_id in self.pit.runs.of_account(self.account):
            state = self.pit.run(run_id).slices.get(ticket.tag)
            if state is not None and not state.intent.phase.is_entry:
                places = {
                    (p.key, p.product): p.quantity
                    for p in self.pit.exchange.positions(self.account)
                }
                net = places.get((ticket.contract.key, ticket.product.value), 0)
                going = ticket.side.sign * ticket.quantity
                assert net * going < 0, f"{going} out of {net}"
                assert abs(going) <= abs(net), f"{going} out of {net}"


@dataclass(frozen=True)
class Deed:
    """A trade by hand, and what is said of it once the platform has noticed."""

    leg: int
    side: Side
    lots: int
    noticed: bool
    said: str


DEEDS = st.builds(
    Deed,
    leg=st.integers(0, 3),
    side=st.sampled_from(Side),
    lots=st.integers(1, 2),
    noticed=st.booleans(),
    said=st.sampled_from(("nothing", "adopt", "ignore", "explain")),
)


def say(desk: Comparer, key: str, what: str) -> None:
    said: dict[str, Callable[[str], object]] = {
        "adopt": desk.adopt,
        "ignore": desk.ignore,
        "explain": desk.explain,
    }
    if what in said:
        with suppress(Refused):  # there may be nothing to be said of it any more
            said[what](key)


def traded_by_hand(pit: Pit, desk: Comparer) -> dict[str, int]:
    """Units by contract that the trader's own orders filled."""
    units: dict[str, int] = {}
    for row in pit.broker(desk.account_id).orders():
        if "MANUAL" in row.tags:
            units[row.key] = units.get(row.key, 0) + row.side.sign * row.filled
    return units


@settings(max_examples=25, deadline=None)
@given(deeds=st.lists(DEEDS, min_size=1, max_size=4), late=st.booleans())
def test_exits_only_reduce_whatever_is_traded_by_hand(deeds: list[Deed], late: bool) -> None:
    with TemporaryDirectory() as folder:
        pit = WatchedPit(Path(folder))
        run = pit.follow(pit.opened(), until="09:22")
        desk = Comparer(pit, run)

        for deed in deeds:
            contract = run.legs[deed.leg].contract
            desk.trade(contract, deed.side, deed.lots * LOT)
            if deed.noticed:
                desk.settled()
                say(desk, contract.key, deed.said)
        left = pit.follow(run.id, until="09:32")
        if late and not left.stage.ended:
            desk.settled()
            for key in traded_by_hand(pit, desk):
                say(desk, key, "adopt")
            left = pit.follow(run.id, until="09:35")
            assert left.stage is Stage.CLOSED

        net = pit.net(run.id)
        if left.stage is Stage.CLOSED:
            rest = {k: q - net.get(k, 0) for k, q in traded_by_hand(pit, desk).items()}
            counted = {
                leg.contract.key: left.adjusted.get(number, 0)
                for number, leg in enumerate(run.legs)
            }
            assert {k: units for k, units in rest.items() if units != counted[k]} == {}
            assert left.realised is not None
            assert (
                left.realised
                == sum((s.value for s in left.slices.values()), Decimal(0)) + left.adjustment_cash
            )
