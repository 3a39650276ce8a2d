"""A trader who owns one of everything, and others who would like to have it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from httpx import Response

from domain.resource import Resource
from domain.user import Role
from tests.adapters.api.practice import MORNING, Json, Person, Practice, ok

#: A name that nobody but its owner may ever be told.
PRIVATE = "Asha's quiet condor"
ENTERED = MORNING + timedelta(minutes=52)


@dataclass
class House:
    """One platform in the middle of a trading day: `owner` holds a position, the others nothing."""

    practice: Practice
    owner: Person
    people: Mapping[str, Person]
    things: Mapping[str, str]
    """Ids of what the owner owns, as the matrix of roles calls them."""

    def sign_in(self, role: str) -> Person:
        """This person, with a token that is fresh."""
        self.practice.wall += timedelta(seconds=2)  # nobody signs in sixty times a minute
        person = self.people[role]
        person.sign_in()
        return person

    def streams(self) -> dict[str, int]:
        """Every stream that is the owner's, and how many events it has."""
        trading = self.practice.platform.trading
        return {
            stream: version
            for stream, version in self.practice.platform.reads.source.heads()
            if trading.load(stream, Resource).owner == self.owner.user_id  # type: ignore[type-abstract]  # any kind
        }

    def held(self) -> Json:
        """A position of the owner's."""
        self.owner.sign_in()
        found: Json = ok(self.owner.get("/positions"))["items"][0]
        return found

    @contextmanager
    def untouched(self) -> Iterator[None]:
        """Whatever is tried meanwhile, nothing of the owner's changes."""
        before = self.streams()
        yield
        assert self.streams() == before

    def tells_nothing(self, response: Response) -> None:
        """The answer holds nothing that only the owner knows."""
        for secret in (PRIVATE, self.owner.email):
            assert secret not in response.text


def furnished(folder: Path) -> House:
    """The house on a Monday at 09:22 IST, a minute after the owner's entry."""
    practice = Practice(folder)
    owner = practice.admit("owner@example.com", Role.TRADER)
    basket: Json = owner.basket(name=PRIVATE, description=PRIVATE)
    strategy = owner.strategy(basket["basket_id"], name=PRIVATE)
    ok(owner.post(f"/strategies/{strategy['strategy_id']}/activate"))
    ok(owner.post(f"/baskets/{basket['basket_id']}/activate"))
    practice.pass_until(ENTERED)
    run_id = ok(owner.get("/runs"))["items"][0]["run_id"]
    things = {
        "basket": basket["basket_id"],
        "strategy": strategy["strategy_id"],
        "run": run_id,
        "other": owner.user_id,
        "user": owner.user_id,
        "account": owner.account_id,
    }
    people = {role.value: practice.admit(f"{role}@example.org", role) for role in Role}
    return House(practice, owner, people, things)
