"""Brokers by name."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from adapters.brokers.paper.client import PaperBroker
from adapters.brokers.registry import MissingSetting, UnknownBroker, connect


def test_a_paper_account_is_reached_where_its_broker_listens(tmp_path: Path) -> None:
    broker = connect("paper", "ACC-1", {"endpoint": str(tmp_path / "endpoint.json")})

    assert isinstance(broker, PaperBroker)


def test_a_broker_nobody_knows_is_refused() -> None:
    with pytest.raises(UnknownBroker, match="'shoonya' is none of paper"):
        connect("shoonya", "ACC-1", {})


def test_a_broker_says_which_setting_is_missing() -> None:
    with pytest.raises(MissingSetting, match="endpoint"):
        connect("paper", "ACC-1", {})


def test_knowing_the_brokers_loads_none_of_them() -> None:
    program = (
        "import sys, adapters.brokers.registry;"
        "print([m for m in sys.modules if m.startswith('adapters.brokers.paper')])"
    )

    printed = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )

    assert printed.stdout.strip() == "[]"
