"""What the views show of differences, of what was adopted in part, and of fills declared."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from adapters.store.sqlite import ApplicationEventRecorder
from adapters.views.sqlite import SQLiteTables
from bench.history import DUE, Story, by, stored, terms
from domain.account import BrokerAccount
from domain.account_terms import Drift, DriftKind, Held
from domain.declaring import declare_filled
from domain.model import acting
from domain.slices import Phase
from projections.broker_accounts import BROKER_ACCOUNTS, AccountRow
from projections.catalogue import CATALOGUE
from projections.orders import ORDERS
from projections.positions import POSITIONS, Kind, positions_on
from projections.view import TableView
from tests.projections.conftest import ReadSide

LATER = DUE + timedelta(hours=1)
NET = Drift(key="NFO:A", product="MIS", expected=65, found=0)
ORDER = Drift(kind=DriftKind.ORDER, key="NFO:A", product="MIS", order="26", expected=0, found=65)


@pytest.fixture
def side(recorder: ApplicationEventRecorder, tmp_path: Path) -> Iterator[ReadSide]:
    tables = SQLiteTables(tmp_path / "views.db")
    made = ReadSide(recorder, tables, CATALOGUE)
    yield made
    assert made.alarms == []
    tables.close()


def shown(side: ReadSide, *then: Callable[[BrokerAccount], None]) -> AccountRow:
    """The account's row after all of this, the first at DUE and the rest an hour later."""
    with acting(by(DUE)):
        account = BrokerAccount.link("ACC-1", user_id="USER-1", broker="paper", account_name="P")
        then[0](account)
    with acting(by(LATER)):
        for each in then[1:]:
            each(account)
    side.projector.apply(side.store(stored(account)))
    row = TableView(BROKER_ACCOUNTS, side.tables).get("ACC-1")
    assert row is not None
    return row


def test_a_difference_is_shown_since_it_was_first_found(side: ReadSide) -> None:
    more = NET.model_copy(update={"found": -65})

    row = shown(side, lambda a: a.drift_found(NET), lambda a: a.drift_found(more))

    (drift,) = row.drifts
    assert (drift.kind, drift.found, drift.since, drift.explained) == ("NET", -65, DUE, None)


def test_an_explanation_is_shown_beside_what_it_explains_and_nothing_else(side: ReadSide) -> None:
    row = shown(
        side,
        lambda a: a.reconciled((), (NET, ORDER)),
        lambda a: a.explain_drift(ORDER.where, "my stop"),
    )

    assert {(d.kind, d.explained) for d in row.drifts} == {("NET", None), ("ORDER", "my stop")}


def test_what_both_agree_on_again_is_shown_no_more(side: ReadSide) -> None:
    row = shown(
        side,
        lambda a: a.reconciled((), (NET, ORDER)),
        lambda a: a.explain_drift(ORDER.where, "my stop"),
        lambda a: a.reconciled((), (ORDER,)),
    )

    assert [d.kind for d in row.drifts] == ["ORDER"]


def test_of_one_contract_a_part_is_adopted_and_the_rest_external(side: ReadSide) -> None:
    adopted = Held(key="NFO:A", product="MIS", quantity=65, average_price=Decimal(10))
    external = adopted.model_copy(update={"quantity": 130})
    view = TableView(POSITIONS, side.tables)

    shown(side, lambda a: a.adopt(adopted, external))

    (position,) = positions_on(view, "ACC-1", None)
    parts = {part.kind: part.quantity for part in position.parts}
    assert (position.quantity, parts) == (195, {Kind.ADOPTED: 65, Kind.EXTERNAL: 130})


def test_a_fill_that_was_declared_is_a_fill(side: ReadSide) -> None:
    story = Story("RUN-STRAT-1-ACC-1-20260804-0920", terms())
    story.planned()
    tag = story.released(Phase.ENTRY_BUY, 0, "11.30")
    with acting(story.tick()):
        story.run.unknown(tag, "timed out")
    with acting(story.tick()):
        declare_filled(story.run, tag, 65, Decimal("11.25"), "contract note")
    side.projector.apply(side.store(story.events()))

    entry = TableView(ORDERS, side.tables).get(f"{story.run.id}-ENTRY-1")
    (position,) = positions_on(TableView(POSITIONS, side.tables), "ACC-1", None)

    assert entry is not None
    (slice_,) = entry.legs[0].slices
    assert (slice_.status, slice_.filled_qty, slice_.message) == ("COMPLETE", 65, "contract note")
    assert (position.quantity, position.average_price) == (65, Decimal("11.25"))
