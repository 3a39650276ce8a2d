"""A short recorded day, a basket for it, and `atp` as a test calls it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from math import exp
from pathlib import Path
from typing import Any

from typer.testing import CliRunner

from adapters.cli.main import app
from tests.adapters.market.recorded_days import DAY, Row, index_row, minutes, row, write_parquet

SPOT = 24500
STRIKES = range(24350, 24700, 50)


def day_rows(count: int = 25) -> list[Row]:
    """From 09:16 on, prices that drift a little; the index with them."""
    rows: list[Row] = []
    for number, at in enumerate(minutes(count, "09:16")):
        spot = SPOT + number
        rows.append(index_row(at, float(spot)))
        for strike in STRIKES:
            rest = 40 * exp(-abs(strike - spot) / 200)
            for kind, worth in (("CE", max(spot - strike, 0)), ("PE", max(strike - spot, 0))):
                rows.append(option_row(at, f"NIFTY26804{strike}{kind}", worth + rest))
    return rows


def option_row(at: str, symbol: str, price: float) -> Row:
    """A snapshot with a touch and depth around this price."""
    last = round(price / 0.05) * 0.05
    touch = {"bid": last - 0.05, "ask": last + 0.05, "bid_qty": 6500, "ask_qty": 6500}
    return row(at, symbol, last, volume=65_000, oi=1_000_000, **touch)


def basket(**changes: Any) -> dict[str, Any]:  # Any: JSON
    """An iron butterfly that enters at 09:20 and leaves at 09:35."""

    def leg(action: str, kind: str, offset: int) -> dict[str, Any]:
        chosen = {"underlying": "NIFTY", "expiry": "WEEKLY", "atm_offset": offset}
        return {"action": action, "option_type": kind, "lots": 1, "selector": chosen}

    strategy = {
        "name": "Butterfly",
        "type": "IRON_BUTTERFLY",
        "legs": [
            leg("SELL", "CE", 0),
            leg("BUY", "CE", 2),
            leg("SELL", "PE", 0),
            leg("BUY", "PE", -2),
        ],
        "schedule": {"entry_time": "09:20", "exit_time": "09:35"},
        "risk_params": {"max_loss": 5000},
    }
    return {"name": "Short", "strategies": [{**strategy, **changes}]}


def write_basket(path: Path, content: object) -> Path:
    path.write_text(json.dumps(content))
    return path


def write_day(folder: Path, rows: Sequence[Row]) -> Path:
    """A folder of recorded days with this one in it."""
    folder.mkdir(exist_ok=True)
    write_parquet(folder / f"{DAY}.parquet", rows)
    return folder


@dataclass(frozen=True, kw_only=True)
class Said:
    """What `atp` said, and how it ended."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:  # Any: JSON
        return json.loads(self.out)


@dataclass(frozen=True)
class Atp:
    """`atp` with a home folder."""

    home: Path

    def __call__(self, *words: object) -> Said:
        env = {"ATP_HOME": str(self.home), "ATP_DATA": None, "COLUMNS": "400"}
        result = CliRunner().invoke(app, [str(word) for word in words], env=env)
        unforeseen = result.exception is not None and not isinstance(result.exception, SystemExit)
        if unforeseen and result.exception is not None:
            raise result.exception
        return Said(code=result.exit_code, out=result.stdout, err=result.stderr)

    def json(self, *words: object) -> Any:  # Any: JSON
        """The answer for machines to what has to succeed."""
        said = self(*words, "--json")
        assert said.code == 0, said.err
        return said.json
