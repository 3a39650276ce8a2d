"""Which of the locked packages go into which layer."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

#: What only the broker's client and the pricing library bring.
MARKET: Final = frozenset(
    (
        *("quantlib", "kiteconnect", "twisted", "autobahn", "automat", "constantly", "hyperlink"),
        *("incremental", "txaio", "zope-interface", "pyopenssl", "service-identity"),
    )
)
#: What nothing on AWS imports: tests/scripts/test_bundle.py imports every function without it.
LEFT_OUT: Final = frozenset(
    (
        "pyarrow",  # recorded days
        *("uvicorn", "uvloop", "httptools"),  # our own server
        *("typer", "rich", "shellingham", "markdown-it-py", "mdurl", "pygments"),  # command line
        *("apprise", "markdown", "oauthlib", "requests-oauthlib", "pyyaml"),  # notices but by SNS
        *("hatchling", "editables", "pathspec", "pluggy", "trove-classifiers", "tomlkit"),
        *("colorama", "pywin32"),  # Windows
    )
)
NAME: Final = re.compile(r"[a-z0-9][a-z0-9._-]*(?===)")


def layer_of(package: str) -> str | None:
    """`market`, `libraries` for all that is not said otherwise, or None."""
    if package in LEFT_OUT:
        return None
    return "market" if package in MARKET else "libraries"


def wanted(lock: str, layer: str) -> str:
    """The lines of a lock that are about packages of this layer, hashes included."""
    return "".join(block for name, block in packages(lock) if layer_of(name) == layer)


def packages(lock: str) -> Iterator[tuple[str, str]]:
    """Each locked package and its lines."""
    name, lines = "", list[str]()
    for line in lock.splitlines(keepends=True):
        if line.startswith("#"):
            continue
        if found := NAME.match(line):
            if name:
                yield name, "".join(lines)
            name, lines = found[0], []
        lines.append(line)
    if name:
        yield name, "".join(lines)
