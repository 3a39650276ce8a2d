"""Work goes to the desk behind whose egress the account trades."""

from __future__ import annotations

from json import dumps

import pytest

from adapters.aws.platform import AwsPlatform, open_platform
from adapters.aws.settings import AwsSettings, DeskPlaces
from domain.user import Role
from tests.adapters.api.practice import Person
from tests.adapters.aws.house import House, made_queue, made_workflow, received


@pytest.fixture
def anna(house: House) -> Person:
    return house.admit("anna@example.com", Role.TRADER)


@pytest.fixture
def ravi(house: House) -> Person:
    return house.admit("ravi@example.com", Role.TRADER)


@pytest.fixture
def raos(house: House, ravi: Person) -> DeskPlaces:
    """A family's desk, which serves Ravi."""
    clients = house.platform.clients
    names = ("execute", "dispatch.fifo", "reconcile", "connected")
    queues = {
        f"{name.removesuffix('.fifo').upper()}_QUEUE": made_queue(clients, f"raos-{name}")
        for name in names
    }
    told = {
        "serves": [ravi.user_id],
        **queues,
        "ORDER_WORKFLOW": made_workflow(clients, "raos-orders"),
    }
    return DeskPlaces.model_validate(told)


def at_desk(house: House, raos: DeskPlaces, desk: str | None = None) -> AwsPlatform:
    told = {"desks": {"raos": raos}, "desk": desk}
    settings = house.platform.settings.model_copy(update=told)
    folder = house.platform.folder
    return open_platform(settings, house.platform.clients, folder, house.clock)


def test_an_account_s_work_goes_to_the_desk_that_serves_its_trader(
    house: House, anna: Person, ravi: Person, raos: DeskPlaces
) -> None:
    everybodys = at_desk(house, raos)

    everybodys.kill(anna.account_id)
    everybodys.kill(ravi.account_id)

    sqs = house.platform.clients.sqs
    assert [each["key"] for each in house.messages("dispatch")] == [anna.account_id]
    assert [each["key"] for each in received(sqs, raos.dispatch_queue)] == [ravi.account_id]


def test_a_trader_s_slots_go_to_every_desk_that_serves_one_of_their_accounts(
    house: House, anna: Person, raos: DeskPlaces
) -> None:
    split = raos.model_copy(update={"serves": (house.at_zerodha(anna),)})
    house.messages("execute")

    at_desk(house, split).queue("execute").send({"user_id": anna.user_id})

    sqs = house.platform.clients.sqs
    assert len(house.messages("execute")) == len(received(sqs, raos.execute_queue)) == 1


def test_each_desk_lets_only_its_own_orders_leave(
    house: House, anna: Person, ravi: Person, raos: DeskPlaces
) -> None:
    everybodys, family = at_desk(house, raos), at_desk(house, raos, "raos")

    assert [everybodys.desks.serves(who.account_id) for who in (anna, ravi)] == [True, False]
    assert [family.desks.serves(who.account_id) for who in (anna, ravi)] == [False, True]
    assert house.platform.desks.serves(ravi.account_id)


def test_desks_are_told_as_the_deployment_spells_them(
    house: House, raos: DeskPlaces, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = house.platform.settings.model_dump(
        include={"stage", "prefix", "install", "events_table"}
    )
    for name, value in told.items():
        monkeypatch.setenv(f"ATP_{name.upper()}", value)
    monkeypatch.setenv("ATP_DESKS", dumps({"raos": raos.model_dump(mode="json", by_alias=True)}))

    assert AwsSettings().desks == {"raos": raos}


def test_a_login_is_looked_after_at_the_account_s_own_desk(
    house: House, ravi: Person, raos: DeskPlaces
) -> None:
    account_id = house.at_zerodha(ravi)
    house.platform.care.sessions.connected = at_desk(house, raos).connected

    ok_connected = house.log_in(ravi, account_id)

    assert ok_connected["status"] == "CONNECTED"
    told = received(house.platform.clients.sqs, raos.connected_queue)
    assert told == [{"account_id": account_id}]
    assert house.messages("connected") == []
