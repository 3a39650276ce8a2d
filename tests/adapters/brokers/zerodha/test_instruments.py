from __future__ import annotations

import gzip
from datetime import date, timedelta
from pathlib import Path

import pytest

from adapters.brokers.zerodha.instruments import Instruments
from adapters.clock import SteppedClock
from domain.model import Refused
from domain.strikes import ExpiryRule, expiry_of
from tests.adapters.brokers.zerodha.lists import CALL, DAY, PUT, Exchange, option
from tests.adapters.market.recorded_days import minute

TOMORROW = DAY + timedelta(days=1)
ALL = ("NFO", "BFO", "NSE", "BSE")
KEY = "NFO:NIFTY2681824500CE"


class Morning:
    """The lists of a platform that starts at some time of the day."""

    def __init__(self, folder: Path, at: str = "08:31", exchange: Exchange | None = None) -> None:
        self.folder = folder
        self.clock = SteppedClock(minute(at, DAY))
        self.exchange = exchange or Exchange()
        self.lists = self.opened()

    def opened(self) -> Instruments:
        return Instruments(self.folder, self.exchange.fetch, self.clock)

    def fetch(self) -> None:
        self.lists.fetch(self.lists.lacking(self.clock.now()))

    def at(self, text: str, day: date = DAY) -> None:
        self.clock.advance_to(minute(text, day))


@pytest.fixture
def morning(tmp_path: Path) -> Morning:
    return Morning(tmp_path)


def test_what_was_fetched_this_morning_is_what_is_listed_today(morning: Morning) -> None:
    morning.fetch()

    listed = morning.lists.listed(DAY)

    assert listed.chain.get(KEY) is not None
    assert listed.chain.by_symbol("SENSEX2682080000CE") is not None
    assert listed.tokens[KEY] == 1001
    assert listed.spot_key("NIFTY") == "NSE:NIFTY 50"
    assert listed.tokens["NSE:M&M"] == 519937
    assert listed.chain.unknown == ()
    assert morning.lists.chain(DAY) is listed.chain


def test_a_restart_reads_the_lists_from_disk_and_asks_nobody(morning: Morning) -> None:
    morning.fetch()
    asked = list(morning.exchange.asked)

    again = morning.opened()

    assert again.lacking(morning.clock.now()) == []
    assert again.chain(DAY).get(KEY) == morning.lists.chain(DAY).get(KEY)
    assert morning.exchange.asked == asked


def test_yesterdays_list_is_never_todays(morning: Morning) -> None:
    morning.fetch()
    morning.at("08:30", TOMORROW)
    morning.exchange.down = set(ALL)

    morning.fetch()
    chain = morning.lists.chain(TOMORROW)

    assert chain.contracts == ()
    with pytest.raises(Refused, match="NFO on 2026-08-18 are not known: no answer") as refusal:
        expiry_of(chain, "NIFTY", ExpiryRule.WEEKLY)
    assert refusal.value.code == "no-listing"


def test_before_half_past_eight_the_last_list_shows_what_is_known_so_far(morning: Morning) -> None:
    morning.fetch()
    morning.at("08:29", TOMORROW)

    assert morning.lists.chain(TOMORROW).get(KEY) is not None

    morning.at("08:30", TOMORROW)
    assert morning.lists.chain(TOMORROW).get(KEY) is None


def test_what_was_fetched_before_half_past_eight_is_fetched_again(tmp_path: Path) -> None:
    early = Morning(tmp_path, at="07:10")
    early.fetch()
    assert early.lists.lacking(early.clock.now()) == []

    early.at("08:30")

    assert early.lists.lacking(early.clock.now()) == list(ALL)
    assert early.lists.chain(DAY).contracts == ()


def test_one_exchange_that_does_not_answer_leaves_the_others_traded(morning: Morning) -> None:
    morning.exchange.down = {"BFO"}

    morning.fetch()
    chain = morning.lists.chain(DAY)

    assert morning.lists.lacking(morning.clock.now()) == ["BFO"]
    assert chain.get(KEY) is not None
    refused = chain.underlying_refused("SENSEX")
    assert refused is not None
    assert refused.code == "no-listing"

    morning.exchange.down = set()
    morning.fetch()
    assert morning.lists.chain(DAY).underlying_refused("SENSEX") is None
    assert morning.lists.troubles == {}


@pytest.mark.parametrize(
    "body",
    [b"", b"<html>Bad Gateway</html>", gzip.compress(b"a,b\n1,2\n"), b"\x1f\x8bcut"],
    ids=["nothing", "a page", "another table", "cut short"],
)
def test_what_is_no_list_is_refused_and_what_was_there_stays(morning: Morning, body: bytes) -> None:
    morning.fetch()
    before = morning.lists.chain(DAY)
    morning.exchange.bodies["NFO"] = body

    morning.lists.fetch(["NFO"])

    assert "NFO" in morning.lists.troubles
    assert morning.lists.chain(DAY) is before
    assert morning.opened().chain(DAY).get(KEY) is not None


def test_a_list_that_lost_half_its_rows_is_refused(morning: Morning) -> None:
    rows = [option(f"NIFTY26818{k}CE", k) for k in range(24000, 24020)]
    morning.exchange.list("NFO", *rows)
    morning.fetch()
    morning.at("08:30", TOMORROW)
    morning.exchange.list("NFO", *rows[:9])

    morning.fetch()

    assert "9 rows, and 20 the last time" in morning.lists.troubles["NFO"]
    assert morning.lists.chain(TOMORROW).underlying_refused("NIFTY") is not None


def test_a_damaged_file_is_as_good_as_none(morning: Morning) -> None:
    morning.fetch()
    (file,) = morning.folder.glob("NFO-2*.csv.gz")
    file.write_bytes(file.read_bytes()[:-20])

    again = morning.opened()

    assert again.lacking(morning.clock.now()) == ["NFO"]
    assert again.chain(DAY).get(KEY) is None


def test_a_list_that_still_holds_what_expired_was_not_made_anew(morning: Morning) -> None:
    morning.at("08:30", date(2026, 8, 19))

    morning.fetch()

    assert morning.lists.outdated(morning.clock.now()) == ["BFO", "NFO"]


def test_only_the_lists_of_the_last_mornings_stay_on_disk(morning: Morning) -> None:
    for _ in range(13):
        morning.lists.fetch(["NFO"])
        morning.clock.sleep(86_400)

    assert len(list(morning.folder.glob("NFO-*.csv.gz"))) == 10


def test_a_new_list_replaces_the_old_one_in_one_go(morning: Morning) -> None:
    morning.fetch()
    morning.exchange.list("NFO", CALL.replace(",65,", ",75,"), PUT)

    morning.lists.fetch(["NFO"])

    found = morning.lists.chain(DAY).get(KEY)
    assert found is not None
    assert found.lot == 75
