"""What endpoints need of the platform: the runtime provides it, tests build it over a day."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from adapters.identity.terms import Admitted, Enrolment, Session, Tokens
from adapters.notify.telling import Telling
from adapters.postbox import Postbox
from adapters.sessions import Sessions
from commands.bus import Bus
from commands.desk import Principal
from commands.ports import Broker, Clock, MarketData
from domain.calendar import Calendar
from domain.contract import Product
from domain.definition import Definition
from domain.planning import Snapshot
from domain.user import Role
from projections.feed import Feed
from projections.tables import Source, Tables
from projections.verify import Seal


class Identity(Protocol):
    """Who may sign in; errors are those of `adapters.identity.terms`."""

    def sign_in(
        self, email: str, password: str, otp: str | None, address: str | None
    ) -> Tokens: ...
    def refresh(self, refresh_token: str, *, again: bool = False) -> Tokens: ...
    def session(self, access_token: str) -> Session: ...
    def sign_out(self, session_id: str) -> None: ...
    def sign_out_everywhere(self, user_id: str, why: str) -> None: ...
    def change_password(
        self, user_id: str, current: str, new: str, otp: str | None = None
    ) -> Tokens: ...
    def reset(self, user_id: str) -> str: ...
    def admit(
        self, email: str, register: Callable[[], str], password: str | None = None
    ) -> Admitted: ...
    def assign(self, user_id: str, roles: Iterable[Role]) -> None: ...
    def enrol(self, user_id: str, password: str) -> Enrolment: ...
    def confirm(self, user_id: str, otp: str) -> None: ...
    def forget_authenticator(self, user_id: str, password: str, otp: str) -> None: ...
    def has_authenticator(self, user_id: str) -> bool: ...


class Engine(Protocol):
    """What follows runs, as far as a request may stir it."""

    def notice(self, run_id: str) -> None:
        """Something was asked of this run: look at it now."""
        ...

    def start_now(self, strategy_id: str, key: str, principal: Principal) -> Sequence[str]:
        """Open the strategy's runs of the slot named by `key`, new or not; answers their ids.

        Raises Refused with the reason why there can be none.
        """
        ...

    def leave_positions(self, account_id: str, keys: Sequence[str]) -> Sequence[str]:
        """Open runs that leave what is held in these contracts and no run explains.

        Answers their ids; raises Unavailable, SessionExpired.
        """
        ...

    def leave_drift(self, account_id: str, key: str, product: Product, name: str) -> str:
        """Open a run that leaves what nothing explains in this contract; answers its id.

        The same name is the same run. Raises Refused, Unavailable, SessionExpired.
        """
        ...

    def kill(self, account_id: str) -> None:
        """The account was blocked: see to it that it becomes flat."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Pulse:
    """How the platform feels: `beat` is when the schedule was last looked at."""

    beat: datetime | None
    next_due: datetime | None = None
    views_behind: int = 0
    parked: int = 0
    troubles: tuple[str, ...] = ()
    resting: bool = False
    """Nobody has to look at the schedule at this time."""


#: The good seals, and what is wrong with the others.
Examined = tuple[Sequence[Seal], Sequence[str]]


@dataclass(frozen=True, kw_only=True)
class ApiContext:
    """Everything an endpoint may use."""

    bus: Bus
    identity: Identity
    engine: Engine
    tables: Tables
    source: Source
    feed: Feed
    market: MarketData
    broker: Callable[[str], Broker]
    sessions: Sessions
    snapshot: Callable[[Definition, datetime], Snapshot]
    """The market a definition would be planned on."""
    clock: Clock
    calendar: Calendar
    pulse: Callable[[], Pulse]
    seals: Callable[[], Examined]
    stored: Callable[[], None]
    """Something was just stored: the views may go on."""
    brokers: Sequence[str]
    """Where accounts can be linked."""
    postbacks: Postbox | None = None
    """Who hears what brokers post about orders, where there is a broker that does."""
    telling: Telling | None = None
    """Where users are told outside of the inbox; None where that is not ours to do."""
    beat_within_s: float = 150
    """A schedule that was not looked at for so many of the clock's seconds stands still."""
    verified_by: str | None = None
    """The command that verifies the log, where an answer cannot wait for that."""
    stream_s: int = 900
    """How long changes are streamed in one answer; 0 where answers are sent whole."""
