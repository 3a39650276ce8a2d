"""Answers in the forms Kite's have, as recordings and its documentation show them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final  # Any: JSON

FIXTURES: Final = Path(__file__).parent / "fixtures"


def body(name: str) -> bytes:
    """The whole answer, as it is sent."""
    return (FIXTURES / f"{name}.json").read_bytes()


def told(name: str) -> Any:
    """What the client makes of it, but for the times."""
    return json.loads(body(name))["data"]
