"""An account at a broker: connection, limits, the kill switch, and what is held beside our runs."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import ClassVar, Self

from eventsourcing.domain import triggers

from domain.account_terms import (
    PAPER,
    AccountStatus,
    Block,
    Drift,
    DriftKind,
    FlattenScope,
    Held,
    Limits,
    Where,
    no_secret_on_paper,
    status_when_linked,
)
from domain.model import Created, DomainEvent, Refused
from domain.refusal import Conflict
from domain.resource import Resource


class BrokerAccount(Resource):
    """One login at one broker; what is secret about it is known here by reference only."""

    TOPIC = "account"

    class Linked(Created, frozen=True):
        TOPIC: ClassVar[str] = "account.linked"
        user_id: str
        broker: str
        account_name: str
        capabilities: tuple[str, ...]
        secrets_ref: str | None = None
        static_ip: str | None = None

    class Edited(DomainEvent, frozen=True):
        TOPIC: ClassVar[str] = "account.edited"
        account_name: str
        secrets_ref: str | None
        static_ip: str | None

    class SecretsKept(DomainEvent, frozen=True):
        TOPIC: ClassVar[str] = "account.secrets_kept"
        secrets_ref: str

    class Connected(DomainEvent, frozen=True):
        TOPIC: ClassVar[str] = "account.connected"
        broker_user_id: str
        capabilities: tuple[str, ...]
        expires_at: datetime | None = None

    class Synced(DomainEvent, frozen=True):
        """The broker was asked for money; ₹."""

        TOPIC: ClassVar[str] = "account.synced"
        available: Decimal
        used: Decimal
        cash: Decimal

    class SessionEnded(DomainEvent, frozen=True):
        TOPIC: ClassVar[str] = "account.session_ended"
        status: AccountStatus
        reason: str

    class LoginDue(DomainEvent, frozen=True):
        """The trader is reminded: the market opens, and nobody is logged in."""

        TOPIC: ClassVar[str] = "account.login_due"
        reminder: datetime
        opens_at: datetime
        open_runs: int

    class AddressSeen(DomainEvent, frozen=True):
        """Orders leave from `found`, which is not what was declared, or is so again."""

        TOPIC: ClassVar[str] = "account.address_seen"
        declared: str | None
        found: str
        foreign: bool

    class LimitsSet(DomainEvent, frozen=True):
        TOPIC: ClassVar[str] = "account.limits_set"
        limits: Limits

    class Blocked(DomainEvent, frozen=True):
        TOPIC: ClassVar[str] = "account.blocked"
        reason: str
        scope: FlattenScope = FlattenScope.OWN

    class Released(DomainEvent, frozen=True):
        TOPIC: ClassVar[str] = "account.released"
        reason: str

    class PositionAdopted(DomainEvent, frozen=True):
        TOPIC: ClassVar[str] = "account.position_adopted"
        position: Held
        external: Held | None = None  # what stays the trader's own there
        reason: str = ""

    class PositionIgnored(DomainEvent, frozen=True):
        TOPIC: ClassVar[str] = "account.position_ignored"
        position: Held
        adopted: Held | None = None  # what stays adopted there
        reason: str = ""

    class Reconciled(DomainEvent, frozen=True):
        TOPIC: ClassVar[str] = "account.reconciled"
        external: tuple[Held, ...]

    class DriftFound(DomainEvent, frozen=True):
        TOPIC: ClassVar[str] = "account.drift_found"
        drift: Drift

    class DriftResolved(DomainEvent, frozen=True):
        TOPIC: ClassVar[str] = "account.drift_resolved"
        key: str
        product: str
        how: str
        kind: DriftKind = DriftKind.NET
        order: str | None = None
        explained: bool = False  # it goes on, and the trader has said why

    class Unlinked(DomainEvent, frozen=True):
        TOPIC: ClassVar[str] = "account.unlinked"

    @triggers(Linked)
    def __init__(
        self,
        *,
        user_id: str,
        broker: str,
        account_name: str,
        capabilities: tuple[str, ...],
        secrets_ref: str | None,
        static_ip: str | None,
    ) -> None:
        self.user_id = user_id
        self.broker = broker
        self.account_name = account_name
        self.capabilities = capabilities
        self.secrets_ref = secrets_ref
        self.static_ip = static_ip
        self.status = status_when_linked(broker)
        self.broker_user_id: str | None = None
        self.session_expires_at: datetime | None = None
        self.last_sync: datetime | None = None
        self.reminded: datetime | None = None
        self.foreign_address: str | None = None  # orders leave from there, undeclared
        self.limits = Limits()
        self.block: Block | None = None
        self.adopted: dict[tuple[str, str], Held] = {}
        self.external: dict[tuple[str, str], Held] = {}
        self.drifts: dict[Where, Drift] = {}
        self.explained: dict[Where, Drift] = {}  # they go on so; other quantities are news again

    @classmethod
    def link(
        cls,
        account_id: str,
        *,
        user_id: str,
        broker: str,
        account_name: str,
        capabilities: Sequence[str] = ("OPTIONS",),
        secrets_ref: str | None = None,
        static_ip: str | None = None,
    ) -> Self:
        """Link under the id given; a paper account is connected at once, and has no secret."""
        no_secret_on_paper(broker, secrets_ref)
        return cls._create(
            cls.Linked,
            id=account_id,
            user_id=user_id,
            broker=broker,
            account_name=account_name,
            capabilities=tuple(capabilities),
            secrets_ref=secrets_ref,
            static_ip=static_ip,
        )

    @property
    def owner(self) -> str:
        return self.user_id

    @property
    def deleted(self) -> bool:
        return self.status is AccountStatus.UNLINKED

    @property
    def paper(self) -> bool:
        return self.broker == PAPER

    @property
    def tradable(self) -> bool:
        """Whether new risk may be taken here at all; drift stops it contract by contract."""
        return self.status is AccountStatus.CONNECTED and self.block is None

    def drifting(self, key: str, product: str) -> bool:
        """Whether the broker and we differ in this contract: no new risk is taken in it."""
        return any((where.key, where.product) == (key, product) for where in self.drifts)

    # ── what the trader asks ──────────────────────────────────────────────────────────────

    def edit(self, account_name: str, secrets_ref: str | None, static_ip: str | None) -> None:
        """Change the name, where the vault keeps the secrets, or the address orders come from."""
        no_secret_on_paper(self.broker, secrets_ref)
        known = (self.account_name, self.secrets_ref, self.static_ip)
        if (account_name, secrets_ref, static_ip) != known:
            self._edited(account_name, secrets_ref, static_ip)

    @triggers(Edited)
    def _edited(self, account_name: str, secrets_ref: str | None, static_ip: str | None) -> None:
        self.account_name = account_name
        self.secrets_ref = secrets_ref
        self.static_ip = static_ip
        self.edition += 1

    @triggers(SecretsKept)
    def _secrets_kept(self, secrets_ref: str) -> None:
        self.secrets_ref = secrets_ref
        self.edition += 1

    def set_limits(self, limits: Limits) -> None:
        if limits != self.limits:
            self._limits_set(limits)

    @triggers(LimitsSet)
    def _limits_set(self, limits: Limits) -> None:
        self.limits = limits
        self.edition += 1

    def stop(self, reason: str, scope: FlattenScope = FlattenScope.OWN) -> None:
        """Turn the kill switch; turning it again only matters if it now closes more."""
        if self.block is None or (self.block.scope, scope) == (FlattenScope.OWN, FlattenScope.ALL):
            self.trigger_event(BrokerAccount.Blocked, reason=reason, scope=scope)

    @triggers(Blocked)
    def _blocked(self, reason: str, scope: FlattenScope, actor: str, timestamp: datetime) -> None:
        self.block = Block(reason=reason, scope=scope, actor=actor, since=timestamp)
        self.edition += 1

    def release(self, reason: str) -> None:
        """Let the account trade again."""
        if self.block is not None:
            self.trigger_event(BrokerAccount.Released, reason=reason)

    @triggers(Released)
    def _released(self) -> None:
        self.block = None
        self.edition += 1

    def unlink(self, open_runs: Sequence[str]) -> None:
        """Leave the broker; what runs still hold must be closed first."""
        if open_runs:
            raise Conflict("open-runs", f"{len(open_runs)} run(s) are still open here")
        if not self.deleted:
            self._unlinked()

    @triggers(Unlinked)
    def _unlinked(self) -> None:
        self.status = AccountStatus.UNLINKED
        self.edition += 1

    def adopt(self, position: Held, external: Held | None = None, reason: str = "") -> None:
        """Count all that is held there into the net to be; `external` stays the trader's own."""
        place = (position.key, position.product)
        if (self.adopted.get(place), self.external.get(place)) != (position, external):
            self.trigger_event(
                BrokerAccount.PositionAdopted, position=position, external=external, reason=reason
            )

    @triggers(PositionAdopted)
    def _adopted(self, position: Held, external: Held | None) -> None:
        self._hold(position.key, position.product, position, external)

    def ignore(self, position: Held, adopted: Held | None = None, reason: str = "") -> None:
        """Leave what is held there to the trader: it is external, and never touched."""
        place = (position.key, position.product)
        if (self.external.get(place), self.adopted.get(place)) != (position, adopted):
            self.trigger_event(
                BrokerAccount.PositionIgnored, position=position, adopted=adopted, reason=reason
            )

    @triggers(PositionIgnored)
    def _ignored(self, position: Held, adopted: Held | None) -> None:
        self._hold(position.key, position.product, adopted, position)

    def _hold(self, key: str, product: str, adopted: Held | None, external: Held | None) -> None:
        for held, known in ((adopted, self.adopted), (external, self.external)):
            known.pop((key, product), None)
            if held is not None and held.quantity:
                known[key, product] = held
        self.edition += 1

    # ── facts: recorded whatever state we thought it was in, never refused ────────────────

    def connected(
        self, broker_user_id: str, capabilities: Sequence[str], expires_at: datetime | None = None
    ) -> None:
        news = (AccountStatus.CONNECTED, broker_user_id, tuple(capabilities), expires_at)
        known = (self.status, self.broker_user_id, self.capabilities, self.session_expires_at)
        if news != known:
            self._connected(broker_user_id, tuple(capabilities), expires_at)

    @triggers(Connected)
    def _connected(
        self, broker_user_id: str, capabilities: tuple[str, ...], expires_at: datetime | None
    ) -> None:
        self.broker_user_id = broker_user_id
        self.capabilities = capabilities
        self.session_expires_at = expires_at
        if self.status is not AccountStatus.UNLINKED:
            self.status = AccountStatus.CONNECTED

    @triggers(Synced)
    def _synced(self, timestamp: datetime) -> None:
        self.last_sync = timestamp

    def session_ended(self, reason: str, *, expired: bool) -> None:
        """The broker's session is over: by its age, or because somebody logged out."""
        status = AccountStatus.EXPIRED if expired else AccountStatus.DISCONNECTED
        if self.status is AccountStatus.CONNECTED:
            self.trigger_event(BrokerAccount.SessionEnded, status=status, reason=reason)

    @triggers(SessionEnded)
    def _session_ended(self, status: AccountStatus) -> None:
        self.status = status
        self.session_expires_at = None

    @triggers(LoginDue)
    def _login_due(self, reminder: datetime) -> None:
        self.reminded = reminder

    @triggers(AddressSeen)
    def _address_seen(self, found: str, foreign: bool) -> None:
        self.foreign_address = found if foreign else None

    def reconciled(self, external: Sequence[Held], drifts: Sequence[Drift] = ()) -> None:
        """Book and net were compared; `external` is neither ours nor adopted, `drifts` are all."""
        self.trigger_event(BrokerAccount.Reconciled, external=tuple(external))
        for drift in drifts:
            self.drift_found(drift)
        found = {drift.where for drift in drifts}
        for where in [where for where in (*self.drifts, *self.explained) if where not in found]:
            own = (where.key, where.product) in self.external
            why = "no run trades it any more: it is the trader's own"
            self.drift_resolved(where, why if own else "the broker agrees again")

    @triggers(Reconciled)
    def _reconciled(self, external: tuple[Held, ...], timestamp: datetime) -> None:
        self.external = {(each.key, each.product): each for each in external}
        self.last_sync = timestamp

    def knows(self, drift: Drift) -> bool:
        """Whether this drift, in these quantities or as it was explained, is known already."""
        told = self.explained.get(drift.where)
        return self.drifts.get(drift.where) == drift or (
            # An order may fill on; what it does to the net is told there.
            told is not None and (told.units == drift.units or drift.kind is DriftKind.ORDER)
        )

    def drift_found(self, drift: Drift) -> None:
        if not self.knows(drift):
            self._drift_found(drift)

    @triggers(DriftFound)
    def _drift_found(self, drift: Drift) -> None:
        self.drifts[drift.where] = drift
        self.explained.pop(drift.where, None)

    def explain_drift(self, where: Where, how: str) -> None:
        """The trader says how it came about; raises Refused where there is none."""
        if where not in self.drifts and where not in self.explained:
            raise Refused("no-such-drift", f"there is no difference in {where.key}", "key")
        self.drift_resolved(where, how, explained=True)

    def drift_resolved(self, where: Where, how: str, *, explained: bool = False) -> None:
        """Broker and platform agree there, or the trader has said why they do not."""
        if where in self.drifts or (where in self.explained and not explained):
            place = where._asdict()
            self.trigger_event(BrokerAccount.DriftResolved, **place, how=how, explained=explained)

    @triggers(DriftResolved)
    def _drift_resolved(
        self, key: str, product: str, kind: DriftKind, order: str | None, explained: bool
    ) -> None:
        where = Where(kind, key, product, order)
        drift = self.drifts.pop(where, None)
        self.explained.pop(where, None)
        if explained and drift is not None:
            self.explained[where] = drift
