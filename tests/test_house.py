"""The order of the house: what a tracked file may hold, and what the locks may say."""

from __future__ import annotations

import ast
import json
import re
import subprocess
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
LOCKS = sorted((ROOT / "requirements").glob("*.lock"))
LINES_AT_MOST = 300
BYTES_AT_MOST = 1_000_000
EVERYTHING = {"Exception", "BaseException"}

# Brackets around one letter keep these patterns from matching their own text.
MACHINE_PATH = re.compile(r"(?<![\w.:/~$}-])/(root|work|tmp|home|Users|mnt)/\w|[A-Z]:\\Users")
ADDRESS = re.compile(
    r"(pyp[i]\.org|pythonhosted\.org|npmj[s]\.(org|com)|deb\.debia[n]\.org|yarnpk[g]\.com"
    r"|ghcr\.i[o]|docker\.i[o]|crates\.i[o]|mave[n]\.org)"
    r"|https?://\S+\.(whl|tar\.gz|tgz|zip|jar|deb|exe)\b"
    r"|--(extra-)?index-ur[l][ =]|--find-link[s][ =]"
)
UNFINISHED = re.compile(
    r"\bTO[D]O\b|\bFIX[M]E\b|\bXX[X]\b|\bHAC[K]\b|NotImplemente[d]Error"
    r"|pytest\.(ski[p]|xfai[l]|importorski[p])|mark\.(ski[p]|xfai[l])|unittest\.ski[p]|\bSkipTes[t]\b"
)


def tracked() -> list[str]:
    """All files that are, or are about to be, under version control."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    return [path for path in listed.split("\0") if path and (ROOT / path).is_file()]


FILES = tracked()
PYTHON = [path for path in FILES if path.endswith(".py")]
SCRIPTS = [path for path in FILES if path.endswith(".sh") or path == ".ci/run"]
DESK = [path for path in FILES if path.startswith("web/") and path.endswith((".ts", ".tsx"))]
LEFT_OUT = re.compile(
    r"\b(test|it|describe)\.(ski[p]|onl[y]|tod[o]|fail[s])\b|@ts-(ignor[e]|nochec[k])|\bas an[y]\b"
)


def found(pattern: re.Pattern[str], paths: list[str]) -> Iterator[str]:
    """Every line of these files in which the pattern occurs, with its place."""
    for path in paths:
        content = (ROOT / path).read_bytes()
        if b"\0" in content:
            continue  # pictures and the like
        for number, line in enumerate(content.decode().splitlines(), 1):
            if pattern.search(line):
                yield f"{path}:{number}: {line.strip()[:120]}"


def test_no_file_names_a_path_of_somebodys_machine() -> None:
    assert list(found(MACHINE_PATH, FILES)) == []


def test_no_file_names_a_registry_or_a_download_address() -> None:
    assert list(found(ADDRESS, FILES)) == []


def test_nothing_is_left_unfinished_or_skipped() -> None:
    assert list(found(UNFINISHED, [*PYTHON, *DESK])) == []
    assert DESK
    assert list(found(LEFT_OUT, DESK)) == []


def wholesale(source: str) -> Iterator[int]:
    """Lines that catch everything; who only tidies up and raises it again is let pass."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.ExceptHandler):
            caught = {*ast.walk(node.type)} if node.type else set()
            everything = {one.id for one in caught if isinstance(one, ast.Name)} & EVERYTHING
            last = node.body[-1]
            again = isinstance(last, ast.Raise) and last.exc is None
            if (node.type is None or everything) and not again:
                yield node.lineno
        elif isinstance(node, ast.Call) and re.match(
            r"(contextlib\.)?suppress\(.*\b(Base)?Exception\b", ast.unparse(node)
        ):
            yield node.lineno


def test_no_error_is_caught_without_a_name() -> None:
    caught = [f"{path}:{line}" for path in PYTHON for line in wholesale((ROOT / path).read_text())]

    assert caught == []


@pytest.mark.parametrize(
    "handler",
    [
        "except:\n    pass",
        "except Exception:\n    pass",
        "except (OSError, Exception) as error:\n    print(error)",
        "except BaseException:\n    print(1)",
        "except Exception as error:\n    raise ValueError from error",
        "finally:\n    suppress(OSError, Exception)",
    ],
)
def test_catching_wholesale_is_recognised(handler: str) -> None:
    assert list(wholesale(f"try:\n    x()\n{handler}"))


@pytest.mark.parametrize(
    "handler",
    ["except OSError:\n    pass", "except BaseException:\n    tidy()\n    raise"],
)
def test_catching_by_name_or_raising_again_is_let_pass(handler: str) -> None:
    assert not list(wholesale(f"try:\n    x()\n{handler}"))


@pytest.mark.parametrize(
    "line",
    [
        "x = 1  # TO" + "DO: later",
        "raise NotImplemented" + "Error",
        "@pytest.mark.ski" + "p(reason='slow')",
        "    pytest.ski" + "p('no Java')",
    ],
)
def test_unfinished_work_is_recognised(line: str) -> None:
    assert UNFINISHED.search(line)


@pytest.mark.parametrize("line", ["cd /ro" + "ot/x", 'open("/tm' + 'p/x")', "see /wor" + "k/main"])
def test_a_path_of_a_machine_is_recognised(line: str) -> None:
    assert MACHINE_PATH.search(line)


@pytest.mark.parametrize(
    "line", ["docs/work/x", "https://host/home/x", "$HOME/tmp/x", "a / tmp / b"]
)
def test_a_path_inside_the_project_or_a_server_is_let_pass(line: str) -> None:
    assert not MACHINE_PATH.search(line)


def test_recorded_market_data_is_never_tracked() -> None:
    assert [
        path for path in FILES if path.endswith((".parquet", ".csv.gz", ".sqlite", ".db"))
    ] == []


def test_no_tracked_file_is_heavy() -> None:
    heavy = [path for path in FILES if (ROOT / path).stat().st_size > BYTES_AT_MOST]

    assert heavy == []


def test_files_outside_the_tests_stay_short() -> None:
    code = [path for path in [*PYTHON, *SCRIPTS, *DESK] if not path.startswith("tests/")]
    lengths = {path: ideas_in((ROOT / path).read_text()) for path in code}

    assert {path: length for path, length in lengths.items() if length > LINES_AT_MOST} == {}


def ideas_in(text: str) -> int:
    """Lines of a file, but for the events nested in an aggregate: those are its data, not ideas."""
    lines = text.splitlines()
    if "class DomainEvent" in text or "DomainEvent, frozen=True" not in text:
        return len(lines)
    events = [
        node
        for outer in ast.parse(text).body
        if isinstance(outer, ast.ClassDef)
        for node in outer.body
        if isinstance(node, ast.ClassDef)
    ]
    return len(lines) - sum(
        (event.end_lineno or event.lineno) - event.lineno + 2 for event in events
    )


def test_every_test_is_in_a_file_that_pytest_collects() -> None:
    ours = [path for path in PYTHON if path.startswith("tests/")]
    left_out_by_pytest = {"build", "dist", "node_modules", "venv", "CVS"}

    packages = [path for path in ours if path.endswith("__init__.py")]
    passed_over = [path for path in ours if left_out_by_pytest & {*Path(path).parent.parts}]
    unnamed = [
        path
        for path in ours
        if not Path(path).name.startswith("test_")
        and re.search(r"^def test_|^class Test", (ROOT / path).read_text(), re.MULTILINE)
    ]
    ignoring = list(found(re.compile(r"^collect_ignor[e]|pytest_ignor[e]_collect"), ours))

    assert packages + passed_over + unnamed + ignoring == []


LOCK_LINE = re.compile(
    r"#.*"
    r"|[A-Za-z0-9][A-Za-z0-9._-]*==[A-Za-z0-9.!+_-]+( ; [^/@]+)? \\"
    r"|    --hash=sha256:[0-9a-f]{64}( \\)?"
)


def test_the_lock_of_the_desk_holds_no_addresses_and_a_hash_for_each_package() -> None:
    packages = json.loads((ROOT / "web" / "package-lock.json").read_text())["packages"]
    theirs = {name: each for name, each in packages.items() if name}

    assert theirs
    assert [name for name, each in theirs.items() if "resolved" in each] == []
    assert [name for name, each in theirs.items() if not each.get("integrity")] == []


@pytest.mark.parametrize("lock", LOCKS, ids=lambda lock: lock.name)
def test_a_lock_holds_names_versions_and_hashes_only(lock: Path) -> None:
    lines = lock.read_text().splitlines()

    assert [line for line in lines if not LOCK_LINE.fullmatch(line)] == []


def pins(purpose: str) -> set[str]:
    """`name==version ; marker` of every package in a lock."""
    text = (ROOT / "requirements" / f"{purpose}.lock").read_text()
    return {
        line.removesuffix(" \\")
        for line in text.splitlines()
        if "==" in line[:80] and line[0] != " "
    }


def test_what_runs_is_what_was_tested() -> None:
    assert pins("run") <= pins("test")


def test_every_declared_dependency_is_locked() -> None:
    declared = tomllib.loads((ROOT / "pyproject.toml").read_text())
    wanted = [*declared["project"]["dependencies"], *declared["dependency-groups"]["build"]]
    tools = [
        *declared["dependency-groups"]["test"],
        *declared["project"]["optional-dependencies"]["infra"],
    ]

    assert names(wanted) <= names(pins("run"))
    assert names(tools) <= names(pins("test"))


def names(requirements: list[str] | set[str]) -> set[str]:
    """The packages' names as indexes compare them."""
    return {re.split(r"[^a-z0-9-]", re.sub(r"[._-]+", "-", one.lower()))[0] for one in requirements}


@pytest.mark.parametrize("script", SCRIPTS)
def test_a_script_is_sound_bash(script: str) -> None:
    parsed = subprocess.run(["bash", "-n", script], cwd=ROOT, capture_output=True, check=False)

    assert (parsed.returncode, parsed.stderr) == (0, b"")
