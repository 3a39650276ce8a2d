"""What Kite refuses of an order's form before it looks at the market; nothing of it is booked."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import Final

from adapters.simulators.kite.answers import KiteError
from domain.book import OrderType
from domain.contract import Contract, Product, Side

VARIETIES: Final = ("regular", "amo", "co", "iceberg", "auction")
ORDER_TYPES: Final = ("MARKET", "LIMIT", "SL", "SL-M")
VALIDITIES: Final = ("DAY", "IOC", "TTL")
MAX_TAG: Final = 20
UNPROTECTED: Final = (
    "Market orders without market protection are not allowed via API. Please set market "
    "protection or place a limit order."
)
NOT_LISTED: Final = (
    "The instrument you are placing an order for has either expired or does not exist."
)
NOT_SIMULATED: Final = "The simulator does not know {}."


def needed(form: Mapping[str, str], name: str) -> str:
    value = form.get(name, "").strip()
    if not value:
        raise KiteError(f"Missing or empty field `{name}`")
    return value


def one_of(form: Mapping[str, str], name: str, allowed: tuple[str, ...]) -> str:
    value = needed(form, name)
    if value not in allowed:
        raise KiteError(f"Invalid `{name}`.")
    return value


def number(form: Mapping[str, str], name: str) -> Decimal | None:
    """A field's number; None where it is absent or empty."""
    text = form.get(name, "").strip()
    if not text:
        return None
    try:
        value = Decimal(text)
    except InvalidOperation:
        raise KiteError(f"Invalid `{name}`.") from None
    if not value.is_finite():
        raise KiteError(f"Invalid `{name}`.")
    return value


def check_variety(variety: str) -> None:
    if variety not in VARIETIES:
        raise KiteError("Invalid `variety`.")
    if variety != "regular":
        raise KiteError(NOT_SIMULATED.format(f"orders of the variety {variety}"))


def side_of(form: Mapping[str, str]) -> Side:
    return Side(one_of(form, "transaction_type", tuple(Side)))


def product_of(form: Mapping[str, str]) -> Product:
    if needed(form, "product") in ("CNC", "MTF"):
        raise KiteError("The product is not allowed for this segment.")
    return Product(one_of(form, "product", tuple(Product)))


def check_validity(form: Mapping[str, str]) -> None:
    if "validity" in form and one_of(form, "validity", VALIDITIES) != "DAY":
        raise KiteError(NOT_SIMULATED.format(f"orders valid {form['validity']}"))


def tag_of(form: Mapping[str, str]) -> str | None:
    """Longer tags are refused, and not cut."""
    tag = form.get("tag", "")
    if len(tag) > MAX_TAG:
        raise KiteError(f"Invalid `tag`. It should have at most {MAX_TAG} characters.")
    if tag and not (tag.isascii() and tag.isalnum()):
        raise KiteError("Invalid `tag`. It should be alphanumeric.")
    return tag or None


def quantity_of(form: Mapping[str, str], listed: Contract, *, sliced: bool = False) -> int:
    """Whole lots, and no more than one order may have."""
    wanted = number(form, "quantity")
    if wanted is None or wanted <= 0 or wanted != int(wanted):
        raise KiteError("Invalid `quantity`.")
    quantity, lot, most = int(wanted), listed.lot, listed.order_maximum
    if quantity % lot:
        raise KiteError(f"Quantity should be in multiples of {lot} (the lot size).")
    if most is not None and quantity > most and not sliced:
        raise KiteError(
            f"The order quantity {quantity} ({quantity // lot} lots) is higher than the maximum"
            f" quantity of {most} ({most // lot} lots) allowed by the exchanges. Please place"
            " multiple orders."
        )
    return quantity


def limit_of(form: Mapping[str, str], listed: Contract) -> Decimal:
    """A positive price on a tick."""
    price = number(form, "price")
    if price is None or price <= 0:
        raise KiteError("Price is required, and has to be positive, for a limit order.")
    if price % listed.tick:
        raise KiteError(
            f"Tick size for this script is {listed.tick}. Kindly enter price in the multiple of"
            " tick size for this script."
        )
    return price


def type_of(form: Mapping[str, str]) -> OrderType:
    """Market and stop-market orders need their protection; stops are not simulated."""
    kind = one_of(form, "order_type", ORDER_TYPES)
    if kind in ("MARKET", "SL-M"):
        protection_of(form)
    if kind in ("SL", "SL-M"):
        raise KiteError(NOT_SIMULATED.format(f"{kind} orders"))
    return OrderType(kind)


def protection_of(form: Mapping[str, str]) -> Decimal | None:
    """Per cent by which a market order may be worse than the last price; None for automatic."""
    value = number(form, "market_protection")
    if not value:
        raise KiteError(UNPROTECTED)
    if value == -1:
        return None
    if not 0 < value <= 100:
        raise KiteError("Invalid `market_protection`.")
    return value
