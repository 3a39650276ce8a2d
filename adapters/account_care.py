"""Everything that looks after accounts besides trading: sessions, mornings, and readiness."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from adapters.address import PublicAddress
from adapters.engine import Chore, Due
from adapters.mornings import Mornings
from adapters.readiness import Readiness
from adapters.runtime import Platform
from adapters.sessions import Sessions
from adapters.timekeeping import Timekeeping
from adapters.vault.audited import AuditedVault
from adapters.vault.vault import Vault
from commands.ports import Broker, Clock
from projections.broker_accounts import BROKER_ACCOUNTS
from projections.tables import Tables


@dataclass(frozen=True, kw_only=True)
class AccountCare:
    """What one platform needs of it, wired; `readiness` is None where time is not the machine's."""

    vault: AuditedVault
    sessions: Sessions
    mornings: Mornings
    readiness: Readiness | None

    def chores(self) -> Mapping[str, Chore]:
        """By the name under which the engine calls them."""
        own = self.readiness.chores() if self.readiness is not None else {}
        return {**self.sessions.chores(), **self.mornings.chores(), **own}


def care_for(
    platform: Platform,
    broker: Callable[[str], Broker],
    vault: Vault,
    clock: Clock,
    alarm: Callable[[str], None],
    *,
    timekeeping: Timekeeping | None = None,
    address: PublicAddress | None = None,
) -> AccountCare:
    """Look after a platform's accounts.

    With a timekeeping nothing is entered while the clock is off, or orders would leave from an
    address that was not declared; its chores are for the caller to register.
    """
    audited = vault if isinstance(vault, AuditedVault) else AuditedVault(vault)
    engine = platform.engine

    def stir(chore: str, account_id: str) -> None:
        engine.wheel.at(clock.now(), Due(chore, account_id))

    def linked() -> Iterable[str]:
        return linked_accounts(platform.reads.tables)

    sessions = Sessions(platform.bus, broker, audited, clock, alarm, stir)
    readiness = None
    if timekeeping is not None:
        readiness = Readiness(platform.bus, linked, alarm, address, timekeeping)
        engine.run_planner.ready = readiness
    mornings = Mornings(sessions, linked)
    return AccountCare(vault=audited, sessions=sessions, mornings=mornings, readiness=readiness)


def linked_accounts(tables: Tables) -> list[str]:
    """Every account that is linked, as the views have them."""
    heads = tables.live(BROKER_ACCOUNTS.shape).heads()
    return [item.stream for item in heads if item.body is not None]
