"""Kite's daily lists, made up: rows in its columns, and an exchange that hands them out."""

from __future__ import annotations

import gzip
from collections.abc import Iterable, Mapping
from datetime import date

from domain.book import Unavailable

HEADER = (
    "instrument_token,exchange_token,tradingsymbol,name,last_price,expiry,strike,tick_size,"
    "lot_size,instrument_type,segment,exchange"
)
DAY = date(2026, 8, 17)
WEEK, MONTH = "2026-08-18", "2026-08-25"


def option(
    symbol: str,
    token: int,
    *,
    name: str = "NIFTY",
    expiry: str = WEEK,
    strike: str = "24500.0",
    tick: str = "0.05",
    lot: str = "65",
    exchange: str = "NFO",
) -> str:
    kind = symbol[-2:]
    head = f"{token},{token >> 8},{symbol},{name},0.0,{expiry},{strike},{tick},{lot}"
    return f"{head},{kind},{exchange}-OPT,{exchange}"


CALL = option("NIFTY2681824500CE", 1001)
PUT = option("NIFTY2681824500PE", 1002)
FUTURE = f"1003,3,NIFTY26AUGFUT,NIFTY,0.0,{MONTH},0.0,0.1,65,FUT,NFO-FUT,NFO"
SENSEX_CALL = option("SENSEX2682080000CE", 2001, name="SENSEX", lot="20", exchange="BFO")
INDEX = "256265,1001,NIFTY 50,NIFTY 50,0,,0,0,0,EQ,INDICES,NSE"
SHARE = '519937,2031,M&M,"MAHINDRA & MAHINDRA, LTD",0,,0,0.1,1,EQ,NSE,NSE'
SENSEX = "265,1,SENSEX,SENSEX,0,,0,0,0,EQ,INDICES,BSE"
BSE_SHARE = "128083204,500325,RELIANCE,RELIANCE INDUSTRIES,0,,0,0.05,1,EQ,BSE,BSE"

OF_DAY = {
    "NFO": (CALL, PUT, FUTURE),
    "BFO": (SENSEX_CALL,),
    "NSE": (INDEX, SHARE),
    "BSE": (SENSEX, BSE_SHARE),
}


def listing(*rows: str) -> str:
    return "\n".join((HEADER, *rows)) + "\n"


class Exchange:
    """Hands out its lists, gzipped as they are, until it is told to fail."""

    def __init__(self, rows: Mapping[str, Iterable[str]] = OF_DAY) -> None:
        self.bodies = {
            exchange: gzip.compress(listing(*of_it).encode()) for exchange, of_it in rows.items()
        }
        self.down: set[str] = set()
        self.asked: list[str] = []

    def list(self, exchange: str, *rows: str) -> None:
        self.bodies[exchange] = gzip.compress(listing(*rows).encode())

    def fetch(self, exchange: str) -> bytes:
        self.asked.append(exchange)
        if exchange in self.down:
            raise Unavailable("no answer from Kite in time")
        return self.bodies[exchange]
