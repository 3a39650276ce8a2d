"""The public address: told by several who must agree, over IPv4."""

from __future__ import annotations

from contextlib import ExitStack
from ipaddress import IPv4Address

import pytest

from adapters.address import AddressUnknown, PublicAddress
from tests.adapters.loopback import closed_port, echo

OURS = "203.0.113.7"


def told(*answers: str, status: int = 200) -> IPv4Address:
    """What is believed where services answer so."""
    with ExitStack() as open_ones:
        services = [open_ones.enter_context(echo(each, status)) for each in answers]
        return PublicAddress(services, timeout_s=30).look()


@pytest.mark.parametrize("answer", [OURS, f" {OURS}\n", f'{{"ip": "{OURS}"}}'])
def test_the_address_is_read_from_text_and_from_json(answer: str) -> None:
    assert told(answer) == IPv4Address(OURS)


def test_what_most_of_them_tell_is_believed() -> None:
    assert told(OURS, "198.51.100.4", OURS) == IPv4Address(OURS)


def test_services_that_contradict_each_other_are_not_believed() -> None:
    with pytest.raises(AddressUnknown, match=r"203\.0\.113\.7.*198\.51\.100\.4"):
        told(OURS, "198.51.100.4")


@pytest.mark.parametrize(
    "answer", ["<html>", "2001:db8::1", "", "{}", "{broken", "[1]", "999.1.1.1"]
)
def test_what_is_no_ipv4_address_is_no_answer(answer: str) -> None:
    with pytest.raises(AddressUnknown, match="no address"):
        told(answer)


def test_a_service_that_fails_is_left_out() -> None:
    with echo(OURS) as good, echo(OURS, status=500) as broken:
        places = [good, broken, f"http://127.0.0.1:{closed_port()}/"]

        assert PublicAddress(places, timeout_s=30).look() == IPv4Address(OURS)


def test_nobody_answering_is_told_by_each_service() -> None:
    place = f"http://127.0.0.1:{closed_port()}/"

    with pytest.raises(AddressUnknown, match="ConnectError"):
        PublicAddress([place], timeout_s=30).look()


def test_without_services_nothing_is_known() -> None:
    with pytest.raises(AddressUnknown):
        PublicAddress([]).look()


def test_it_asks_over_ipv4() -> None:
    assert told("{caller}") == IPv4Address("127.0.0.1")
