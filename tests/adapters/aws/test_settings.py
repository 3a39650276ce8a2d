"""What a function is told by its environment."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from adapters.aws.settings import AwsSettings, NotConfigured

TOLD = {
    "ATP_STAGE": "dev",
    "ATP_PREFIX": "atp-dev-",
    "ATP_INSTALL": "dev-123456789012",
    "ATP_EVENTS_TABLE": "atp-dev-events",
}
REHEARSAL = '{"wall_start": "2026-08-03T03:00:00Z", "market_start": "2026-08-03T03:40:00Z"}'


@pytest.fixture(autouse=True)
def _told(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in TOLD.items():
        monkeypatch.setenv(name, value)


def test_a_function_is_told_no_more_than_it_needs() -> None:
    settings = AwsSettings()

    assert settings.kite["root"] == "https://api.kite.trade"
    assert settings.secrets_key == "alias/atp-dev-secrets"
    with pytest.raises(NotConfigured, match="ATP_DISPATCH_QUEUE"):
        settings.told("dispatch_queue")


def test_the_real_exchange_has_no_time_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ATP_REHEARSAL", REHEARSAL)

    with pytest.raises(ValidationError, match="rehearsal"):
        AwsSettings()


def test_a_rehearsal_is_at_a_simulator_on_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ATP_REHEARSAL", REHEARSAL)
    for name in ("ATP_KITE_ROOT", "ATP_KITE_LOGIN"):
        monkeypatch.setenv(name, "http://127.0.0.1:9000")
    monkeypatch.setenv("ATP_KITE_WS", "ws://127.0.0.1:9001")

    settings = AwsSettings()

    assert settings.rehearsal is not None
    assert settings.rehearsal.speed == 1.0
