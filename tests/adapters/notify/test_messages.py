"""What is said, in how many words, and what must not be."""

from __future__ import annotations

import logging
from contextlib import suppress

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from adapters.notify.message import Manner, single, summary
from adapters.notify.quiet import scrubbed, secretly
from adapters.notify.services import EMAIL, NOT_FOR_US, SMS, channel_of
from adapters.notify.target import BadTarget, checked
from domain.gravity import Gravity
from domain.notifications import Channel
from tests.adapters.notify.test_lines import notice

CHAT = Manner(channel=Channel.PUSH)


def test_a_text_message_is_short() -> None:
    long = single(notice(1, text="x" * 5000), Manner(channel=Channel.SMS))

    assert len(long.title) + len(long.body) <= 300
    assert long.body.endswith("…")


def test_a_summary_has_the_gravest_first_and_says_what_it_leaves_out() -> None:
    notices = [notice(n, text=f"number {n}.") for n in range(30)]
    notices.append(notice(40, Gravity.ALARM, "it burns."))

    told = summary(notices, CHAT, left_out=3)

    lines = told.body.splitlines()
    assert (told.title, told.gravity) == ("ALARM: 34 notices, 1 of them alarm", Gravity.ALARM)
    assert lines[0] == "04 Aug 09:30:40 ALARM: it burns."
    assert lines[1] == "04 Aug 09:30:00 INFO: number 0."
    assert lines[-2:] == ["11 more are in the inbox.", "3 older ones are in the inbox only."]


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ("GET https://asha:p4ss@api.kite.trade/x failed", "GET https://…@api.kite.trade/x failed"),
        ("?request_token=abc123&action=login", "?request_token=…&action=login"),
        ('{"api_secret": "zzz", "price": 12}', '{"api_secret": "…", "price": 12}'),
        ("Authorization: token key:abcdef", "Authorization: …"),
        ("access_token=abc, try later", "access_token=…, try later"),
        ("postgres://u@host/db", "postgres://…@host/db"),
        ("Token is invalid or has expired.", "Token is invalid or has expired."),
        ("BUY 65 NFO:NIFTY2680424500CE at ₹12.05", "BUY 65 NFO:NIFTY2680424500CE at ₹12.05"),
    ],
)
def test_secrets_that_a_text_brings_along_are_taken_out(said: str, kept: str) -> None:
    assert scrubbed(said) == kept


@given(st.text(max_size=60).filter(lambda text: ":" not in text and "=" not in text))
@example("Zerodha: RMS:Margin Exceeds, Required:₹90000")
def test_what_holds_no_secret_is_left_as_it_is(text: str) -> None:
    assert scrubbed(text) == text


def test_libraries_say_nothing_while_a_secret_is_used(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    logger = logging.getLogger("urllib3.connectionpool")

    with secretly():
        logger.warning("POST /s3cret-path")
        logging.getLogger("apprise").error("json://s3cret")
    logger.warning("a download of contracts")

    assert caplog.messages == ["a download of contracts"]


# ── targets ───────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("url", "channel", "shown"),
    [
        ("mailto://asha:pw12@example.com", "email", "mailto://asha:****@example.com/"),
        ("jsons://hooks.example.com/very-secret", "push", "jsons://hooks.example.com/…"),
        ("tgram://123456789:abcdefg_hijklmnop/12315544", "push", "tgram://1...p/12315544/"),
        ("ntfy://my-secret-topic", "push", "ntfys://…"),
        ("msg91://30a0e0f6c5d7b1@abbbbbbbbb/919800000000", "sms", "msg91://3...1@a...b/919800000000/"),
    ],
)  # fmt: skip
def test_an_address_is_shown_by_what_it_is_and_not_by_what_opens_it(
    url: str, channel: str, shown: str
) -> None:
    seen = checked(url)

    assert (seen.channel, seen.shown) == (channel, shown)


def test_every_service_that_is_named_is_one_that_the_library_has() -> None:
    from apprise import Apprise

    known = {
        scheme
        for service in Apprise().details()["schemas"]
        for scheme in (*(service["protocols"] or ()), *(service["secure_protocols"] or ()))
    }

    here = {"blink1", "dbus", "glib", "gnome", "kde", "macosx", "qt", "windows", "smpp", "smpps"}
    assert (EMAIL | SMS | NOT_FOR_US) - here - known == set()
    assert not EMAIL & SMS
    assert channel_of("slack") is Channel.PUSH


@given(st.text(max_size=80))
@example("json://[::1")
@example("json://%zz")
def test_nonsense_is_no_target_and_breaks_nothing(text: str) -> None:
    with suppress(BadTarget):
        assert checked(text).service
