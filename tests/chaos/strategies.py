"""Strategies of a drawn day: what they trade, when, and what makes them leave."""

from __future__ import annotations

from enum import StrEnum
from random import Random
from typing import Any  # Any: JSON of a strategy

from domain.schedule import Weekday

Json = dict[str, Any]


class Kind(StrEnum):
    CONDOR = "IRON_CONDOR"
    BUTTERFLY = "IRON_BUTTERFLY"
    SPREAD = "BULL_CALL_SPREAD"
    PUT_SPREAD = "BULL_PUT_SPREAD"
    STRANGLE = "STRANGLE"


#: Action, option type, strikes from the money; sales before purchases, as a trader writes them.
LEGS: dict[Kind, tuple[tuple[str, str, int], ...]] = {
    Kind.CONDOR: (("SELL", "CE", 3), ("BUY", "CE", 7), ("SELL", "PE", -3), ("BUY", "PE", -7)),
    Kind.BUTTERFLY: (("SELL", "CE", 0), ("SELL", "PE", 0), ("BUY", "CE", 6), ("BUY", "PE", -6)),
    Kind.SPREAD: (("BUY", "CE", 0), ("SELL", "CE", 4)),
    Kind.PUT_SPREAD: (("SELL", "PE", -2), ("BUY", "PE", -6)),
    Kind.STRANGLE: (("SELL", "CE", 5), ("SELL", "PE", -5)),
}
#: More than one order may hold.
MANY_LOTS = 30


def drawn_strategy(chance: Random, kind: Kind, number: int, weekday: Weekday) -> Json:
    """One strategy that is due on that weekday."""
    lots = MANY_LOTS if chance.random() < 0.2 else chance.randint(1, 3)
    positional = chance.random() < 0.25
    expiry = chance.choice(("WEEKLY", "NEXT_WEEKLY"))
    entry, leave = _overnight(chance) if positional else _within_the_day(chance)
    naked = kind is Kind.STRANGLE
    return {
        "name": f"{kind} {number}",
        "type": kind.value,
        "legs": [_leg(*each, lots, expiry) for each in LEGS[kind]],
        "schedule": {"entry_time": entry, "exit_time": leave, "weekdays": [weekday.value]},
        "risk_params": _risk(chance, lots, must=naked),
        "accept_unbounded_risk": naked,
        **({"holding": "POSITIONAL", "product": "NRML", "exit_after_sessions": 1}
           if positional else {}),
        **({"hedge_timeout_s": 4} if chance.random() < 0.1 else {}),
        **({"order_type": "MARKET"} if chance.random() < 0.1 else {}),
    }  # fmt: skip


def _leg(action: str, option: str, offset: int, lots: int, expiry: str) -> Json:
    at = {"underlying": "NIFTY", "expiry": expiry, "atm_offset": offset}
    return {"action": action, "option_type": option, "lots": lots, "selector": at}


def _risk(chance: Random, lots: int, *, must: bool) -> Json:
    """Limits in ₹ that a few minutes may reach, and some that none will."""
    found: Json = {}
    if must or chance.random() < 0.3:
        found["max_loss"] = lots * chance.choice((60, 250, 20_000))
    if chance.random() < 0.2:
        found["target_profit"] = lots * chance.choice((60, 300))
    if chance.random() < 0.15 and must:
        found["stop_loss_pct"] = chance.choice((2, 10))
    return found


def _within_the_day(chance: Random) -> tuple[str, str]:
    """Mostly in the first minutes; sometimes just before intraday positions have to go."""
    if chance.random() < 0.15:
        entry = 15 * 3600 + chance.randrange(6 * 60, 14 * 60)
        return _clock(entry), "15:20"
    entry = 9 * 3600 + chance.randrange(15 * 60, 24 * 60)
    if chance.random() < 0.5:
        entry -= entry % 60
    return _clock(entry), _clock(entry + chance.randrange(25, 360))


def _overnight(chance: Random) -> tuple[str, str]:
    entry = 15 * 3600 + chance.randrange(4 * 60, 14 * 60)
    leave = 9 * 3600 + chance.randrange(15 * 60, 24 * 60)
    return _clock(entry), _clock(leave)


def _clock(seconds: int) -> str:
    return f"{seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}"
