"""A strategy: what is traded and when, in every version it ever had."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from typing import ClassVar, Self

from eventsourcing.domain import triggers

from domain.definition import Definition
from domain.fault import Fault
from domain.model import Created, DomainEvent, Refused
from domain.refusal import Conflict, Faulty
from domain.resource import Resource


class StrategyStatus(StrEnum):
    DRAFT = "DRAFT"
    ACTIVE = "ACTIVE"
    INACTIVE = "INACTIVE"
    DELETED = "DELETED"


class Strategy(Resource):
    """Drafts keep their faults; only a faultless one is activated. Runs pin a version of it."""

    TOPIC = "strategy"

    class Drafted(Created, frozen=True):
        TOPIC: ClassVar[str] = "strategy.drafted"
        user_id: str
        basket_id: str
        definition: Definition
        faults: tuple[Fault, ...] = ()
        copied_from: str | None = None

    class Edited(DomainEvent, frozen=True):
        TOPIC: ClassVar[str] = "strategy.edited"
        definition: Definition
        faults: tuple[Fault, ...] = ()
        restored: int | None = None

    class Validated(DomainEvent, frozen=True):
        TOPIC: ClassVar[str] = "strategy.validated"
        faults: tuple[Fault, ...]

    class Activated(DomainEvent, frozen=True):
        TOPIC: ClassVar[str] = "strategy.activated"

    class Deactivated(DomainEvent, frozen=True):
        TOPIC: ClassVar[str] = "strategy.deactivated"
        reason: str

    class Deleted(DomainEvent, frozen=True):
        TOPIC: ClassVar[str] = "strategy.deleted"

    @triggers(Drafted)
    def __init__(
        self, user_id: str, basket_id: str, definition: Definition, faults: tuple[Fault, ...]
    ) -> None:
        self.user_id = user_id
        self.basket_id = basket_id
        self.versions: tuple[Definition, ...] = (definition,)
        self.faults = faults
        self.status = StrategyStatus.DRAFT

    @classmethod
    def draft(
        cls,
        strategy_id: str,
        *,
        user_id: str,
        basket_id: str,
        definition: Definition,
        faults: Sequence[Fault],
        copied_from: str | None = None,
    ) -> Self:
        """Draft under the id given, with whatever faults it has."""
        return cls._create(
            cls.Drafted,
            id=strategy_id,
            user_id=user_id,
            basket_id=basket_id,
            definition=definition,
            faults=tuple(faults),
            copied_from=copied_from,
        )

    @property
    def owner(self) -> str:
        return self.user_id

    @property
    def deleted(self) -> bool:
        return self.status is StrategyStatus.DELETED

    @property
    def definition(self) -> Definition:
        """What the next run will trade."""
        return self.versions[-1]

    @property
    def definition_version(self) -> int:
        """Counts definitions, from 1; a run pins the one it was opened with."""
        return len(self.versions)

    def definition_at(self, version: int) -> Definition:
        """What it was in that version; refused where there was none."""
        if not 1 <= version <= len(self.versions):
            raise Refused(
                "no-such-version", f"there are versions 1 to {len(self.versions)}", "version"
            )
        return self.versions[version - 1]

    def edit(
        self, definition: Definition, faults: Sequence[Fault], restored: int | None = None
    ) -> None:
        """Define it anew for the next run; what is open goes on by the version it pinned.

        An active strategy that is given faults becomes inactive, as they would never be looked at.
        """
        if definition != self.definition:
            self.trigger_event(
                Strategy.Edited, definition=definition, faults=tuple(faults), restored=restored
            )
        self.validated(faults)
        if self.faults:
            self.deactivate("FAULTS")

    @triggers(Edited)
    def _edited(self, definition: Definition, faults: tuple[Fault, ...]) -> None:
        self.versions = (*self.versions, definition)
        self.faults = faults
        self.edition += 1

    def restore(self, version: int, faults: Sequence[Fault]) -> None:
        """Make a former version the newest; history is not rewritten."""
        self.edit(self.definition_at(version), faults, restored=version)

    def validated(self, faults: Sequence[Fault]) -> None:
        """Remember what the last look found, if it differs from the one before."""
        if tuple(faults) != self.faults:
            self._validated(tuple(faults))

    @triggers(Validated)
    def _validated(self, faults: tuple[Fault, ...]) -> None:
        self.faults = faults

    def activate(self, faults: Sequence[Fault]) -> None:
        """Let it enter at its times; refused with every fault that was just found."""
        if faults:
            raise Faulty("strategy-has-faults", "the strategy has faults", faults)
        self.validated(())
        if self.status is not StrategyStatus.ACTIVE:
            self._activated()

    @triggers(Activated)
    def _activated(self) -> None:
        self.status = StrategyStatus.ACTIVE
        self.edition += 1

    def deactivate(self, reason: str) -> None:
        """Stop entries; exits of what is open go on."""
        if self.status is StrategyStatus.ACTIVE:
            self.trigger_event(Strategy.Deactivated, reason=reason)

    @triggers(Deactivated)
    def _deactivated(self) -> None:
        self.status = StrategyStatus.INACTIVE
        self.edition += 1

    def delete(self, open_runs: Sequence[str]) -> None:
        """Forget it for the future; what runs still hold must be closed first."""
        if open_runs:
            raise Conflict("open-runs", f"{len(open_runs)} run(s) of it are still open")
        if not self.deleted:
            self._deleted()

    @triggers(Deleted)
    def _deleted(self) -> None:
        self.status = StrategyStatus.DELETED
        self.edition += 1
