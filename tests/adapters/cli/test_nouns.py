"""Accounts, baskets, strategies, runs and users from the command line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from adapters.cli.terms import Ending
from adapters.identity.local import LocalIdentity
from adapters.identity.terms import SignInRefused
from tests.adapters.cli.stage import Atp, basket, write_basket

# ── accounts ──────────────────────────────────────────────────────────────────────────────


def test_limits_are_set_one_by_one_and_lifted(atp: Atp, account_id: str) -> None:
    atp.json("account", "limits", account_id, "--max-lots", 5, "--max-daily-loss", "2500.50")
    kept = atp.json("account", "limits", account_id, "--max-open-runs", 2)
    lifted = atp.json("account", "limits", account_id, "--off", "max-lots")

    assert kept["limits"]["max_lots"] == 5
    assert kept["limits"]["max_daily_loss"] == 2500.5
    assert kept["limits"]["max_open_runs"] == 2
    assert lifted["limits"]["max_lots"] is None
    assert "limit max daily loss" in atp("account", "show", account_id).out


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--max-lots", "-1"), "max_lots: Input should be greater than 0"),
        (("--max-notional", "much"), "max_notional: Input should be a valid decimal"),
        (("--off", "everything"), "--off: everything is none of max_lots"),
    ],
)
def test_a_limit_that_is_none_is_refused_by_its_name(
    atp: Atp, account_id: str, words: tuple[str, ...], message: str
) -> None:
    before = atp.json("account", "show", account_id)

    said = atp("account", "limits", account_id, *words)

    assert said.code == Ending.BAD_INPUT
    assert message in said.err
    assert atp.json("account", "show", account_id) == before


def test_the_kill_switch_is_turned_and_released(atp: Atp, account_id: str) -> None:
    blocked = atp.json("account", "block", account_id, "--reason", "the news", "--all")
    released = atp.json("account", "release", account_id, "--reason", "over")

    assert (blocked["block"]["reason"], blocked["block"]["scope"]) == ("the news", "all")
    assert released["block"] is None
    assert "paper" in atp("account", "list").out


# ── baskets ───────────────────────────────────────────────────────────────────────────────


def test_a_basket_goes_out_as_a_file_and_comes_in_again(
    atp: Atp, basket_id: str, tmp_path: Path
) -> None:
    file = tmp_path / "out.json"
    assert atp("basket", "export", basket_id, "--out", file).code == 0

    came_in = atp.json("basket", "import", file, "--activate")
    out_again = atp("basket", "export", came_in["basket_id"])

    assert came_in["status"] == "ACTIVE"
    assert [each["status"] for each in came_in["strategies"]] == ["ACTIVE"]
    assert json.loads(out_again.out) == json.loads(file.read_text())
    assert atp("basket", "export", basket_id, "--out", file).code == Ending.BAD_INPUT


def test_an_import_is_a_draft_and_may_have_faults(atp: Atp, tmp_path: Path) -> None:
    late = basket(schedule={"entry_time": "09:20", "exit_time": "16:00"})
    file = write_basket(tmp_path / "late.json", late)

    drafted = atp.json("basket", "import", file)
    strategy = drafted["strategies"][0]["strategy_id"]
    checked = atp("strategy", "check", strategy)

    assert drafted["status"] == "DRAFT"
    assert checked.code == Ending.WRONG
    assert "schedule.exit_time" in checked.out
    assert atp("strategy", "activate", strategy).code == Ending.REFUSED


def test_an_import_that_is_to_be_active_is_refused_whole(atp: Atp, tmp_path: Path) -> None:
    late = basket(schedule={"entry_time": "09:20", "exit_time": "16:00"})
    file = write_basket(tmp_path / "late.json", late)
    before = atp.json("basket", "list")

    said = atp("basket", "import", file, "--activate")

    assert said.code == Ending.REFUSED
    assert "strategies[0].schedule.exit_time: 16:00 is not between" in said.err
    assert atp.json("basket", "list") == before


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ({**basket(), "colour": "red"}, "colour: Extra inputs are not permitted"),
        (basket(type="TRIANGLE"), "strategies.0.type"),
    ],
)
def test_a_file_with_unknown_words_is_refused(
    atp: Atp, tmp_path: Path, content: object, message: str
) -> None:
    said = atp("basket", "import", write_basket(tmp_path / "odd.json", content))

    assert said.code == Ending.BAD_INPUT
    assert message in said.err
    assert len(atp.json("basket", "list")) == 1


def test_an_account_that_is_not_linked_is_no_target(atp: Atp, butterfly: Path) -> None:
    said = atp("basket", "import", butterfly, "--account", "ACC-NONE")

    assert said.code == Ending.BAD_INPUT
    assert said.err.startswith("atp: --account: ACC-NONE is none of ACC-")


def test_a_basket_is_stopped_and_let_go(atp: Atp, basket_id: str) -> None:
    assert atp.json("basket", "deactivate", basket_id)["status"] == "INACTIVE"
    assert atp.json("basket", "activate", basket_id)["status"] == "ACTIVE"
    assert "Butterfly" in atp("basket", "show", basket_id).out
    assert basket_id in atp("basket", "list").out
    assert atp("basket", "activate", "BASK-NONE").code == Ending.NOT_FOUND


# ── strategies ────────────────────────────────────────────────────────────────────────────


def test_a_strategy_tells_when_it_is_due_next(atp: Atp, strategy_id: str) -> None:
    told = atp.json("strategy", "preview", strategy_id, "-n", 9)
    shown = atp("strategy", "preview", strategy_id)

    assert told["idle"] is None
    assert told["days"][0]["due_at"] == "2026-08-05T03:50:00Z"
    assert all(day["reason"] is None for day in told["days"])
    assert "2026-08-05 09:20:00" in shown.out


def test_a_strategy_that_is_off_says_so_before_its_days(atp: Atp, strategy_id: str) -> None:
    stopped = atp.json("strategy", "deactivate", strategy_id, "--reason", "HOLIDAYS")

    said = atp("strategy", "preview", strategy_id)

    assert stopped["status"] == "INACTIVE"
    assert "It does not enter now: the strategy is INACTIVE" in said.out
    assert atp.json("strategy", "activate", strategy_id)["status"] == "ACTIVE"


def test_a_sound_strategy_is_shown_with_its_versions(atp: Atp, strategy_id: str) -> None:
    (version,) = atp.json("strategy", "versions", strategy_id)

    assert version["definition"]["name"] == "Butterfly"
    assert "nothing is wrong with it" in atp("strategy", "check", strategy_id).out
    assert atp.json("strategy", "check", strategy_id)["faults"] == []
    assert "NIFTY WEEKLY ATM-2 on SPOT" in atp("strategy", "show", strategy_id).out
    assert "09:35" in atp("strategy", "versions", strategy_id).out
    assert strategy_id in atp("strategy", "list").out
    assert atp.json("strategy", "list", "--basket", "BASK-OTHER") == []
    assert atp("strategy", "show", "STRAT-NONE").code == Ending.NOT_FOUND


# ── runs ──────────────────────────────────────────────────────────────────────────────────


def test_a_run_is_shown_with_decisions_orders_and_fills(atp: Atp, run_id: str) -> None:
    told = atp.json("run", "show", run_id)
    shown = atp("run", "show", run_id).out

    assert told["outcome"] == "TIME"
    assert {order["txn_type"] for order in told["orders"]} == {"ENTRY", "EXIT"}
    assert sum(fill["quantity"] for fill in told["fills"]) == 8 * 65
    assert "net premium ₹" in shown
    assert "Fills" in shown


def test_runs_are_listed_by_what_they_are(atp: Atp, run_id: str, account_id: str) -> None:
    assert run_id in atp("run", "list", "--account", account_id).out
    assert atp.json("run", "list", "--open") == []
    assert atp.json("run", "list", "--strategy", "STRAT-OTHER") == []


def test_a_run_that_ended_cannot_be_left(atp: Atp, run_id: str) -> None:
    said = atp("run", "exit", run_id)

    assert said.code == Ending.REFUSED
    assert said.err == "atp: the run is CLOSED\n"
    assert atp("run", "exit", "RUN-NONE").code == Ending.NOT_FOUND


# ── users ─────────────────────────────────────────────────────────────────────────────────


def signs_in(home: Path, email: str, password: str) -> bool:
    identity = LocalIdentity(home)
    try:
        return identity.sign_in(email, password, None, None).must_change_password
    except SignInRefused:
        return False
    finally:
        identity.close()


def test_a_new_user_signs_in_with_the_password_that_is_shown_once(atp: Atp) -> None:
    added = atp.json("user", "add", "New@Example.com", "--name", "New", "--role", "viewer")
    again = atp("user", "add", "new@example.com")

    assert added["roles"] == ["viewer"]
    assert len(added["accounts"]) == 1
    assert signs_in(atp.home, "new@example.com", added["one_time_password"])
    assert again.code == Ending.REFUSED
    assert len(atp.json("user", "list")) == 2


def test_a_password_is_reset(atp: Atp) -> None:
    first = atp.json("user", "add", "new@example.com")["one_time_password"]

    shown = atp("user", "password-reset", "new@example.com")
    second = atp.json("user", "password-reset", "new@example.com")["one_time_password"]

    assert "The password is shown only now" in shown.out
    assert not signs_in(atp.home, "new@example.com", first)
    assert signs_in(atp.home, "new@example.com", second)
    assert atp("user", "password-reset", "trader@example.com").code == Ending.NOT_FOUND


def test_roles_are_changed_and_users_kept_out(atp: Atp) -> None:
    atp.json("user", "add", "new@example.com")

    changed = atp.json("user", "roles", "new@example.com", "--role", "auditor", "--role", "trader")
    disabled = atp.json("user", "disable", "new@example.com", "--reason", "left")

    assert changed["roles"] == ["auditor", "trader"]
    assert disabled["status"] == "DISABLED"
    assert "new@example.com" in atp("user", "list").out


@pytest.mark.parametrize(
    ("words", "code", "message"),
    [
        (("add", "no-address"), Ending.BAD_INPUT, "email: String should match pattern"),
        (("roles", "nobody@example.com", "--role", "viewer"), Ending.NOT_FOUND, "no user"),
        (("add", "x@example.com", "--role", "king"), Ending.BAD_INPUT, "--role"),
    ],
)
def test_what_is_wrong_with_a_user_is_said(
    atp: Atp, words: tuple[str, ...], code: int, message: str
) -> None:
    said = atp("user", *words)

    assert said.code == code
    assert message in said.err
    assert len(atp.json("user", "list")) == 1


def test_whoever_is_named_cannot_disable_themselves(atp: Atp) -> None:
    said = atp("user", "disable", "trader@example.com", "--as", "trader@example.com")

    assert said.code == Ending.REFUSED
    assert said.err == "atp: nobody can disable themselves\n"
