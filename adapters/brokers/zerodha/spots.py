"""What Kite calls the index or the share that an underlying's options are written on."""

from __future__ import annotations

from collections.abc import Container, Mapping
from types import MappingProxyType
from typing import Final

#: The list of options names the underlying, the list of the exchange names the index.
INDEX_OF: Final[Mapping[str, str]] = MappingProxyType(
    {
        "NIFTY": "NSE:NIFTY 50",
        "BANKNIFTY": "NSE:NIFTY BANK",
        "FINNIFTY": "NSE:NIFTY FIN SERVICE",
        "MIDCPNIFTY": "NSE:NIFTY MID SELECT",
        "NIFTYNXT50": "NSE:NIFTY NEXT 50",
        "SENSEX": "BSE:SENSEX",
        "BANKEX": "BSE:BANKEX",
        "SENSEX50": "BSE:SNSX50",
    }
)


def spot_key(underlying: str, listed: Container[str]) -> str | None:
    """The key of its index, or of its share at NSE; None where that is not listed."""
    key = INDEX_OF.get(underlying, f"NSE:{underlying}")
    return key if key in listed else None
