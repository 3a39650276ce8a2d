"""An estimate of the margin that option positions block, for paper accounts and previews.

It is made the way the exchanges' SPAN is, but openly and in whole steps: the worst liability if
the underlying moves by a scan range, plus an exposure margin on every short. A broker's own figure
is better where there is one; this one is meant to be near it, and rather above than below.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from decimal import ROUND_CEILING, Decimal
from typing import Final, NamedTuple

from domain.book import Margin
from domain.contract import OptionType, Side
from domain.market_facts import INDICES, in_force
from domain.payoff import Position, intrinsic

ZERO: Final = Decimal(0)
ONE: Final = Decimal(1)
PAISA: Final = Decimal("0.01")


class MarginRates(NamedTuple):
    """Parts of the spot: the scan range, the exposure margin and what expiry day adds to it.

    The extreme move is `extreme` scan ranges wide; `extreme_share` of its loss counts.
    """

    kind: str
    valid_from: date
    scan: Decimal
    exposure: Decimal
    on_expiry_day: Decimal
    extreme: Decimal
    extreme_share: Decimal
    source: str


_2020: Final = date(2020, 1, 1)
_ESTIMATE: Final = "estimate: an at-the-money short blocks about 11 % of its notional value"

MARGIN_RATES: Final = (
    MarginRates("INDEX", _2020, Decimal("0.09"), Decimal("0.02"), ZERO,
                Decimal(2), Decimal("0.35"), _ESTIMATE),
    MarginRates("INDEX", date(2024, 11, 20), Decimal("0.09"), Decimal("0.02"), Decimal("0.02"),
                Decimal(2), Decimal("0.35"),
                f"{_ESTIMATE}; SEBI circular 1 Oct 2024: 2 % more on shorts on their expiry day"),
    MarginRates("STOCK", _2020, Decimal("0.18"), Decimal("0.035"), ZERO,
                Decimal(2), Decimal("0.35"), "estimate: stock shorts block about 20 % and more"),
)  # fmt: skip


class _Key(NamedTuple):
    """What makes two positions the same contract."""

    underlying: str
    expiry: date
    strike: Decimal
    option_type: OptionType


def blocked(positions: Iterable[Position], spots: Mapping[str, Decimal], day: date) -> Decimal:
    """₹ that these positions block on `day`, premiums not included.

    `spots` names the ₹ of every underlying; raises KeyError where one is missing.
    """
    net: dict[_Key, int] = defaultdict(int)
    for p in positions:
        net[_Key(p.underlying, p.expiry, p.strike, p.option_type)] += p.signed
    total = ZERO
    for underlying in sorted({key.underlying for key in net}):
        of_it = {key: n for key, n in net.items() if key.underlying == underlying and n}
        total += _of_underlying(of_it, spots[underlying], rates(underlying, day), day)
    return total.quantize(PAISA, ROUND_CEILING)


def rates(underlying: str, day: date) -> MarginRates:
    """The rates for this kind of underlying."""
    kind = "INDEX" if underlying in INDICES else "STOCK"
    rows = [row for row in MARGIN_RATES if row.kind == kind]
    return in_force(rows, day) or rows[0]


def _of_underlying(net: Mapping[_Key, int], spot: Decimal, rate: MarginRates, day: date) -> Decimal:
    """Scan risk and exposure; a long helps a short only while it lives, as in `uncovered_short`."""
    scan = ZERO
    for cutoff in {key.expiry for key in net}:
        alive = {key: n for key, n in net.items() if key.expiry >= cutoff}
        usual = _liability(alive, spot, rate.scan)
        extreme = _liability(alive, spot, rate.scan * rate.extreme) * rate.extreme_share
        scan = max(scan, usual, extreme)
    exposure = sum(
        (
            -n * spot * (rate.exposure + (rate.on_expiry_day if key.expiry == day else ZERO))
            for key, n in net.items()
            if n < 0
        ),
        ZERO,
    )
    return scan + exposure


def _liability(net: Mapping[_Key, int], spot: Decimal, move: Decimal) -> Decimal:
    """What exercise would cost at the worst spot within the move, in ₹; never negative.

    The cost is linear between strikes, so the strikes and both ends are all there is to look at.
    """
    low, high = spot * (ONE - move), spot * (ONE + move)
    corners = {low, high, *(key.strike for key in net if low < key.strike < high)}
    costs = (
        sum((-n * intrinsic(key.option_type, key.strike, at) for key, n in net.items()), ZERO)
        for at in corners
    )
    return max(ZERO, *costs)


def hedge_first(orders: Iterable[Position]) -> list[Position]:
    """Buys before sells, otherwise as they were: the sequence in which a run enters."""
    return sorted(orders, key=lambda order: order.side is Side.SELL)


def estimate(
    orders: Sequence[Position],
    spots: Mapping[str, Decimal],
    day: date,
    held: Sequence[Position] = (),
) -> Margin:
    """What these orders need in this sequence, in ₹, beyond what `held` blocks already.

    Buys pay their premium at `price`; premium received is not counted as money to use. A need is
    never negative: what a sequence sets free is seen in what is blocked afterwards.
    """
    before = blocked(held, spots, day)
    paid = peak = need = ZERO
    for done in range(1, len(orders) + 1):
        last = orders[done - 1]
        if last.side is Side.BUY:
            paid += last.quantity * last.price
        need = max(blocked([*held, *orders[:done]], spots, day) - before + paid, ZERO)
        peak = max(peak, need)
    return Margin(final=need, peak=peak)
