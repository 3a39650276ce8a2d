"""The option chain, previews and schedules over HTTP."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from tests.adapters.api.practice import MORNING, Person, Practice, condor, fields, ok, refused

OPEN = MORNING + timedelta(minutes=50)
CLOSED = MORNING + timedelta(hours=8)


@pytest.fixture
def opened(practice: Practice) -> Practice:
    """Twenty past nine, and nobody has traded."""
    practice.pass_until(OPEN)
    return practice


@pytest.mark.usefixtures("opened")
def test_the_chain_shows_volatility_and_greeks_around_the_money(trader: Person) -> None:
    chain = ok(trader.get("/market/chain/NIFTY", around=3))

    assert (chain["expiry"], chain["dte"], len(chain["strikes"])) == ("2026-08-04", 1, 7)
    assert chain["forward"] == pytest.approx(chain["spot"], rel=0.002)
    at_the_money = chain["strikes"][3]
    assert at_the_money["strike"] == chain["atm"]
    assert 0.3 < at_the_money["ce"]["delta"] < 0.7
    assert -0.7 < at_the_money["pe"]["delta"] < -0.3
    assert 0.02 < at_the_money["ce"]["iv"] < 1
    assert at_the_money["ce"]["theta"] < 0 < at_the_money["ce"]["vega"]


@pytest.mark.usefixtures("opened")
def test_an_expiry_is_named_by_date_or_by_rule(trader: Person) -> None:
    by_rule = ok(trader.get("/market/chain/NIFTY", expiry="NEXT_WEEKLY", around=1))

    by_date = ok(trader.get("/market/chain/NIFTY", expiry=by_rule["expiry"], around=1))

    assert by_date == by_rule
    refused(trader.get("/market/chain/NIFTY", expiry="2026-08-05"), 422, "no-expiry")
    refused(trader.get("/market/chain/NIFTY", expiry="SOON"), 422, "invalid-fields")
    refused(trader.get("/market/chain/NOBODY"), 404, "not-found")


def test_expiries_and_underlyings_are_those_listed(trader: Person) -> None:
    listed = ok(trader.get("/market/expiries/NIFTY"))["expiries"]

    assert (listed[0]["expiry"], listed[0]["monthly"]) == ("2026-08-04", False)
    assert "NIFTY" in ok(trader.get("/market/underlyings"))["items"]
    refused(trader.get("/market/expiries/NOBODY"), 404, "not-found")


def test_before_the_open_there_is_a_session_but_it_is_closed(trader: Person) -> None:
    session = ok(trader.get("/market/session"))

    assert (session["day"], session["is_open"]) == ("2026-08-03", False)
    assert session["next_session"] == "2026-08-04"


@pytest.mark.usefixtures("opened")
def test_the_payoff_of_a_condor_is_bounded_on_both_sides(trader: Person) -> None:
    shown = ok(trader.post("/preview/payoff", {"definition": condor(), "multiplier": 2}))

    assert len(shown["legs"]) == 4
    assert shown["net_premium"] == shown["max_profit"] > 0
    assert shown["max_loss"] > 0
    assert len(shown["breakevens"]) == 2
    profits = [point["profit"] for point in shown["points"]]
    assert min(profits) == pytest.approx(-shown["max_loss"])
    assert shown["greeks"]["theta"] > 0


@pytest.mark.usefixtures("opened")
def test_today_a_condor_is_worth_less_than_at_expiry_at_the_money_and_more_where_its_loss_begins(
    trader: Person,
) -> None:
    shown = ok(trader.post("/preview/payoff", {"definition": condor()}))

    points = shown["points"]
    at_the_money = min(points, key=lambda point: abs(point["spot"] - shown["spot"]))
    assert at_the_money["today"] == pytest.approx(0, abs=0.02 * shown["max_profit"])
    assert at_the_money["today"] < at_the_money["profit"]
    worst = min(point["profit"] for point in points)
    ends = [point for point in points if point["profit"] == worst]
    nearest = min(ends, key=lambda point: abs(point["spot"] - shown["spot"]))
    assert nearest["today"] > nearest["profit"]


@pytest.mark.usefixtures("opened")
def test_a_preview_names_the_profit_at_which_each_limit_would_leave(trader: Person) -> None:
    risk = {"max_loss": 5000, "stop_loss_pct": 50}

    sent = {"definition": condor(risk_params=risk), "multiplier": 2}
    shown = ok(trader.post("/preview/payoff", sent))

    assert shown["limits"] == {
        "max_loss": -10_000,
        "stop_loss": pytest.approx(-shown["net_premium"] / 2),
        "target_profit": None,
    }
    assert {leg["underlying"] for leg in shown["legs"]} == {"NIFTY"}


def test_in_the_evening_a_preview_rests_on_the_last_prices_and_says_of_when_they_are(
    practice: Practice, trader: Person
) -> None:
    practice.pass_until(CLOSED)

    shown = ok(trader.post("/preview/payoff", {"definition": condor()}))

    assert OPEN < datetime.fromisoformat(shown["prices_at"]) < CLOSED
    assert shown["net_premium"] > 0
    assert all(leg["iv"] for leg in shown["legs"])
    assert ok(trader.post("/preview/margin", {"definition": condor()}))["fits"] is True


@pytest.mark.usefixtures("opened")
def test_the_margin_of_a_condor_is_what_the_broker_says(trader: Person) -> None:
    shown = ok(trader.post("/preview/margin", {"definition": condor()}))

    assert shown["account_id"] == trader.account_id
    assert shown["fits"] is True
    assert 0 < shown["final"] <= shown["peak"] < shown["available"]
    most = ok(trader.post("/preview/margin", {"definition": condor(), "multiplier": 100}))
    assert most["fits"] is False


def test_without_prices_a_preview_says_so(trader: Person) -> None:
    answer = trader.post("/preview/payoff", {"definition": condor()})

    refused(answer, 422, "stale-spot")


def test_a_margin_on_somebody_elses_account_is_not_told(trader: Person, stranger: Person) -> None:
    sent = {"definition": condor(), "account_id": trader.account_id}

    refused(stranger.post("/preview/margin", sent), 404, "not-found")


def test_a_schedule_names_the_next_days_or_the_reason_why_not(trader: Person) -> None:
    _, strategy_id = trader.active_condor()

    shown = ok(trader.get(f"/strategies/{strategy_id}/schedule", days=5))

    assert shown["blockers"] == []
    assert shown["next_due"] == "2026-08-03T03:50:00Z"
    assert [each["day"] for each in shown["days"]][:2] == ["2026-08-03", "2026-08-04"]


def test_a_draft_says_what_keeps_it_from_entering(trader: Person) -> None:
    strategy_id = trader.strategy(trader.basket()["basket_id"])["strategy_id"]

    shown = ok(trader.get(f"/strategies/{strategy_id}/schedule"))

    assert [each["code"] for each in shown["blockers"]] == [
        "strategy-inactive",
        "basket-inactive",
    ]
    assert shown["next_due"] is None


def test_a_day_outside_its_days_to_expiry_has_its_reason(trader: Person) -> None:
    schedule = {"entry_time": "09:20", "exit_time": "15:00", "dte_min": 0, "dte_max": 0}

    shown = ok(trader.post("/preview/schedule", condor(schedule=schedule)))

    reasons = [each["reason"] and each["reason"]["code"] for each in shown["days"][:2]]
    assert reasons == ["dte", None]
    assert shown["next_due"] == "2026-08-04T03:50:00Z"


def test_a_preview_of_nothing_names_its_field(trader: Person) -> None:
    for path in ("/preview/payoff", "/preview/margin"):
        answer = trader.post(path, {"definition": condor(legs=[])})

        assert fields(refused(answer, 422, "no-legs")) == [("definition.legs", "no-legs")]
