"""What may go on while the store cannot write, and what is refused."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Final

from eventsourcing.persistence import (
    DatabaseError,
    InterfaceError,
    InternalError,
    OperationalError,
    PersistenceError,
    StoredEvent,
)

from adapters.store.succession import text_id
from domain.account import BrokerAccount
from domain.run import Run
from domain.slices import Phase

NEW_RISK: Final = frozenset((Run.Opened.TOPIC, Run.Planned.TOPIC))
#: What is asked of an account when things go wrong, and must not be refused then.
PROTECTING: Final = frozenset((BrokerAccount.Blocked.TOPIC,))


def of_storage(fault: PersistenceError) -> bool:
    """Whether the store failed, rather than what it was asked: full, unreadable, locked, broken."""
    storage = (OperationalError, InterfaceError, InternalError)
    return isinstance(fault, storage) or type(fault) is DatabaseError


def may_go_on(events: Sequence[StoredEvent]) -> bool:
    """Whether these may be kept aside: of one run, no new risk; or they protect an account."""
    streams = {text_id(event.originator_id) for event in events}
    if len(streams) != 1:
        return False
    if streams.pop().startswith("RUN-"):
        return not any(map(takes_risk, events))
    return all(event.topic in PROTECTING for event in events)


def takes_risk(event: StoredEvent) -> bool:
    """Whether this lets orders out that open something; what cannot be read might."""
    if event.topic != Run.PhaseReleased.TOPIC:
        return event.topic in NEW_RISK
    try:
        return Phase(json.loads(event.state)["phase"]).is_entry
    except (ValueError, LookupError, TypeError):
        return True
