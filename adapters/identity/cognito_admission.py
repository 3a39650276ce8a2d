"""Who is in the user pool, and in which of its groups."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from adapters.identity.cognito_pool import NameTaken, NotRight, Pool
from adapters.identity.passwords import one_time
from adapters.identity.terms import AddressTaken, Admitted
from domain.user import Role


@dataclass(frozen=True)
class Admission:
    """Lets users in by name, address and role."""

    pool: Pool

    def empty(self) -> bool:
        return not self.pool.ask("list_users", Limit=1)["Users"]

    def admit(self, email: str, register: Callable[[], str], password: str | None) -> Admitted:
        """`register` makes the user and tells the id; raises AddressTaken before that."""
        email, told = email.strip().lower(), password or one_time_for_pool()
        known = self.pool.find(email)
        if known is not None:
            raise AddressTaken(known.username)
        user_id = register()
        self._create(user_id, email, told)
        if password:
            self.pool.set_password(user_id, password, lasting=True)
        return Admitted(user_id=user_id, one_time_password=None if password else told)

    def assign(self, user_id: str, roles: Iterable[Role]) -> None:
        try:
            held = self.pool.groups(user_id)
        except NotRight:
            return  # nobody to be in a group
        wanted = {role.value for role in roles}
        for group in sorted(wanted - held):
            self.pool.ask("admin_add_user_to_group", Username=user_id, GroupName=group)
        for group in sorted((held - wanted) & {role.value for role in Role}):
            self.pool.ask("admin_remove_user_from_group", Username=user_id, GroupName=group)

    def _create(self, user_id: str, email: str, password: str) -> None:
        try:
            self.pool.ask(
                "admin_create_user",
                Username=user_id,
                TemporaryPassword=password,
                MessageAction="SUPPRESS",  # the admin tells it, as for local users
                UserAttributes=[
                    {"Name": "email", "Value": email},
                    {"Name": "email_verified", "Value": "true"},
                ],
            )
        except NameTaken:
            raise AddressTaken(user_id) from None


def one_time_for_pool() -> str:
    """A password to be told once, of all the kinds of signs that the pool asks for."""
    while True:
        password = one_time()
        if all(re.search(kind, password) for kind in ("[a-z]", "[A-Z]", "[0-9]")):
            return password
