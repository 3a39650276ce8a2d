"""What a command is, who asks for it, and what its handler may touch."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from hashlib import sha256
from typing import Any, ClassVar, Generic, Protocol, TypeVar

from pydantic import BaseModel

from commands.application import Trading, of_kind
from commands.errors import Forbidden, NotFound
from domain.chain import Chain
from domain.model import Origin
from domain.resource import Resource
from domain.run import Run
from domain.user import Role

A = TypeVar("A", bound=Resource)

TRADERS = frozenset((Role.TRADER, Role.ADMIN))
ADMINS = frozenset((Role.ADMIN,))
ANYONE = frozenset(Role)
PLATFORM: frozenset[Role] = frozenset()  # facts that only the platform itself reports


class Command(BaseModel, Generic[A], frozen=True, extra="forbid"):
    """Something asked of one stream; `A` is what the answer shows."""

    KIND: ClassVar[type[Resource]]
    PREFIX: ClassVar[str | None] = None
    """The prefix of the stream it creates; None where it asks something of an existing one."""
    ALLOWED: ClassVar[frozenset[Role]] = TRADERS
    FOREIGN: ClassVar[frozenset[Role]] = frozenset()
    """Roles that may ask this of other people's streams."""

    @property
    def stream(self) -> str:
        """The stream that is asked; a creating command learns it from the desk."""
        raise LookupError(f"{type(self).__name__} creates its stream")

    @property
    def digest(self) -> str:
        """Tells two requests apart that came with the same idempotency key."""
        return sha256(f"{type(self).__name__} {self.model_dump_json()}".encode()).hexdigest()


@dataclass(frozen=True, slots=True, kw_only=True)
class Principal:
    """Who asks; `platform` is the schedule, a broker's news and the like, no caller outside."""

    user_id: str
    roles: frozenset[Role] = frozenset()
    platform: bool = False

    def has_one_of(self, roles: frozenset[Role]) -> bool:
        return self.platform or bool(self.roles & roles)


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """Who asks, when (UTC), and on which conditions; `edition` is what If-Match named."""

    principal: Principal
    at: datetime
    correlation_id: str
    causation_id: str | None = None
    idempotency_key: str | None = None
    edition: int | None = None

    def origin(self, digest: str) -> Origin:
        """The stamp of every event that this request causes."""
        return Origin(
            at=self.at,
            actor=self.principal.user_id,
            correlation_id=self.correlation_id,
            causation_id=self.causation_id,
            idempotency_key=self.idempotency_key,
            request_digest=digest if self.idempotency_key else None,
        )


class OpenRuns(Protocol):
    """Ids of runs that have not ended, and the runs that an account has to do with on a day."""

    def of_strategy(self, strategy_id: str) -> Sequence[str]: ...
    def of_account(self, account_id: str) -> Sequence[str]: ...
    def touching(self, account_id: str, day: date) -> Sequence[Run]: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """What handlers may look at besides streams: listed contracts and open runs."""

    chain: Callable[[date], Chain]
    open_runs: OpenRuns


class Desk:
    """One attempt at one command: what its handler loads and saves, in the asker's name."""

    def __init__(
        self,
        trading: Trading,
        world: World,
        request: Request,
        command: Command[Any],  # whichever aggregate it answers with
        stream_id: str,
        *,
        verify: bool,
    ) -> None:
        self.world = world
        self.at = request.at
        self.principal = request.principal
        self.stream_id = stream_id
        self.verify = verify
        self.saved = False
        # A creation is first tried without looking whether it happened already.
        self.unsure = bool(command.PREFIX and request.idempotency_key and not verify)
        self._trading = trading
        self._command = command
        self._loaded: dict[str, Resource] = {}

    def load(self, stream_id: str, kind: type[A]) -> A:
        """The stream as it is now, if it is there for the asker; raises NotFound."""
        found = self._find(stream_id, kind)
        if found.deleted and self._command.ALLOWED:  # facts are recorded of what is gone, too
            raise NotFound(kind.__name__, stream_id)
        return found

    def look(self, command: Command[A]) -> A | None:
        """The stream that is asked, deleted or not; None where a creation finds nothing yet."""
        kind: type[A] = command.KIND  # type: ignore[assignment]  # KIND is the A of its command
        try:
            return self._find(self.stream_id, kind)
        except NotFound:
            if command.PREFIX is None:
                raise
            return None

    def save(self, *aggregates: Resource) -> None:
        """Append what was decided, all in one write."""
        self._loaded |= {each.id: each for each in aggregates}
        if any(each.pending_events for each in aggregates):
            self._trading.save(*aggregates)
            self.saved = True

    def new_id(self, prefix: str) -> str:
        """An id for something that is created on the side, in the same commit."""
        return self._trading.new_id(prefix, self.at)

    def answer(self, command: Command[A]) -> A:
        """What the command was about, as it now is."""
        kind: type[A] = command.KIND  # type: ignore[assignment]  # KIND is the A of its command
        return of_kind(self._loaded[self.stream_id], kind)

    def _find(self, stream_id: str, kind: type[A]) -> A:
        found = self._loaded.get(stream_id)
        if found is None:
            self.unsure |= not self.verify and self._trading.version_of(stream_id) > 0
            found = self._trading.load(stream_id, kind, verify=self.verify)
            self._check_owner(found)
            self._loaded[stream_id] = found
        return of_kind(found, kind)

    def _check_owner(self, found: Resource) -> None:
        mine = found.owner == self.principal.user_id
        if not mine and not self.principal.has_one_of(self._command.FOREIGN):
            raise NotFound(type(found).__name__, found.id)


def authorise(command: Command[Any], principal: Principal) -> None:
    """Whether one of the asker's roles may ask this at all; raises Forbidden."""
    if not principal.has_one_of(command.ALLOWED):
        allowed = ", ".join(sorted(command.ALLOWED)) or "platform"
        raise Forbidden(type(command).__name__, allowed)
