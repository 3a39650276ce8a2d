"""Look for secrets in every line that is, or ever was, under version control.

Exit codes: 0 none was found; 1 some were: each is told with its place, and never repeated.
What looks like one and is none is named in secret_scan.toml, by its digest and with the reason.
"""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory
from typing import Final

from detect_secrets.core.plugins.util import get_mapping_from_secret_type_to_class
from detect_secrets.core.potential_secret import PotentialSecret
from detect_secrets.core.scan import scan_file
from detect_secrets.settings import transient_settings

ROOT: Final = Path(__file__).parents[1]
KNOWN: Final = Path(__file__).with_name("secret_scan.toml")
#: What these take for a secret is mostly a hash of a lock, or an address of a document.
NOISY: Final = frozenset(("Base64HighEntropyString", "HexHighEntropyString", "IPPublicDetector"))
#: The passwords that tests play with are none; keys and tokens are looked for there, too.
NOT_IN_TESTS: Final = frozenset(("KeywordDetector", "BasicAuthDetector"))
PASSED_OVER: Final = frozenset((".lock", ".svg"))
NEW_FILE: Final = re.compile(r"^\+\+\+ (?:b/(.*?)|/dev/null)\t?$")


@dataclass(frozen=True)
class Place:
    """Where a line was first written."""

    commit: str
    path: str

    def __str__(self) -> str:
        return f"{self.path} ({self.commit})"


@dataclass
class Lines:
    """Different lines of one kind of file, each with its place."""

    places: dict[str, Place] = field(default_factory=dict)

    def add(self, line: str, place: Place) -> None:
        self.places.setdefault(line, place)


Kind = tuple[bool, str]  # whether it is of a test, and the file's suffix


def kind_of(path: str) -> Kind | None:
    """None for files in which there is nothing to look for."""
    pure = PurePosixPath(path)
    return None if pure.suffix in PASSED_OVER else (pure.parts[0] == "tests", pure.suffix)


def git(*arguments: str, folder: Path) -> str:
    command = ["git", "-c", "core.quotepath=off", *arguments]
    told = subprocess.run(command, cwd=folder, capture_output=True, check=True)
    return told.stdout.decode(errors="replace")


def history(folder: Path) -> Iterator[tuple[Place, str]]:
    """Every line that was ever added, on any branch."""
    commit = path = ""
    log = git("log", "--all", "--format=@%h", "-p", "-m", "--unified=0", "--no-color",
              "--no-ext-diff", folder=folder)  # fmt: skip
    for line in log.split("\n"):
        if line.startswith("@") and not line.startswith("@@"):
            commit = line[1:]
        elif (named := NEW_FILE.match(line)) is not None:
            path = named[1] or ""
        elif line.startswith("+") and path:
            yield Place(commit, path), line[1:]


def tree(folder: Path) -> Iterator[tuple[Place, str]]:
    """Every line of what is, or is about to be, under version control."""
    listed = git("ls-files", "-z", "--cached", "--others", "--exclude-standard", folder=folder)
    for path in filter(None, listed.split("\0")):
        if (folder / path).is_file():
            content = (folder / path).read_bytes()
            if b"\0" not in content:  # pictures and the like
                for line in content.decode(errors="replace").split("\n"):
                    yield Place("not committed", path), line


def gathered(folder: Path) -> Mapping[Kind, Lines]:
    """Each line once, whatever files it is in."""
    kinds: dict[Kind, Lines] = {}
    for source in (history(folder), tree(folder)):
        for place, line in source:
            kind = kind_of(place.path)
            if kind is not None and line.strip():
                kinds.setdefault(kind, Lines()).add(line, place)
    return kinds


def found(folder: Path, known: Mapping[str, str]) -> list[str]:
    """What looks like a secret and is not known to be none, with its place."""
    told: dict[str, None] = {}
    with TemporaryDirectory() as scratch:
        for (of_test, suffix), lines in gathered(folder).items():
            file = Path(scratch) / f"lines{suffix}"
            # A line holds no other end of a line than its own.
            file.write_text("\n".join(re.sub(r"[\r\x0b-\x1e\x85\u2028\u2029]", " ", line)
                                      for line in lines.places))  # fmt: skip
            places = list(lines.places.values())
            with transient_settings({"plugins_used": plugins(of_test)}):
                suspects: list[PotentialSecret] = list(scan_file(str(file)))
            for each in suspects:
                if digest(each.secret_value or "") not in known:
                    told[f"{places[each.line_number - 1]}: {each.type}"] = None
    return sorted(told)


def plugins(of_test: bool) -> list[dict[str, str]]:
    """Every detector of the library but the noisy ones."""
    detectors: Mapping[str, type] = get_mapping_from_secret_type_to_class()
    names = {each.__name__ for each in detectors.values()}
    left_out = NOISY | NOT_IN_TESTS if of_test else NOISY
    return [{"name": name} for name in sorted(names - left_out)]


def digest(text: str) -> str:
    return sha256(text.encode()).hexdigest()[:32]


def known_to_be_none(path: Path = KNOWN) -> Mapping[str, str]:
    """Why each of these is no secret, by its digest."""
    told: Mapping[str, str] = tomllib.loads(path.read_text())["none"]
    return told


def main(folder: Path) -> int:
    """Scan, print what was found, and answer the exit code."""
    if git("rev-parse", "--is-shallow-repository", folder=folder).strip() == "true":
        print("this clone is shallow: its history was NOT looked at")
    suspects = found(folder, known_to_be_none())
    print(*suspects or ["no secret was found"], sep="\n")
    return int(bool(suspects))


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT))
