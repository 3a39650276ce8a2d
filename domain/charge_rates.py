"""What trading options costs in India: part of the dated market table, each row with its source."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Final, NamedTuple


class Rate(NamedTuple):
    """₹ an order for BROKERAGE, else a part of the turnover (for GST: of the fees)."""

    name: str
    valid_from: date
    value: Decimal
    source: str


def _percent(text: str) -> Decimal:
    return Decimal(text) / 100


_2020: Final = date(2020, 1, 1)
_ZERODHA: Final = "zerodha.com/charges"

RATES: Final = (
    Rate("BROKERAGE", _2020, Decimal(20), f"{_ZERODHA}: flat for each executed option order"),
    Rate("STT_SALE", _2020, _percent("0.05"), "on premium; support.zerodha.com"),
    Rate("STT_SALE", date(2023, 4, 1), _percent("0.0625"), "Finance Act 2023"),
    Rate("STT_SALE", date(2024, 10, 1), _percent("0.1"), "Finance Act 2024, press 1 Oct 2024"),
    Rate("STT_SALE", date(2026, 4, 1), _percent("0.15"), "Budget 2026"),
    Rate("STT_EXERCISE", _2020, _percent("0.125"), "on intrinsic value, paid by the holder"),
    Rate("STT_EXERCISE", date(2026, 4, 1), _percent("0.15"), "Budget 2026"),
    Rate("EXCHANGE_NFO", _2020, _percent("0.05"), "support.zerodha.com; 0.053 in parts of 2021-23"),
    Rate("EXCHANGE_NFO", date(2024, 4, 1), _percent("0.0495"), "the rate before 1 Oct 2024, press"),
    Rate("EXCHANGE_NFO", date(2024, 10, 1), _percent("0.03503"), "NSE circular, press 1 Oct 2024"),
    Rate("EXCHANGE_NFO", date(2026, 4, 1), _percent("0.03553"),
         f"{_ZERODHA} 2026, day of the change unsure (0.0005 is the investor protection fund)"),
    Rate("EXCHANGE_BFO", _2020, _percent("0.05"), "unsure; before SENSEX options were traded much"),
    Rate("EXCHANGE_BFO", date(2024, 10, 1), _percent("0.0325"), f"{_ZERODHA}, press 1 Oct 2024"),
    Rate("SEBI", _2020, _percent("0.0001"), "₹10 a crore"),
    Rate("SEBI", date(2020, 6, 1), _percent("0.00005"), "₹5 a crore, relief to Mar 2021, unsure"),
    Rate("SEBI", date(2021, 4, 1), _percent("0.0001"), f"₹10 a crore; {_ZERODHA}"),
    Rate("STAMP", _2020, _percent("0.003"), "buy side; uniform since Jul 2020, by state before"),
    Rate("GST", _2020, _percent("18"), f"on brokerage, exchange and SEBI charges; {_ZERODHA}"),
)  # fmt: skip
