from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from pydantic import ValidationError

from domain.account import BrokerAccount
from domain.account_terms import AccountStatus, Drift, FlattenScope, Held, Limits
from domain.model import Origin, Refused, acting
from domain.refusal import Conflict

AT = datetime(2026, 8, 4, 3, 30, tzinfo=UTC)
CALL = "NFO:NIFTY2680424500CE"


@pytest.fixture(autouse=True)
def _by_the_trader() -> Iterator[None]:
    with acting(Origin(at=AT, actor="USER-1", correlation_id="C1")):
        yield


@pytest.fixture
def zerodha() -> BrokerAccount:
    return BrokerAccount.link(
        "ACC-1", user_id="USER-1", broker="zerodha", account_name="Primary", secrets_ref="vault:1"
    )


def held(quantity: int = 130) -> Held:
    return Held(key=CALL, product="NRML", quantity=quantity, average_price=Decimal("101.5"))


def facts(account: BrokerAccount) -> list[str]:
    return [type(event).__name__ for event in account.pending_events[1:]]


def test_a_paper_account_is_connected_at_once() -> None:
    paper = BrokerAccount.link("ACC-2", user_id="USER-1", broker="paper", account_name="Paper")

    assert paper.paper
    assert paper.tradable


def test_a_paper_account_has_no_secret() -> None:
    with pytest.raises(Refused, match="no secret"):
        BrokerAccount.link(
            "ACC-2", user_id="USER-1", broker="paper", account_name="Paper", secrets_ref="vault:1"
        )


def test_a_broker_account_trades_once_its_trader_logged_in(zerodha: BrokerAccount) -> None:
    assert not zerodha.tradable

    zerodha.connected("AB1234", ("OPTIONS", "EQUITY"), AT)
    zerodha.connected("AB1234", ("OPTIONS", "EQUITY"), AT)

    assert zerodha.tradable
    assert facts(zerodha) == ["Connected"]


def test_a_session_ends_once_and_is_no_edit(zerodha: BrokerAccount) -> None:
    zerodha.connected("AB1234", ("OPTIONS",), AT)

    zerodha.session_ended("TokenException", expired=True)
    zerodha.session_ended("TokenException", expired=True)

    assert zerodha.status is AccountStatus.EXPIRED
    assert facts(zerodha) == ["Connected", "SessionEnded"]
    assert zerodha.edition == 1


def test_the_kill_switch_says_who_turned_it_and_why(zerodha: BrokerAccount) -> None:
    zerodha.stop("runaway")
    zerodha.stop("again")

    assert zerodha.block is not None
    assert (zerodha.block.reason, zerodha.block.actor) == ("runaway", "USER-1")
    assert zerodha.block.since == AT
    assert facts(zerodha) == ["Blocked"]


def test_the_kill_switch_can_be_widened_to_everything_but_not_narrowed(
    zerodha: BrokerAccount,
) -> None:
    zerodha.stop("runaway")
    zerodha.stop("all of it", FlattenScope.ALL)
    zerodha.stop("less", FlattenScope.OWN)

    assert zerodha.block is not None
    assert zerodha.block.scope is FlattenScope.ALL
    assert facts(zerodha) == ["Blocked", "Blocked"]


def test_a_blocked_account_trades_again_when_released(zerodha: BrokerAccount) -> None:
    zerodha.connected("AB1234", ("OPTIONS",), AT)
    zerodha.stop("runaway")
    assert not zerodha.tradable

    zerodha.release("looked into")
    zerodha.release("looked into")

    assert zerodha.tradable
    assert facts(zerodha) == ["Connected", "Blocked", "Released"]


@pytest.mark.parametrize("limit", Limits.model_fields)
def test_a_limit_is_positive_or_absent(limit: str) -> None:
    assert Limits(**{limit: 1})

    with pytest.raises(ValidationError, match="greater than 0"):
        Limits(**{limit: 0})


def test_limits_are_set_as_a_whole(zerodha: BrokerAccount) -> None:
    zerodha.set_limits(Limits(max_lots=10, max_daily_loss=Decimal(20000)))
    zerodha.set_limits(Limits(max_lots=10, max_daily_loss=Decimal(20000)))

    assert zerodha.limits.max_lots == 10
    assert facts(zerodha) == ["LimitsSet"]


def test_an_account_with_open_runs_cannot_be_unlinked(zerodha: BrokerAccount) -> None:
    with pytest.raises(Conflict, match="still open"):
        zerodha.unlink(["RUN-1"])

    zerodha.unlink([])

    assert zerodha.deleted


def test_a_position_is_either_adopted_or_external(zerodha: BrokerAccount) -> None:
    where = (CALL, "NRML")

    zerodha.reconciled([held()])
    assert list(zerodha.external) == [where]

    zerodha.adopt(held())
    assert list(zerodha.adopted) == [where]
    assert not zerodha.external

    zerodha.ignore(held())
    zerodha.ignore(held())
    assert not zerodha.adopted
    assert facts(zerodha) == ["Reconciled", "PositionAdopted", "PositionIgnored"]


def test_drift_stops_its_contract_until_broker_and_platform_agree(zerodha: BrokerAccount) -> None:
    drift = Drift(key=CALL, product="NRML", expected=65, found=130)

    zerodha.reconciled([], [drift])
    zerodha.reconciled([], [drift])
    assert zerodha.drifting(CALL, "NRML")
    assert not zerodha.drifting("NFO:NIFTY2680424500PE", "NRML")

    zerodha.reconciled([])

    assert not zerodha.drifting(CALL, "NRML")
    assert zerodha.last_sync == AT
    assert facts(zerodha) == [
        "Reconciled",
        "DriftFound",
        "Reconciled",
        "Reconciled",
        "DriftResolved",
    ]


def test_what_is_edited_counts_and_the_same_again_does_not(zerodha: BrokerAccount) -> None:
    zerodha.edit("Second", "vault:1", "203.0.113.7")
    zerodha.edit("Second", "vault:1", "203.0.113.7")

    assert (zerodha.account_name, zerodha.static_ip) == ("Second", "203.0.113.7")
    assert zerodha.edition == 2
