"""Instruments, quotes and candles."""

from __future__ import annotations

from adapters.simulators.kite.answers import KiteError, success
from adapters.simulators.kite.candles import candles
from adapters.simulators.kite.identity import INDICES
from adapters.simulators.kite.quotes import full, index, ltp, ohlc, wanted
from adapters.simulators.kite.rows import Row
from adapters.simulators.kite.venue import Call, Venue
from adapters.simulators.kite.wire import Answer
from domain.calendar import ist_date

EXCHANGES = ("NSE", "BSE", "NFO", "BFO", "CDS", "BCD", "MCX")


def instruments(venue: Venue, parts: tuple[str, ...]) -> Answer:
    """The list of the day, of one exchange or all; it needs no session."""
    if parts and parts[0] not in EXCHANGES:
        raise KiteError("Invalid `exchange`.")
    exchange = parts[0] if parts else None
    with venue.now() as at:
        file = venue.instruments.file(ist_date(at), exchange)
    return Answer(body=file, kind="text/csv", headers={"Content-Encoding": "gzip"})


def quote(call: Call) -> Answer:
    return _quotes(call, "quote")


def quote_ohlc(call: Call) -> Answer:
    return _quotes(call, "ohlc")


def quote_ltp(call: Call) -> Answer:
    return _quotes(call, "ltp")


def _quotes(call: Call, form: str) -> Answer:
    keys = wanted(call.request.query.get("i", []), form)
    found: dict[str, Row] = {}
    with call.venue.now() as at:
        tokens = call.venue.listed(at).tokens
        prices = call.venue.prices.of(key for key in keys if key in tokens)
        for key, price in prices.items():
            shown = ltp if form == "ltp" else ohlc if form == "ohlc" else full
            shown = index if form == "quote" and key in INDICES else shown
            found[key] = shown(tokens[key], price)
    return success(found)


def historical(call: Call) -> Answer:
    """Candles of one instrument."""
    token, interval = call.parts
    with call.venue.now() as at:
        key = call.venue.listed(at).keys.get(int(token)) if token.isdigit() else None
        if key is None:
            raise KiteError("invalid token")
        found = candles(call.venue.market, key, interval, call.request.query, at)
    return success({"candles": found})
