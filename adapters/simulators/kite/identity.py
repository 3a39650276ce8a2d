"""What Kite calls orders and instruments: ids beyond 2^53, tokens that carry their segment."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final
from zlib import crc32

ORDER_PREFIX: Final = "1900"
PAPER_DIGITS: Final = 15
HAND_TAG: Final = "KITEHAND"
NO_TAG: Final = "KITENOTAG"
"""Every order of the ledger has a tag; these stand for none, and are not shown."""

SEGMENTS: Final[Mapping[str, int]] = {"NFO": 2, "BFO": 5}
INDEX_SEGMENT: Final = 9
EXCHANGE_TOKENS: Final = 1 << 20
#: Key of every index that Kite lists with its token.
INDICES: Final[Mapping[str, int]] = {
    "NSE:NIFTY 50": 256265,
    "NSE:NIFTY BANK": 260105,
    "NSE:NIFTY FIN SERVICE": 257801,
    "NSE:NIFTY MID SELECT": 288009,
    "NSE:NIFTY NEXT 50": 270857,
    "NSE:INDIA VIX": 264969,
    "BSE:SENSEX": 265,
    "BSE:BANKEX": 274441,
}
#: The index of an underlying whose options are listed.
INDEX_OF: Final[Mapping[str, str]] = {
    "NIFTY": "NSE:NIFTY 50",
    "BANKNIFTY": "NSE:NIFTY BANK",
    "FINNIFTY": "NSE:NIFTY FIN SERVICE",
    "MIDCPNIFTY": "NSE:NIFTY MID SELECT",
    "NIFTYNXT50": "NSE:NIFTY NEXT 50",
    "SENSEX": "BSE:SENSEX",
    "BANKEX": "BSE:BANKEX",
}


def kite_order_id(paper_id: str) -> str:
    """19 digits, as Kite has them now: no float holds them."""
    return ORDER_PREFIX + paper_id


def paper_order_id(kite_id: str) -> str:
    """The id in the ledger; what is no id of ours is no id there either."""
    return kite_id.removeprefix(ORDER_PREFIX)


def own_tag(tag: str) -> str | None:
    """The tag as the trader gave it; None for an order without."""
    return None if tag.startswith((HAND_TAG, NO_TAG)) else tag


def by_hand(tag: str) -> bool:
    """Whether the trader placed the order in Kite itself and not through an app."""
    return tag.startswith(HAND_TAG)


def tokens(keys: Iterable[str]) -> dict[str, int]:
    """A token for each option key: the same for a key on every day, but where two collide."""
    taken: set[int] = set()
    found: dict[str, int] = {}
    for key in sorted(keys):
        exchange_token = crc32(key.encode()) % EXCHANGE_TOKENS
        token = exchange_token << 8 | SEGMENTS.get(key.partition(":")[0], 1)
        while token in taken:
            exchange_token = (exchange_token + 1) % EXCHANGE_TOKENS
            token = exchange_token << 8 | token & 0xFF
        taken.add(token)
        found[key] = token
    return found
