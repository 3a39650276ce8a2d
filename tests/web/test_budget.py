"""What a first visit loads."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Final

from adapters.api.desk import BUILT

#: Bytes of script, gzipped, before the landing page is shown.
FIRST_LOAD: Final = 300_000
LANDING: Final = "src/pages/today/Today.tsx"


def needed(manifest: dict[str, dict[str, list[str]]], *names: str) -> set[str]:
    """Every chunk that these import, and they themselves."""
    found: set[str] = set()
    waiting = list(names)
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.add(name)
            waiting += manifest[name].get("imports", [])
    return found


def test_the_first_page_needs_less_than_300_kb_of_script() -> None:
    manifest = json.loads((BUILT / ".vite" / "manifest.json").read_text())

    chunks = needed(manifest, "index.html", LANDING)
    scripts = [BUILT / manifest[chunk]["file"] for chunk in chunks]
    size = sum(len(gzip.compress(script.read_bytes())) for script in scripts)

    assert size < FIRST_LOAD, {path.name: len(gzip.compress(path.read_bytes())) for path in scripts}


def test_charts_are_loaded_only_where_one_is_drawn() -> None:
    manifest = json.loads((BUILT / ".vite" / "manifest.json").read_text())

    landing = needed(manifest, "index.html", LANDING)

    drawn = [BUILT / manifest[chunk]["file"] for chunk in landing]
    assert not any("createOptionsChart" in script.read_text() for script in drawn)


def test_no_file_of_the_desk_names_another_host() -> None:
    page = (BUILT / "index.html").read_text()
    styles = [each.read_text() for each in Path(BUILT / "assets").glob("*.css")]

    assert "//" not in page
    assert not any("url(http" in style or "@import" in style for style in styles)
