"""Strategies with which a day of dying platforms is played."""

from __future__ import annotations

from adapters.demo import BasketFile


def leg(action: str, kind: str, offset: int, lots: int) -> dict[str, object]:
    at = {"underlying": "NIFTY", "expiry": "WEEKLY", "atm_offset": offset}
    return {"action": action, "option_type": kind, "lots": lots, "selector": at}


def condor(name: str, entry: str, leave: str, lots: int = 30) -> dict[str, object]:
    """Four legs; 30 lots are more than one order may hold."""
    legs = [("SELL", "CE", 3), ("BUY", "CE", 7), ("SELL", "PE", -3), ("BUY", "PE", -7)]
    return {
        "name": name,
        "type": "IRON_CONDOR",
        "legs": [leg(*each, lots) for each in legs],
        "schedule": {"entry_time": entry, "exit_time": leave, "weekdays": ["WED"]},
    }


def spread(name: str, entry: str, leave: str, max_loss: int | None = None) -> dict[str, object]:
    return {
        "name": name,
        "type": "BULL_CALL_SPREAD",
        "legs": [leg("BUY", "CE", 0, 1), leg("SELL", "CE", 4, 1)],
        "schedule": {"entry_time": entry, "exit_time": leave, "weekdays": ["WED"]},
        "risk_params": {"max_loss": max_loss},
    }


def strangle(name: str, entry: str, leave: str) -> dict[str, object]:
    """Nothing covers it, and its trader said that this is meant."""
    return {
        "name": name,
        "type": "STRANGLE",
        "legs": [leg("SELL", "CE", 5, 1), leg("SELL", "PE", -5, 1)],
        "schedule": {"entry_time": entry, "exit_time": leave, "weekdays": ["WED"]},
        "risk_params": {"max_loss": 20000},
        "accept_unbounded_risk": True,
    }


def basket(*strategies: dict[str, object]) -> BasketFile:
    return BasketFile.model_validate({"name": "Dying platforms", "strategies": strategies})


def all_day(count: int, first: str, every_min: int, hold_min: int) -> BasketFile:
    """One strategy after the other over the day, each kind in turn."""
    hour, minute = (int(part) for part in first.split(":"))
    begin, strategies = 60 * hour + minute, []
    for n in range(count):
        entry = begin + n * every_min
        times = clock(entry), clock(entry + hold_min)
        name = f"Strategy {n}"
        kinds = (condor, spread, strangle)
        strategies.append(kinds[n % len(kinds)](name, *times))
    return basket(*strategies)


def clock(minutes: int) -> str:
    return f"{minutes // 60:02d}:{minutes % 60:02d}"
