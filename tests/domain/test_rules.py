"""The numbers of the rules, as the code has them by default."""

from __future__ import annotations

from datetime import time, timedelta
from decimal import Decimal

from adapters.brokers.paper.settings import PaperSettings
from commands.follow import LEASE_RESERVE_S
from domain import leaving, limits, pacing, risk, touch
from domain.calendar import AHEAD_OF_SQUARE_OFF, MARKET, at_ist
from domain.following import BOOK_SETTLES
from domain.known_leg import STOCK_SESSIONS
from domain.market_facts import SQUARE_OFFS
from domain.quote import LIVE
from domain.run_terms import Terms
from tests.domain.adversary import DUE, terms


def test_the_seconds_and_counts_of_orders_are_those_of_the_rules() -> None:
    usual = {name: field.default for name, field in Terms.model_fields.items()}

    assert usual["entry_grace_s"] == 60
    assert usual["hedge_timeout_s"] == 10
    assert usual["reprice_after_s"] == 2
    assert usual["entry_reprices"] == 5
    assert usual["exit_reprices"] == 20
    assert usual["exit_alert_s"] == 10
    assert usual["unknown_window_s"] == 120


def test_a_lease_leaves_time_for_the_client_s_timeout_and_a_margin() -> None:
    kite_timeout_s = 7

    assert kite_timeout_s < LEASE_RESERVE_S < terms().lease_s / 2


def test_the_limit_is_two_ticks_or_half_a_percent_beyond_the_touch() -> None:
    assert (2, Decimal("0.005")) == (touch.BUFFER_TICKS, touch.BUFFER)


def test_a_mark_needs_a_quote_of_five_seconds_and_a_spread_of_a_tenth() -> None:
    assert timedelta(seconds=5) == LIVE
    assert Decimal("0.10") == risk.WIDEST_SPREAD


def test_a_stop_in_percent_needs_a_net_premium_of_a_tenth_of_the_gross() -> None:
    assert Decimal("0.10") == risk.LEAST_NET


def test_margin_is_used_up_to_98_percent() -> None:
    assert Decimal("0.98") == limits.USABLE


def test_paper_fills_are_as_unkind_as_the_rules_say() -> None:
    usual = PaperSettings()

    assert usual.volume_share == Decimal("0.20")
    assert (usual.slip_ticks, usual.slip) == (1, Decimal("0.0025"))
    assert (usual.latency_min_ms, usual.latency_max_ms) == (20, 200)
    assert (usual.partial_rate, usual.rejection_rate) == (0.02, 0.005)


def test_intraday_positions_leave_by_15_20_and_five_minutes_before_the_square_off() -> None:
    session = MARKET.session(DUE.date())

    assert session is not None
    assert session.forced_exit == at_ist(session.day, time(15, 20))
    assert timedelta(minutes=5) == AHEAD_OF_SQUARE_OFF
    assert SQUARE_OFFS[-1].at == time(15, 25)


def test_stock_options_are_not_entered_within_four_sessions_of_expiry() -> None:
    assert STOCK_SESSIONS == 4


def test_a_broker_is_asked_again_at_humane_intervals() -> None:
    assert timedelta(milliseconds=250) == pacing.POLL
    assert timedelta(seconds=5) == pacing.CANCEL_AGAIN
    assert timedelta(seconds=60) == leaving.REFUSED_AGAIN
    assert timedelta(minutes=5) == BOOK_SETTLES
