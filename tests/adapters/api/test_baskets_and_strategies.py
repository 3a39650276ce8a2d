"""Baskets and strategies over HTTP: the requirements' own examples, drafts, versions of truth."""

from __future__ import annotations

from tests.adapters.api.practice import Person, Practice, condor, fields, made, ok, refused
from tests.requirements import BASKET, STRATEGY


def test_the_basket_of_the_requirements_is_stored_as_a_draft_with_faults(trader: Person) -> None:
    basket = made(trader.post("/baskets", BASKET))

    assert basket["status"] == "DRAFT"
    assert basket["strategies"] == ["STRAT456", "STRAT789"]
    assert [each["code"] for each in basket["faults"]] == ["unknown-strategy"] * 2


def test_the_strategy_of_the_requirements_is_stored_as_a_draft_with_faults(
    trader: Person,
) -> None:
    basket_id = trader.basket()["basket_id"]

    strategy = made(trader.post(f"/baskets/{basket_id}/strategies", STRATEGY))

    given = {name: STRATEGY[name] for name in ("name", "type", "legs", "risk_params")}
    assert {name: strategy[name] for name in given} == given
    assert strategy["basket_id"] == basket_id
    assert {"unknown-symbol", "type-differs"} <= {each["code"] for each in strategy["faults"]}


def test_activation_with_faults_names_all_of_them(trader: Person) -> None:
    basket_id = trader.basket()["basket_id"]
    drafted = made(trader.post(f"/baskets/{basket_id}/strategies", STRATEGY))

    problem = refused(
        trader.post(f"/strategies/{drafted['strategy_id']}/activate"), 422, "strategy-has-faults"
    )

    assert fields(problem) == [(each["field"], each["code"]) for each in drafted["faults"]]


def test_what_was_read_may_be_sent_back(trader: Person) -> None:
    basket_id, strategy_id = trader.active_condor()
    basket, strategy = (
        ok(trader.get(f"/baskets/{basket_id}")),
        ok(trader.get(f"/strategies/{strategy_id}")),
    )

    again = (
        ok(trader.put(f"/baskets/{basket_id}", basket)),
        ok(trader.put(f"/strategies/{strategy_id}", strategy)),
    )

    assert again == (basket, strategy)


def test_money_keeps_its_paise_and_may_be_sent_as_text(trader: Person) -> None:
    basket_id = trader.basket()["basket_id"]

    strategy = trader.strategy(basket_id)

    risk = {"max_loss": 5000, "target_profit": 2000.5, "stop_loss_pct": 50}
    assert strategy["risk_params"] == risk


def test_an_edit_on_a_stale_edition_changes_nothing(trader: Person) -> None:
    basket = trader.basket()
    path = f"/baskets/{basket['basket_id']}"
    ok(trader.put(path, {"name": "first"}, edition=1))

    refused(trader.put(path, {"name": "second"}, edition=1), 412, "stale-edition")

    assert ok(trader.get(path))["name"] == "first"
    assert trader.get(path).headers["etag"] == '"2"'
    refused(trader.delete(path, edition=1), 412, "stale-edition")
    assert trader.delete(path, edition=2).status_code == 204


def test_a_tag_that_was_never_given_out_is_stale(trader: Person) -> None:
    path = f"/baskets/{trader.basket()['basket_id']}"

    response = trader.client.put(path, json={"name": "x"}, headers={"If-Match": 'W/"1"'})

    refused(response, 412, "stale-edition")


def test_the_same_request_twice_creates_once(trader: Person) -> None:
    first = made(trader.post("/baskets", {"name": "Condors"}, key="K1"))

    second = made(trader.post("/baskets", {"name": "Condors"}, key="K1"))

    assert second == first
    assert len(ok(trader.get("/baskets"))["items"]) == 1


def test_a_key_with_another_body_is_refused(trader: Person) -> None:
    made(trader.post("/baskets", {"name": "Condors"}, key="K1"))

    refused(trader.post("/baskets", {"name": "Flies"}, key="K1"), 422, "idempotency-key-reused")

    assert len(ok(trader.get("/baskets"))["items"]) == 1


def test_a_key_has_a_form(trader: Person) -> None:
    refused(trader.post("/baskets", {"name": "x"}, key="a b"), 422, "bad-idempotency-key")


def test_lists_go_on_where_their_cursor_says(trader: Person, practice: Practice) -> None:
    names = [f"basket {number}" for number in range(5)]
    for name in names:
        practice.clock.sleep(1)
        trader.basket(name=name)

    first = ok(trader.get("/baskets", limit=3))
    second = ok(trader.get("/baskets", limit=3, cursor=first["next_cursor"]))

    assert [each["name"] for each in first["items"] + second["items"]] == names
    assert second["next_cursor"] is None
    refused(trader.get("/baskets", cursor="nonsense"), 422, "bad-cursor")


def test_what_is_somebody_elses_is_not_there(trader: Person, stranger: Person) -> None:
    basket_id, strategy_id = trader.active_condor()

    answers = [
        stranger.get(f"/baskets/{basket_id}"),
        stranger.put(f"/baskets/{basket_id}", {"name": "mine"}),
        stranger.delete(f"/baskets/{basket_id}"),
        stranger.post(f"/baskets/{basket_id}/strategies", condor()),
        stranger.get(f"/baskets/{basket_id}/strategies"),
        stranger.get(f"/strategies/{strategy_id}"),
        stranger.post(f"/strategies/{strategy_id}/activate"),
        stranger.get(f"/strategies/{strategy_id}/orders"),
        stranger.get(f"/users/{trader.user_id}/broker-accounts"),
        stranger.get(f"/accounts/{trader.account_id}/funds"),
    ]

    assert [refused(each, 404, "not-found")["status"] for each in answers] == [404] * len(answers)


def test_a_basket_is_deleted_when_it_is_empty(trader: Person) -> None:
    basket_id, strategy_id = trader.active_condor()
    refused(trader.delete(f"/baskets/{basket_id}"), 409, "basket-not-empty")

    deleted = [
        trader.delete(f"/strategies/{strategy_id}").status_code,
        trader.delete(f"/baskets/{basket_id}").status_code,
    ]

    assert deleted == [204, 204]
    refused(trader.get(f"/baskets/{basket_id}"), 404, "not-found")


def test_a_copy_is_a_draft_of_its_own(trader: Person) -> None:
    _, strategy_id = trader.active_condor()

    copy = made(trader.post(f"/strategies/{strategy_id}/duplicate", {"name": "another"}))

    told = (copy["name"], copy["status"], copy["copied_from"], copy["edition"])
    assert told == ("another", "DRAFT", strategy_id, 1)
    assert copy["legs"] == ok(trader.get(f"/strategies/{strategy_id}"))["legs"]


def test_a_deactivated_strategy_is_inactive(trader: Person) -> None:
    _, strategy_id = trader.active_condor()

    assert ok(trader.post(f"/strategies/{strategy_id}/deactivate"))["status"] == "INACTIVE"
