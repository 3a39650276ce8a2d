"""Settings from outside: each held to its type, and what is unsafe refused with its reason."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from adapters.settings import Mode, Settings

SIMULATED = {
    "ATP_KITE_ROOT": "http://127.0.0.1:9001",
    "ATP_KITE_LOGIN": "http://127.0.0.1:9001/",
    "ATP_KITE_WS": "ws://localhost:9002",
}


def settings_of(patch: pytest.MonkeyPatch, **environment: str) -> Settings:
    for name, value in environment.items():
        patch.setenv(name, value)
    return Settings()


def test_nothing_said_is_practice_on_this_machine_only() -> None:
    settings = Settings()

    assert settings.mode is Mode.PRACTICE
    assert settings.host == "127.0.0.1"
    assert settings.kite["root"] == "https://api.kite.trade"
    assert (settings.address_urls, settings.ntp_servers) == (None, None)


def test_a_simulator_stands_in_for_kite(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = settings_of(monkeypatch, ATP_MODE="live", ATP_REHEARSAL="time.json", **SIMULATED)

    assert settings.kite == {
        "root": "http://127.0.0.1:9001",
        "login": "http://127.0.0.1:9001",
        "ws": "ws://localhost:9002",
        "timeout_s": "7.0",
    }


def test_whom_to_ask_for_our_address_and_for_the_time_are_lists(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    two = "https://one.example, https://two.example"

    settings = settings_of(monkeypatch, ATP_ADDRESS_URLS=two, ATP_NTP_SERVERS="")

    assert settings.address_urls == ("https://one.example", "https://two.example")
    assert settings.ntp_servers == ()


@pytest.mark.parametrize(
    ("given", "complaint"),
    [
        ({"host": "0.0.0.0"}, "is public: it needs tls_cert and tls_key"),
        ({"tls_cert": "cert.pem"}, "together or not at all"),
        ({"kite_root": "http://api.kite.trade"}, "must be https://HOST"),
        ({"kite_root": "https://api.kite.trade/prod"}, "nothing after them"),
        ({"kite_root": "https://key@api.kite.trade"}, "nothing after them"),
        ({"kite_ws": "https://ws.kite.trade"}, "must be wss://HOST"),
        ({"kite_root": "http://127.0.0.1:9001"}, "all simulated or all real"),
        ({"rehearsal": "time.json"}, "needs a simulator's addresses"),
        ({"address_urls": "http://one.example"}, "must be an https:// address"),
        ({"heartbeat_url": "http://beat.example/SECRET"}, "must be an https:// address"),
        ({"market_account": "STRAT-1"}, "match pattern"),
        ({"mode": "real"}, "'practice' or 'live'"),
    ],
)
def test_what_is_unsafe_or_unclear_is_refused(given: dict[str, Any], complaint: str) -> None:
    with pytest.raises(ValidationError, match=complaint) as refused:
        Settings(**given)

    assert "SECRET" not in str(refused.value)


def test_the_heartbeats_address_is_shown_to_nobody() -> None:
    settings = Settings(heartbeat_url="https://beat.example/SECRET")

    assert "SECRET" not in repr(settings)
    assert settings.heartbeat_url is not None
    assert settings.heartbeat_url.get_secret_value().endswith("SECRET")
