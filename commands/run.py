"""What may be asked of a run: leave, move a price, settle an unknown outcome, take no new risk."""

from __future__ import annotations

from decimal import Decimal

from pydantic import Field

from commands.desk import PLATFORM, TRADERS, Command, Desk
from domain import declaring, halting
from domain.refusal import Conflict
from domain.run import Run
from domain.run_terms import Stage


class RunCommand(Command[Run], frozen=True):
    KIND = Run
    run_id: str

    @property
    def stream(self) -> str:
        return self.run_id


class ExitRun(RunCommand, frozen=True):
    """Leave now: cancel what is live, buy back shorts, then sell what covered them."""

    ALLOWED = TRADERS
    reason: str = Field(default="REQUEST", pattern=r"^[A-Z_]{1,40}$")
    detail: str = Field(default="", max_length=500)


def exit_run(command: ExitRun, desk: Desk) -> None:
    run = desk.load(command.run_id, Run)
    if run.stage.ended:
        raise Conflict("run-ended", f"the run is {run.stage}")
    run.request_exit(command.reason, command.detail or _asked_by_another(run, desk))
    desk.save(run)


def _asked_by_another(run: Run, desk: Desk) -> str:
    """Who wished it, where that is not the run's own trader; those know."""
    asking = desk.principal.user_id
    return "" if asking == run.owner else f"asked by {asking}"


class CancelOrder(RunCommand, frozen=True):
    """Cancel what of an entry is live; what has filled is then undone."""

    ALLOWED = TRADERS
    order: str


def cancel_order(command: CancelOrder, desk: Desk) -> None:
    run = desk.load(command.run_id, Run)
    if not command.order.startswith("ENTRY"):
        raise Conflict("exit-goes-on", "an exit is not cancelled: it only reduces what is held")
    if run.stage is Stage.OPEN or run.stage.ended:
        raise Conflict("order-ended", "the entry is complete: leave the run instead")
    run.request_exit("CANCELLED", _asked_by_another(run, desk))
    desk.save(run)


class MoveOrder(RunCommand, frozen=True):
    """Move a live order to this limit price, in ₹."""

    ALLOWED = TRADERS
    tag: str
    price: Decimal = Field(gt=0)


def move_order(command: MoveOrder, desk: Desk) -> None:
    run = desk.load(command.run_id, Run)
    run.wish_price(command.tag, command.price)
    desk.save(run)


class DeclareAbsent(RunCommand, frozen=True):
    """The trader has looked at the broker: this order of unknown outcome was never there."""

    ALLOWED = TRADERS
    tag: str
    why: str = Field(min_length=1, max_length=500)


def declare_absent(command: DeclareAbsent, desk: Desk) -> None:
    run = desk.load(command.run_id, Run)
    declaring.declare_absent(run, command.tag, command.why)
    desk.save(run)


class DeclareFilled(RunCommand, frozen=True):
    """The trader has looked at the broker: this order of unknown outcome filled, at this price."""

    ALLOWED = TRADERS
    tag: str
    quantity: int = Field(gt=0)
    average_price: Decimal = Field(gt=0)
    why: str = Field(min_length=1, max_length=500)


def declare_filled(command: DeclareFilled, desk: Desk) -> None:
    run = desk.load(command.run_id, Run)
    filled, price = command.quantity, command.average_price
    declaring.declare_filled(run, command.tag, filled, price, command.why)
    desk.save(run)


class HaltRun(RunCommand, frozen=True):
    """The broker and the platform differ in its contracts: no new risk, watching goes on."""

    ALLOWED = PLATFORM
    why: str


def halt_run(command: HaltRun, desk: Desk) -> None:
    run = desk.load(command.run_id, Run)
    halting.halt(run, command.why)
    desk.save(run)


class LiftHalt(RunCommand, frozen=True):
    """They agree again, or the trader has explained it."""

    ALLOWED = PLATFORM


def lift_halt(command: LiftHalt, desk: Desk) -> None:
    run = desk.load(command.run_id, Run)
    halting.lift_halt(run)
    desk.save(run)
