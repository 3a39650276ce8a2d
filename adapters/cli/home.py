"""The platform's folder, opened by one command: its store, its views and the way in for commands.

Several processes may work in it: what is written here a running platform sees by following the log.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from typing import Any, Final, TypeVar

from adapters.cli.showing import bar
from adapters.cli.terms import Absent, Asked, BadInput
from adapters.reads import LocalReads
from adapters.runtime import STORE, open_read_side, open_trading
from adapters.worlds import surroundings
from commands.application import Trading
from commands.bus import Bus
from commands.desk import Command, Principal, Request, World
from commands.errors import NotFound
from commands.ports import Clock, MarketData
from commands.runs import RunBook
from domain.calendar import MARKET, ist_date
from domain.chain import Chain
from domain.model import DomainEvent
from domain.resource import Resource
from domain.run import Run
from domain.user import Role
from projections.replay import outdated, rebuild
from projections.runs import RUNS, open_runs
from projections.users import USERS, UserRow, all_users, by_email
from projections.view import Page, ReadModel, Row, TableView

A = TypeVar("A", bound=Resource)
R = TypeVar("R", bound=Row)

#: Whoever owns the machine may do what a trader may, and what an admin may.
OWNER: Final = frozenset((Role.TRADER, Role.ADMIN))


@dataclass(frozen=True, kw_only=True)
class Home:
    """Everything a command may use of the platform in a folder."""

    asked: Asked
    clock: Clock
    market: MarketData
    trading: Trading
    reads: LocalReads
    bus: Bus

    # ── who asks ──────────────────────────────────────────────────────────────────────────

    def user(self) -> UserRow:
        """The user who was named, else the only one there is."""
        if self.asked.user is not None:
            return self.user_named(self.asked.user)
        users = self.users()
        if not users:
            raise Absent("there is no user yet: start the platform with `atp up` first")
        if len(users) > 1:
            emails = ", ".join(user.email for user in users)
            raise BadInput(f"--as: say for which user, one of {emails}")
        return users[0]

    def user_named(self, name: str) -> UserRow:
        """By id or by e-mail address; raises NotFound."""
        view = self.view(USERS)
        found = view.get(name) or by_email(view, name)
        if found is None:
            raise NotFound("user", name)
        return found

    def users(self) -> list[UserRow]:
        """Every user, by when they registered."""
        return every(lambda cursor: all_users(self.view(USERS), cursor=cursor, limit=500))

    def readers(self) -> list[UserRow]:
        """Whose things are listed: the named user's, else everybody's."""
        return self.users() if self.asked.user is None else [self.user()]

    def owner(self) -> UserRow:
        """In whose audit it stands what the machine's owner did with things of all."""
        if self.asked.user is not None or len(self.users()) == 1:
            return self.user()
        return next(user for user in self.users() if Role.ADMIN in user.roles)

    def principal(self) -> Principal:
        return Principal(user_id=self.user().id, roles=OWNER)

    # ── what is asked ─────────────────────────────────────────────────────────────────────

    def ask(self, command: Command[A], principal: Principal | None = None) -> A:
        """Do it, and bring the views up to what it changed."""
        request = Request(
            principal=principal or self.principal(),
            at=self.clock.now(),
            correlation_id=f"cli-{secrets.token_hex(8)}",
        )
        answer = self.bus.execute(command, request)
        self.reads.follower.catch_up()
        return answer

    # Any: read models of every state.
    def view(self, model: ReadModel[Any, R]) -> TableView[Any, R]:
        return TableView(model, self.reads.tables)

    def row(self, model: ReadModel[Any, R], row_id: str) -> R:
        """One row; raises Absent, also where it is not the named user's."""
        found = self.view(model).get(row_id)
        owner = getattr(found, "user_id", None)
        mine = self.asked.user is None or owner in (None, self.user().id)
        if found is None or not mine:
            raise Absent(f"there is no {model.id_name.removesuffix('_id')} {row_id}")
        return found

    def history(self, stream: str) -> Sequence[DomainEvent]:
        return self.trading.history(stream)


@contextmanager
def open_home(asked: Asked, *, following: bool = True) -> Iterator[Home]:
    """The platform in that folder; `following`: with its views up to date.

    Raises Absent where nothing was started yet, PersistenceError, ViewsAhead.
    """
    if not (asked.home / STORE).is_file():
        raise Absent(f"there is no platform in {asked.home}: start one there with `atp up`")
    clock, market = surroundings(asked.home)
    trading = open_trading(asked.home, secrets.token_bytes)
    try:
        reads = open_read_side(asked.home)
        try:
            if following:
                bring_up(reads)
            runs = RunBook(trading)
            world = World(chain=lambda day: chain_of(market, day), open_runs=runs)
            for row in open_runs(TableView(RUNS, reads.tables)) if following else ():
                runs.add(trading.load(row.id, Run))
            yield Home(
                asked=asked,
                clock=clock,
                market=market,
                trading=trading,
                reads=reads,
                bus=Bus(trading, world),
            )
        finally:
            reads.close()
    finally:
        trading.close()


def chain_of(market: MarketData, day: date) -> Chain:
    """The contracts of that day, or of the session after it."""
    return market.chain(day if MARKET.is_session(day) else MARKET.next_session(day))


def bring_up(reads: LocalReads) -> None:
    """Rebuild what another edition of the code wrote, and apply what is new."""
    if models := outdated(reads.projector.models, reads.tables):
        # Only a rebuild of all of them may say how far the views are.
        moved = reads.follower.moved_to if len(models) == len(reads.projector.models) else None
        with bar("views of another edition", reads.source.size()) as told:
            for progress in rebuild(models, reads.projector, reads.tables, reads.source, moved):
                told(progress.done, progress.total)
    reads.follower.catch_up()


def every(page: Callable[[str | None], Page[R]]) -> list[R]:
    """All rows of a listing, page by page."""
    rows: list[R] = []
    cursor: str | None = None
    while True:
        found = page(cursor)
        rows += found.rows
        if (cursor := found.cursor) is None:
            return rows


def first(rows: int, page: Callable[[str | None, int], Page[R]]) -> list[R]:
    """So many rows of a listing."""
    found: list[R] = []
    cursor: str | None = None
    while len(found) < rows:
        part = page(cursor, rows - len(found))
        found += part.rows
        if (cursor := part.cursor) is None:
            break
    return found


def today(home: Home) -> date:
    """The date in India, as the platform's clock has it."""
    return ist_date(home.clock.now())
