"""The first start: somebody has to be let in before anybody can let others in."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Protocol

from adapters.identity.terms import Admitted
from commands.bus import Bus
from commands.desk import Principal, Request
from commands.user import RegisterUser
from domain.user import Role

#: Sees to users and roles, trades for themselves, and reads the audit.
FIRST_ROLES = (Role.ADMIN, Role.AUDITOR)


class Admitting(Protocol):
    """What the first start needs of an identity."""

    def empty(self) -> bool: ...
    def admit(self, email: str, register: Callable[[], str]) -> Admitted: ...
    def assign(self, user_id: str, roles: Iterable[Role]) -> None: ...


def first_admin(identity: Admitting, bus: Bus, email: str, at: datetime) -> Admitted | None:
    """An admin with a one-time password, where nobody can sign in yet; else None.

    Whoever starts the platform shows the password once; it is kept nowhere.
    """
    if not identity.empty():
        return None

    def register() -> str:
        request = Request(
            principal=Principal(user_id="platform", platform=True),
            at=at,
            correlation_id="first-start",
            idempotency_key=f"first-admin:{email.strip().lower()}",
        )
        return bus.execute(RegisterUser(email=email, name="Admin", roles=FIRST_ROLES), request).id

    admitted = identity.admit(email, register)
    identity.assign(admitted.user_id, FIRST_ROLES)
    return admitted
