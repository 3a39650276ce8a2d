"""Differences between a broker and us: recorded, and settled by what the trader says of them."""

from __future__ import annotations

from decimal import Decimal
from hashlib import sha256

from pydantic import Field

from commands.account import AccountCommand
from commands.desk import PLATFORM, Desk
from commands.errors import Conflict
from domain.account import BrokerAccount
from domain.account_terms import Drift, DriftKind, Held, Where
from domain.attribution import Attribution, Seen, held_at, within
from domain.ledger import held
from domain.model import Refused
from domain.run import Run


class RecordReconciliation(AccountCommand, frozen=True):
    """Book and net of the broker were compared with what we know."""

    ALLOWED = PLATFORM
    external: tuple[Held, ...] = ()
    drifts: tuple[Drift, ...] = ()


def record_reconciliation(command: RecordReconciliation, desk: Desk) -> None:
    account = desk.load(command.account_id, BrokerAccount)
    account.reconciled(command.external, command.drifts)
    desk.save(account)


class ResolveDrift(AccountCommand, frozen=True):
    """The trader says how a difference came about; it is let be for as long as it stays the same.

    Nothing is counted by that: exits are capped by the broker's net as before.
    """

    key: str
    product: str
    how: str = Field(min_length=1, max_length=500)
    kind: DriftKind = DriftKind.NET
    order: str | None = None


def resolve_drift(command: ResolveDrift, desk: Desk) -> None:
    account = desk.load(command.account_id, BrokerAccount)
    where = Where(command.kind, command.key, command.product, command.order)
    account.explain_drift(where, command.how)
    desk.save(account)


class AttributePosition(AccountCommand, frozen=True):
    """Says whose the units of a contract are; all that nothing explains unless told how many."""

    key: str = Field(max_length=60)
    product: str = Field(max_length=20)
    quantity: int | None = None
    reason: str = Field(default="", max_length=500)
    seen: Seen

    @property
    def digest(self) -> str:
        """Of what the trader said: the broker may show something else when it is said again."""
        said = self.model_dump_json(exclude={"seen"})
        return sha256(f"{type(self).__name__} {said}".encode()).hexdigest()

    def attribution(self, account: BrokerAccount) -> Attribution:
        return Attribution.of(account, self.key, self.product, self.seen)


class AdoptPosition(AttributePosition, frozen=True):
    """Count units in: into the run that they close, else into what the account holds.

    `price` in ₹ is what they were traded at, where the broker's trades of the day do not tell.
    """

    price: Decimal | None = Field(default=None, gt=0)
    run_id: str | None = None

    def traded_at(self) -> Decimal | None:
        return self.price or self.seen.by_hand


def adopt_position(command: AdoptPosition, desk: Desk) -> None:
    account = desk.load(command.account_id, BrokerAccount)
    before = command.attribution(account)
    units = before.adoptable(command.quantity)
    closed = closing(command, desk, units)
    after = before.with_run(sum(part for _, _, part in closed))
    if rest := units - sum(part for _, _, part in closed):
        after = after.with_adopted(rest)
    why = f"adopted: {command.reason}" if command.reason else "adopted"
    count(account, command, before, after, why)
    for run, leg, part in closed:
        price = command.traded_at()
        if price is None:
            raise Refused("no-price", f"say at which price {run.id} was closed by hand", "price")
        run.adjust(leg, part, price, command.reason or "traded by hand")
    desk.save(account, *(run for run, _, _ in closed))


def closing(command: AdoptPosition, desk: Desk, units: int) -> list[tuple[Run, int, int]]:
    """The run that these units close, its leg, and how many; raises Refused, Conflict."""
    opposing = command.seen.opposing(units)
    if command.run_id is None and not opposing:
        return []
    if command.run_id is None and len(opposing) > 1:
        raise Refused("which-run", f"say which one was closed: {', '.join(opposing)}", "run_id")
    run_id = command.run_id or next(iter(opposing))
    if run_id not in opposing:
        raise Refused("holds-no-such", f"{run_id} holds nothing that this would close", "run_id")
    run = desk.load(run_id, Run)
    legs = [n for n, leg in enumerate(run.legs) if leg.contract.key == command.key]
    for leg in legs:
        holds = held(run, leg)
        if holds * units < 0:
            part = -holds if abs(holds) < abs(units) else units
            if part != units and len(opposing) > 1:
                why = f"{run_id} holds {holds}: adopt the rest for the other run"
                raise Refused("holds-less", why, "quantity")
            return [(run, leg, part)]
    raise Conflict("run-moved-on", f"{run_id} does not hold it any more: look again")


class IgnorePosition(AttributePosition, frozen=True):
    """Leave units to the trader: external, and never touched."""


def ignore_position(command: IgnorePosition, desk: Desk) -> None:
    account = desk.load(command.account_id, BrokerAccount)
    before = command.attribution(account)
    units = before.ignorable(command.quantity)
    after = before.with_external(units)
    # What closes a run's position must be counted there: its exit would trade a second time.
    closes = command.seen.opposing(after.external)
    if closes and within(after.external, before.external) != after.external:
        why = f"this closes what {', '.join(closes)} holds: adopt it, or flatten it"
        raise Refused("closes-a-run", why, "key")
    why = f"ignored: {command.reason}" if command.reason else "ignored"
    count(account, command, before, after, why)
    desk.save(account)


def count(
    account: BrokerAccount,
    command: AttributePosition,
    before: Attribution,
    after: Attribution,
    why: str,
) -> None:
    """Record whose the units are now, and what is left of the drift."""
    place = (command.key, command.product)
    seen = command.seen
    price = getattr(command, "price", None) or seen.by_hand or seen.average_price
    if before.drift:
        account.drift_found(before.as_drift)
    if (before.adopted, before.external) != (after.adopted, after.external):
        adopted = held_at(place, after.adopted, account.adopted.get(place), price)
        external = held_at(place, after.external, account.external.get(place), price)
        nothing = Held(key=place[0], product=place[1], quantity=0, average_price=Decimal(0))
        if isinstance(command, AdoptPosition):
            account.adopt(adopted or nothing, external, command.reason)
        else:
            account.ignore(external or nothing, adopted, command.reason)
    if after.drift:
        account.drift_found(after.as_drift)
    else:
        account.drift_resolved(before.where, why)
