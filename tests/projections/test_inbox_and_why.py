"""What a trader hears of, and how an order is explained."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import cast

import pytest
from eventsourcing.persistence import StoredEvent

from bench.history import DUE, MAPPER, Story, by, stored, terms
from domain.account import BrokerAccount
from domain.account_terms import Drift, FlattenScope
from domain.model import DomainEvent, acting
from domain.slices import Phase
from projections.inbox import INBOX, Gravity, Notices, notices
from projections.why import last_of, why

RUN = "RUN-STRAT-1-ACC-1-20260804-0920"


def events_of(held: Iterable[StoredEvent]) -> list[DomainEvent]:
    return [cast("DomainEvent", MAPPER.to_domain_event(each)) for each in held]


def told(events: Iterable[DomainEvent]) -> list[tuple[str, Gravity, str]]:
    """Kind, gravity and text of every notice, oldest first."""
    state: Notices | None = None
    for event in events:
        state = notices(state, event)
    rows = INBOX.rows(state) if state and INBOX.rows else {}
    return [(row.kind, row.gravity, row.text) for row in rows.values()]


@pytest.fixture
def story() -> Story:
    return Story(RUN, terms())


def test_a_run_tells_of_its_entry_its_exit_and_what_it_made(story: Story) -> None:
    story.planned()
    story.entered()
    story.left()

    assert told(events_of(story.events())) == [
        ("ENTERED", Gravity.INFO, "entered for ₹4065.75 net"),
        ("EXIT", Gravity.INFO, "leaving (TIME): 15:00"),
        ("CLOSED", Gravity.INFO, "closed (DONE): ₹1473.68 after charges"),
    ]


def test_a_limit_that_was_hit_and_a_skipped_entry_are_warnings(story: Story) -> None:
    story.planned()
    story.entered()
    story.left("STOP_LOSS")
    skipped = Story(f"{RUN}X", terms())
    with acting(skipped.tick()):
        skipped.run.skip("MARGIN", "needs ₹90000")

    assert ("EXIT", Gravity.WARNING, "leaving (STOP_LOSS): 15:00") in told(
        events_of(story.events())
    )
    assert told(events_of(skipped.events())) == [
        ("SKIPPED", Gravity.WARNING, "not entered (MARGIN): needs ₹90000")
    ]


def test_an_alert_is_an_alarm_until_it_is_over(story: Story) -> None:
    story.planned()
    with acting(story.tick()):
        story.run.alert("EXIT_BLOCKED", "the broker does not answer")
    with acting(story.tick()):
        story.run.clear_alert("EXIT_BLOCKED")

    assert told(events_of(story.events())) == [
        ("EXIT_BLOCKED", Gravity.ALARM, "the broker does not answer"),
        ("EXIT_BLOCKED", Gravity.INFO, "this is over"),
    ]


def test_an_account_tells_of_blocks_drift_and_its_session() -> None:
    drift = Drift(key="NFO:X", product="MIS", expected=0, found=65)
    with acting(by(DUE, "USER-1")):
        account = BrokerAccount.link("ACC-1", user_id="USER-1", broker="kite", account_name="K")
        account.connected("AB1234", ("OPTIONS",))
        account.stop("enough", FlattenScope.OWN)
        account.release("calm again")
        account.drift_found(drift)
        account.drift_resolved("NFO:X", "MIS", "sold by hand")
        account.session_ended("a day is over", expired=True)

    found = told(events_of(stored(account)))

    assert [(kind, gravity) for kind, gravity, _ in found] == [
        ("BLOCKED", Gravity.ALARM),
        ("RELEASED", Gravity.INFO),
        ("DRIFT", Gravity.ALARM),
        ("DRIFT", Gravity.INFO),
        ("SESSION_ENDED", Gravity.WARNING),
    ]
    assert found[2][2] == "NFO:X: the broker has 65, we expected 0"


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


def test_an_exit_leads_back_to_its_reason(story: Story) -> None:
    story.planned()
    story.entered()
    with acting(story.tick()):
        story.run.request_exit("MAX_LOSS", "the limit is ₹5000", Decimal("-5010.50"))
    tag = story.traded(Phase.EXIT_BUY, 2, "20.10")
    events = events_of(story.events())

    version = last_of(events, [tag])
    assert version is not None
    causes = why(lambda stream: events if stream == RUN else [], RUN, version)

    reason = "leaving (MAX_LOSS): the limit is ₹5000, at a profit of ₹-5010.50"
    assert reason in [cause.text for cause in causes]


def test_what_never_happened_has_no_cause(story: Story) -> None:
    story.planned()
    events = events_of(story.events())

    assert why(lambda _: events, RUN, 99) == []
    assert last_of(events, ["NONE"]) is None
