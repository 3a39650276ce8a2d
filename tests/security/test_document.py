"""docs/security.md speaks of what is there, and leaves no item of the standard out."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "docs" / "security.md").read_text()
#: Items of level 2 in each section of OWASP ASVS 4.0.3.
LEVEL_2 = {
    "1.1": "1-7", "1.2": "1-4", "1.4": "1 4-5", "1.5": "1-4", "1.6": "1-4", "1.7": "1-2",
    "1.8": "1-2", "1.9": "1-2", "1.10": "1", "1.11": "1-2", "1.12": "2", "1.14": "1-6",
    "2.1": "1-12", "2.2": "1-3", "2.3": "1-3", "2.4": "1-6", "2.5": "1-7", "2.6": "1-3",
    "2.7": "1-6", "2.8": "1-7", "2.9": "1-3", "2.10": "1-4",
    "3.1": "1", "3.2": "1-4", "3.3": "1-4", "3.4": "1-5", "3.5": "1-3", "3.7": "1",
    "4.1": "1-3 5", "4.2": "1-2", "4.3": "1-3",
    "5.1": "1-5", "5.2": "1-8", "5.3": "1-10", "5.4": "1-3", "5.5": "1-4",
    "6.1": "1-3", "6.2": "1-6", "6.3": "1-2", "6.4": "1-2",
    "7.1": "1-4", "7.2": "1-2", "7.3": "1 3-4", "7.4": "1-3",
    "8.1": "1-4", "8.2": "1-3", "8.3": "1-8", "9.1": "1-3", "9.2": "1-4",
    "10.2": "1-2", "10.3": "1-3", "11.1": "1-8",
    "12.1": "1-3", "12.2": "1", "12.3": "1-6", "12.4": "1-2", "12.5": "1-2", "12.6": "1",
    "13.1": "1 3-5", "13.2": "1-3 5-6", "13.3": "1-2", "13.4": "1-2",
    "14.1": "1-4", "14.2": "1-6", "14.3": "2-3", "14.4": "1-7", "14.5": "1-4",
}  # fmt: skip


def spread(first: str, last: str) -> Iterator[int]:
    yield from range(int(first), int(last or first) + 1)


def wanted() -> list[str]:
    return [
        f"{section}.{number}"
        for section, parts in LEVEL_2.items()
        for part in parts.split()
        for number in spread(part.partition("-")[0], part.partition("-")[2])
    ]


def answered() -> dict[str, str]:
    """Every item of the checklist, and what is said of it."""
    found: dict[str, str] = {}
    for items, verdict in re.findall(r"^\| (\d[\d., –]*) \| (\w+|n/a) \|", TEXT, re.MULTILINE):
        for item in items.split(", "):
            first, _, last = item.partition("–")
            section, _, number = first.rpartition(".")
            for each in spread(number, last.rpartition(".")[2]):
                assert f"{section}.{each}" not in found, f"{section}.{each} is answered twice"
                found[f"{section}.{each}"] = verdict
    return found


def test_every_item_of_level_2_is_answered_once() -> None:
    said = answered()

    assert set(wanted()) - set(said) == set()
    assert set(said) - set(wanted()) == set()
    assert set(said.values()) == {"met", "n/a", "open", "differs"}


def test_what_is_named_is_there() -> None:
    """Paths as they stand; names of files alone wherever they are in the tests or adapters."""
    named = set(re.findall(r"`([\w./-]+)`", TEXT))
    paths = {each for each in named if "/" in each and not each.startswith("/")}
    files = {each for each in named - paths if re.fullmatch(r"\w+\.py", each)}
    known = {
        path.name for folder in ("tests", "adapters") for path in (ROOT / folder).rglob("*.py")
    }

    assert [each for each in sorted(paths) if not (ROOT / each).exists()] == []
    assert sorted(files - known) == []
