"""What a trader may ask of a run."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from functools import partial
from pathlib import Path

import pytest

from adapters.brokers.paper.faults import FaultKind
from commands.errors import Conflict, NotFound, Refused
from commands.run import CancelOrder, DeclareAbsent, ExitRun, MoveOrder, RunCommand
from domain.model import DomainEvent
from domain.run import Run
from domain.run_terms import Stage
from domain.user import User
from tests.adapters.market.recorded_days import minute
from tests.commands.pit import Pit

Ask = Callable[[RunCommand], Run]


@pytest.fixture
def pit(tmp_path: Path) -> Pit:
    return Pit(tmp_path)


@pytest.fixture
def entering(pit: Pit) -> Run:
    """Hedges rest at the broker."""
    run_id = pit.opened()
    pit.exchange.step(minute("09:20"))
    pit.follower.follow(run_id)
    return pit.run(run_id)


@pytest.fixture
def ask(pit: Pit, entering: Run) -> Ask:
    owner = pit.trading.load(entering.owner, User)
    return lambda command: pit.bus.execute(command, pit.asked(owner))


def last_of(pit: Pit, run: Run) -> DomainEvent:
    *_, last = pit.trading.history(run.id)
    return last


def test_leaving_is_written_down_with_who_asked(pit: Pit, ask: Ask, entering: Run) -> None:
    run = ask(ExitRun(run_id=entering.id))

    assert run.stage is Stage.EXITING
    asked = last_of(pit, run)
    assert isinstance(asked, Run.ExitRequested)
    assert (asked.actor, asked.reason, asked.detail) == (run.owner, "REQUEST", "")


@pytest.mark.parametrize("command", [ExitRun, partial(CancelOrder, order="ENTRY-1")])
def test_a_trader_is_told_who_else_asked_to_leave(
    pit: Pit, entering: Run, command: Callable[..., RunCommand]
) -> None:
    pit.bus.execute(command(run_id=entering.id), pit.platform())

    assert pit.run(entering.id).stage is Stage.EXITING
    asked = last_of(pit, entering)
    assert isinstance(asked, Run.ExitRequested)
    assert asked.detail == f"asked by {asked.actor}"


def test_a_reason_of_one_s_own_is_kept(ask: Ask, entering: Run) -> None:
    assert ask(ExitRun(run_id=entering.id, reason="KILL", detail="stop")).exit_reason == "KILL"


def test_a_run_that_ended_cannot_be_left(pit: Pit, ask: Ask, entering: Run) -> None:
    pit.follow(entering.id)

    with pytest.raises(Conflict, match="CLOSED"):
        ask(ExitRun(run_id=entering.id))


def test_somebody_else_s_run_is_not_found(pit: Pit, entering: Run) -> None:
    stranger = pit.asked(pit.trader("stranger@example.com"))

    for command in (
        ExitRun(run_id=entering.id),
        CancelOrder(run_id=entering.id, order="ENTRY-1"),
        MoveOrder(run_id=entering.id, tag="T", price=Decimal(1)),
        DeclareAbsent(run_id=entering.id, tag="T", why="x"),
    ):
        with pytest.raises(NotFound):
            pit.bus.execute(command, stranger)


def test_cancelling_an_entry_order_cancels_what_is_live_and_undoes_the_rest(
    pit: Pit, ask: Ask, entering: Run
) -> None:
    ask(CancelOrder(run_id=entering.id, order="ENTRY-1"))

    run = pit.follow(entering.id)

    assert (run.stage, run.outcome) == (Stage.CLOSED, "CANCELLED")
    assert pit.net(run.id) == {}


def test_an_exit_is_not_cancelled(ask: Ask, entering: Run) -> None:
    with pytest.raises(Conflict, match="only reduces"):
        ask(CancelOrder(run_id=entering.id, order="EXIT-1"))


def test_a_complete_entry_is_left_and_not_cancelled(pit: Pit, ask: Ask, entering: Run) -> None:
    pit.follow(entering.id, until="09:22")

    with pytest.raises(Conflict, match="leave the run"):
        ask(CancelOrder(run_id=entering.id, order="ENTRY-1"))


def test_a_live_order_is_moved_to_the_price_wished(pit: Pit, ask: Ask, entering: Run) -> None:
    tag = next(iter(entering.slices))

    ask(MoveOrder(run_id=entering.id, tag=tag, price=Decimal("19.50")))
    pit.follower.follow(entering.id)

    assert pit.run(entering.id).slices[tag].price == Decimal("19.50")


@pytest.mark.parametrize(("price", "code"), [("19.52", "not-a-tick-multiple")])
def test_a_price_off_the_tick_is_refused_by_field(
    ask: Ask, entering: Run, price: str, code: str
) -> None:
    tag = next(iter(entering.slices))

    with pytest.raises(Refused) as refused:
        ask(MoveOrder(run_id=entering.id, tag=tag, price=Decimal(price)))

    assert (refused.value.code, refused.value.field) == (code, "price")


def test_an_order_that_was_never_there_is_declared_absent_by_its_trader(pit: Pit) -> None:
    run_id = pit.opened()
    pit.fault(FaultKind.DROP_REQUEST, run_id)
    run = pit.follow(run_id, until="09:31")
    assert run.stage is Stage.EXITING
    lost = next(t for t, s in run.slices.items() if s.live)

    owner = pit.trading.load(run.owner, User)
    why = DeclareAbsent(run_id=run_id, tag=lost, why="not in the broker's book")
    pit.bus.execute(why, pit.asked(owner))

    assert pit.follow(run_id).stage is Stage.CLOSED
