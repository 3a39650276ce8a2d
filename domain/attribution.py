"""Whose the units of one contract are: runs', adopted, the trader's own, or nobody's yet."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal

from domain.account import BrokerAccount
from domain.account_terms import Drift, DriftKind, Held, Where
from domain.model import Refused
from domain.value import Value


class Seen(Value, frozen=True):
    """What the broker showed of one contract and product when it was looked at; units, ₹."""

    found: int
    by_runs: int = 0
    """What open runs explain, the newest fills included."""
    holdings: Mapping[str, int] = {}
    """What each open run holds there, by its id."""
    average_price: Decimal = Decimal(0)
    by_hand: Decimal | None = None
    """The mean price of today's trades there that no run made, in the direction of the drift."""

    def opposing(self, units: int) -> dict[str, int]:
        """Runs that hold the opposite of these units: what would close them."""
        return {run: held for run, held in sorted(self.holdings.items()) if held * units < 0}


@dataclass(frozen=True, kw_only=True)
class Attribution:
    """The units of one contract and product; what nothing explains is drift."""

    key: str
    product: str
    found: int
    by_runs: int
    adopted: int
    external: int

    @classmethod
    def of(cls, account: BrokerAccount, key: str, product: str, seen: Seen) -> Attribution:
        adopted = account.adopted.get((key, product))
        external = account.external.get((key, product))
        return cls(
            key=key,
            product=product,
            found=seen.found,
            by_runs=seen.by_runs,
            adopted=adopted.quantity if adopted else 0,
            external=external.quantity if external else 0,
        )

    @property
    def drift(self) -> int:
        return self.found - self.by_runs - self.adopted - self.external

    @property
    def where(self) -> Where:
        return Where(DriftKind.NET, self.key, self.product)

    @property
    def as_drift(self) -> Drift:
        should = self.found - self.drift
        return Drift(key=self.key, product=self.product, expected=should, found=self.found)

    def adoptable(self, units: int | None) -> int:
        """What of the drift, and then of the external, is meant; raises Refused."""
        return self._part(units, self.external)

    def ignorable(self, units: int | None) -> int:
        """What of the drift, and then of the adopted, is meant; raises Refused."""
        return self._part(units, self.adopted)

    def _part(self, units: int | None, others: int) -> int:
        usual = self.drift or others
        most = self.drift + others if self.drift * others > 0 else usual
        if most == 0:
            why = f"the broker shows nothing in {self.key} {self.product} that is not explained"
            raise Refused("nothing-there", why, "key")
        if units is None:
            return usual
        if units * most <= 0 or abs(units) > abs(most):
            raise Refused("not-there", f"{most} units are there, not {units}", "quantity")
        return units

    def with_run(self, units: int) -> Attribution:
        """After a run counted these units as its own: of the drift, then of the external."""
        rest = units - within(units, self.drift)
        return replace(self, by_runs=self.by_runs + units, external=self.external - rest)

    def with_adopted(self, units: int) -> Attribution:
        """After these units were adopted: of the drift, then of the external."""
        rest = units - within(units, self.drift)
        return replace(self, adopted=self.adopted + units, external=self.external - rest)

    def with_external(self, units: int) -> Attribution:
        """After these units were left to the trader: of the drift, then of the adopted."""
        rest = units - within(units, self.drift)
        return replace(self, external=self.external + units, adopted=self.adopted - rest)


def within(units: int, limit: int) -> int:
    """As much of `units` as `limit` has in the same direction."""
    if units * limit <= 0:
        return 0
    return min(units, limit) if units > 0 else max(units, limit)


def held_at(place: tuple[str, str], units: int, before: Held | None, price: Decimal) -> Held | None:
    """So many units in all, those added at this price in ₹; None where nothing is held."""
    if units == 0:
        return None
    average = price
    if before is not None and before.quantity * units > 0:
        more = max(0, abs(units) - abs(before.quantity))
        paid = abs(before.quantity) * before.average_price + more * price
        average = paid / (abs(before.quantity) + more)
    return Held(key=place[0], product=place[1], quantity=units, average_price=average)
