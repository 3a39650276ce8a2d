"""How an order is explained."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import cast

import pytest
from eventsourcing.persistence import StoredEvent

from bench.history import MAPPER, Story, terms
from domain.model import DomainEvent, acting
from domain.slices import Phase
from projections.why import last_of, why

RUN = "RUN-STRAT-1-ACC-1-20260804-0920"


def events_of(held: Iterable[StoredEvent]) -> list[DomainEvent]:
    return [cast("DomainEvent", MAPPER.to_domain_event(each)) for each in held]


@pytest.fixture
def story() -> Story:
    return Story(RUN, terms())


def test_a_fill_leads_back_to_release_prices_plan_and_slot(story: Story) -> None:
    story.planned()
    story.entered()
    tag = next(iter(story.run.slices))
    events = events_of(story.events())

    version = last_of(events, [tag])
    assert version is not None
    causes = why(lambda stream: events if stream == RUN else [], RUN, version)

    texts = [cause.text for cause in causes]
    assert texts[0] == "COMPLETE: 65 filled at ₹11.30 on average"
    assert "ENTRY_BUY released: 1 order(s)" in texts
    assert texts[-2].startswith("chosen at SPOT ₹24500.35: BUY NIFTY")
    assert texts[-1] == "opened for slot 20260804-0350 at multiplier 1"
    assert not [text for text in texts if text.startswith("leaving")]


@pytest.mark.parametrize(
    ("reason", "detail", "mtm", "told"),
    [
        (
            "MAX_LOSS", "the limit is ₹5000", Decimal("-5010.50"),
            "leaving (MAX_LOSS): the limit is ₹5000, at a profit of ₹-5010.50",
        ),
        ("REQUEST", "", None, "leaving (REQUEST)"),
    ],
)  # fmt: skip
def test_an_exit_leads_back_to_its_reason(
    story: Story, reason: str, detail: str, mtm: Decimal | None, told: str
) -> None:
    story.planned()
    story.entered()
    with acting(story.tick()):
        story.run.request_exit(reason, detail, mtm)
    tag = story.traded(Phase.EXIT_BUY, 2, "20.10")
    events = events_of(story.events())

    version = last_of(events, [tag])
    assert version is not None
    causes = why(lambda stream: events if stream == RUN else [], RUN, version)

    assert told in [cause.text for cause in causes]


def test_what_never_happened_has_no_cause(story: Story) -> None:
    story.planned()
    events = events_of(story.events())

    assert why(lambda _: events, RUN, 99) == []
    assert last_of(events, ["NONE"]) is None
