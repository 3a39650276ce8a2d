from __future__ import annotations

import gzip
from collections import Counter
from datetime import date
from pathlib import Path

import pytest

from adapters.brokers.zerodha.dump import Dump, read_dump
from adapters.brokers.zerodha.listing_diff import NAMED, Difference, difference
from domain.listing import Change, ChangeKind
from tests.adapters.brokers.zerodha.lists import DAY, listing, option

CALL, PUT = "NIFTY2681824500CE", "NIFTY2681824500PE"


def dump(*rows: str) -> Dump:
    return read_dump("NFO", listing(*rows), DAY)


def between(before: str, after: str) -> Difference:
    """What changed beside a put that did not."""
    put = option(PUT, 9)
    return difference(dump(before, put), dump(after, put), DAY)


@pytest.mark.parametrize(
    ("changes", "kind", "was", "now"),
    [
        ({"lot": "75"}, ChangeKind.LOT, "65", "75"),
        ({"tick": "0.1"}, ChangeKind.TICK, "0.05", "0.1"),
        ({"expiry": "2026-08-19"}, ChangeKind.EXPIRY, "2026-08-18", "2026-08-19"),
        ({"strike": "24505.0"}, ChangeKind.STRIKE, "24500", "24505"),
        ({"lot": "0"}, ChangeKind.LOT, "65", None),
    ],
)
def test_a_fact_of_a_contract_that_is_still_listed_has_changed(
    changes: dict[str, str], kind: ChangeKind, was: str, now: str | None
) -> None:
    found = between(option(CALL, 8), option(CALL, 8, **changes))

    (change,) = found.changes
    assert (change.kind, change.was, change.now) == (kind, was, now)
    assert (change.underlying, change.symbols, change.count) == ("NIFTY", (CALL,), 1)
    assert found.touched.symbols == {CALL}
    assert found.touched.underlyings == {"NIFTY"}


def test_a_list_that_says_the_same_has_no_changes() -> None:
    found = between(option(CALL, 8), option(CALL, 8, strike="24500", tick="0.050"))

    assert found.changes == ()
    assert not found.touched


def test_what_went_before_its_expiry_has_vanished_and_what_expired_has_not() -> None:
    before = dump(option(CALL, 8), option("NIFTY2681124500CE", 7, expiry="2026-08-11"))

    found = difference(before, dump(option(PUT, 9)), DAY)

    (change,) = found.changes
    assert (change.kind, change.symbols) == (ChangeKind.VANISHED, (CALL,))
    assert found.touched.symbols == {CALL}


def test_a_token_that_was_anothers_is_told_with_the_contract_that_has_it_now() -> None:
    before = dump(option("NIFTY2681124500CE", 7, expiry="2026-08-11"), option(CALL, 8))
    after = dump(option(CALL, 8), option("NIFTY26SEP24500CE", 7, expiry="2026-09-29"))

    found = difference(before, after, DAY)

    (change,) = found.changes
    assert (change.kind, change.symbols) == (ChangeKind.TOKEN_REUSED, ("NIFTY26SEP24500CE",))
    assert found.touched.symbols == {"NIFTY26SEP24500CE"}
    assert found.touched.underlyings == frozenset()


def test_the_same_change_of_many_contracts_is_one_that_names_some() -> None:
    strikes = range(24000, 24020)
    before, after = (
        dump(*[option(f"NIFTY26818{k}CE", k, lot=lot) for k in strikes]) for lot in ("75", "65")
    )

    found = difference(before, after, DAY)

    assert [(each.count, len(each.symbols)) for each in found.changes] == [(20, NAMED)]
    assert len(found.touched.symbols) == 20


def test_real_lists_a_year_apart_changed_lots_lost_contracts_and_reused_tokens(
    recorded_data: Path,
) -> None:
    before, after = (
        nfo(recorded_data / "instruments" / name)
        for name in ("2025-09-24_NFO.csv.gz", "2026-08-17_NFO_BFO.csv.gz")
    )

    found = difference(before, after, DAY)

    counted: Counter[ChangeKind] = Counter()
    for change in found.changes:
        counted[change.kind] += change.count
    assert counted == {
        ChangeKind.LOT: 115,
        ChangeKind.VANISHED: 106,
        ChangeKind.TOKEN_REUSED: 10251,
    }
    lots = {(c.was, c.now) for c in found.changes if c.kind is ChangeKind.LOT}
    assert lots == {("75", "65")}
    assert found.touched.underlyings == {"NIFTY"}
    assert sum(len(change.model_dump_json()) for change in found.changes) < 300_000
    assert all(isinstance(change, Change) for change in found.changes)


def nfo(path: Path) -> Dump:
    header, *rows = gzip.decompress(path.read_bytes()).decode().splitlines()
    ours = [row for row in rows if row.endswith(",NFO")]
    return read_dump("NFO", "\n".join([header, *ours]), date.fromisoformat(path.name[:10]))
