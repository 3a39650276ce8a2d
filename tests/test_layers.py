"""Everything flows one way: who may import whom, and what the core may not touch."""

from __future__ import annotations

import ast
import importlib.metadata
import json
import keyword
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGES = ("domain", "commands", "projections", "adapters", "infra")
FIRST_PARTY = {*PACKAGES, "bench", "scripts", "tests"}

#: Which of our own packages each one may import.
DOWNWARD = {
    "domain": {"domain"},
    "commands": {"domain", "commands"},
    "projections": {"domain", "projections", "commands.ports"},
    "adapters": {"domain", "commands", "projections", "adapters"},
    "infra": {"domain", "commands", "projections", "adapters", "infra"},
}

#: What others publish and the core may use: it calculates or models, and never acts.
CORE_LIBRARIES = {"pydantic", "pydantic_core", "eventsourcing", "QuantLib"}
LIBRARIES = {
    "domain": CORE_LIBRARIES,
    "commands": CORE_LIBRARIES - {"QuantLib"},
    "projections": CORE_LIBRARIES - {"QuantLib"} | {"msgspec"},
}

#: The part of the standard library that only calculates. A clock, chance, files, the environment
#: and the network are missing on purpose; threading is for those whose state several threads share.
CALCULATING = {
    "__future__", "abc", "base64", "bisect", "collections", "contextlib", "contextvars", "copy",
    "dataclasses", "datetime", "decimal", "enum", "fractions", "functools", "hashlib", "heapq",
    "inspect", "ipaddress", "itertools", "json", "math", "numbers", "operator", "re",
    "statistics", "string", "types", "typing", "unicodedata", "zlib", "zoneinfo",
}  # fmt: skip
STANDARD = {
    "domain": CALCULATING,
    "commands": CALCULATING | {"threading", "logging", "concurrent", "hmac", "queue"},
    "projections": CALCULATING | {"threading", "logging", "queue", "gc"},
}

#: Ways to read the machine that need no telling import.
READS_THE_MACHINE = re.compile(
    r"((^|\.)(datetime\.(now|utcnow|today|fromtimestamp)|date\.(today|fromtimestamp)|uuid\d)"
    r"|^(open|input|print|eval|exec|__import__|breakpoint))$"
)

#: Slow to import (kiteconnect alone takes half a second): loaded where they are used.
SLOW = {"QuantLib", "boto3", "botocore", "kiteconnect", "pyarrow"}
#: Not slow enough to matter where they are always needed, yet a command may not need them.
MAY_BE_LATE = SLOW | {
    "adapters", "apprise", "argon2", "aws_cdk", "aws_lambda_powertools", "cryptography", "fastapi",
    "httpx", "jwt", "mangum", "ntplib", "pyotp", "rich", "sse_starlette", "starlette", "uvicorn",
}  # fmt: skip

#: Parts of a library that are known by its name, and are not declared apart.
COMES_WITH = {
    "botocore": "boto3",
    "constructs": "aws-cdk-lib",
    "pydantic_core": "pydantic",
    "requests": "kiteconnect",
    "starlette": "fastapi",
    "urllib3": "kiteconnect",
}


@dataclass(frozen=True)
class Import:
    """One imported module, where it stands, and whether it is loaded with its file."""

    module: str
    line: int
    at_the_top: bool
    for_types_only: bool


def imports(tree: ast.Module) -> Iterator[Import]:
    """All imports of a file; `from a import b` counts as a.b, be b a module or a thing in a."""

    def walk(node: ast.AST, top: bool, types: bool) -> Iterator[Import]:
        if isinstance(node, ast.Import):
            yield from (Import(alias.name, node.lineno, top, types) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = "." * node.level + (node.module or "")
            yield from (
                Import(f"{base}.{alias.name}", node.lineno, top, types) for alias in node.names
            )
        inside = isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda)
        checked = isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test)
        for child in ast.iter_child_nodes(node):
            yield from walk(child, top and not inside, types or checked)

    return walk(tree, True, False)


def within(module: str, allowed: set[str]) -> bool:
    """Is the module one of these, or inside one of these?"""
    return any(module == one or module.startswith(one + ".") for one in allowed)


def may_import(package: str, module: str) -> bool:
    """The table of who may import whom."""
    top = module.partition(".")[0]
    if top in FIRST_PARTY:
        return within(module, DOWNWARD[package])
    if top in sys.stdlib_module_names:
        return package not in STANDARD or top in STANDARD[package]
    return package not in LIBRARIES or top in LIBRARIES[package]


def home(path: str) -> str:
    """The folder whose insides belong together: adapters/store, adapters/brokers/paper."""
    parts = path.split("/")
    if parts[1] == "aws_lambda":
        return "adapters.aws"  # functions are the doors of that engine
    return ".".join(parts[: 3 if parts[1] == "brokers" else 2])


def is_engine(module: str) -> bool:
    """Does this module of adapters serve one engine or one broker only?"""
    return bool(re.search(r"sqlite|dynamodb|aws|cognito|secrets_manager", module)) or bool(
        re.match(r"adapters\.brokers\.\w+\.", module)
    )


#: The runtime puts the platform together, each way to run it (one process, a replayed day) puts its
#: brokers and market beside it, and the registry of brokers names them.
WIRING = {
    "adapters/runtime.py",
    "adapters/reads.py",
    "adapters/embedded.py",
    "adapters/practice.py",
    "adapters/live.py",
    "adapters/live_paper.py",
    "adapters/carrier.py",
    "adapters/venue.py",
    "adapters/worlds.py",
    "adapters/day.py",
    "adapters/day_by_kite.py",
    "adapters/brokers/__init__.py",
    "adapters/brokers/registry.py",
    "adapters/aws/platform.py",
    "adapters/aws/venue.py",
    "adapters/aws/lists.py",
    "adapters/aws/mornings.py",
    "adapters/aws/serving.py",
    "adapters/aws/watching.py",
}

#: The AWS engine keeps what it has in these.
AWS = "adapters/aws/"
KEPT_ON_AWS = re.compile(r"dynamodb|cognito|secrets_manager")


#: A simulated broker is another broker's wire in front of the paper exchange.
SIMULATORS = "adapters/simulators/"
PAPER = "adapters.brokers.paper"


def faults(path: str, source: str) -> Iterator[str]:
    """Every breach of the layers in one file of the product."""
    package = path.partition("/")[0]
    tree = ast.parse(source)
    for one in imports(tree):
        if one.module.startswith("."):
            yield f"{path}:{one.line} imports relatively"
        elif not one.for_types_only and not may_import(package, one.module):
            yield f"{path}:{one.line} may not import {one.module}"
        elif not placed_well(path, one):
            where = "late" if one.at_the_top else "at the top"
            yield f"{path}:{one.line} should import {one.module} {where}"
        elif package == "adapters" and not may_wire(path, one.module):
            yield f"{path}:{one.line} wires {one.module}, which adapters/runtime.py does"
    if package in STANDARD:
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and READS_THE_MACHINE.search(ast.unparse(node.func)):
                yield f"{path}:{node.lineno} reads the machine: {ast.unparse(node.func)}"


def may_wire(path: str, module: str) -> bool:
    """Parts of one engine are known to their own folder, and to whoever wires."""
    if not module.startswith("adapters.") or not is_engine(module):
        return True
    if path.startswith(SIMULATORS):
        return within(module, {PAPER})
    own = path.startswith(AWS) and KEPT_ON_AWS.search(module)
    return path in WIRING or bool(own) or within(module, {home(path)})


def placed_well(path: str, one: Import) -> bool:
    """Imports stand at the top, but what is slow waits until one engine or one rule needs it."""
    top = one.module.partition(".")[0]
    if one.for_types_only or path.startswith("infra/"):
        return one.for_types_only or one.at_the_top
    if one.at_the_top:
        return top not in SLOW or is_engine(dotted(path))
    return top in (MAY_BE_LATE if path.startswith("adapters/") else SLOW)


FILES = sorted(
    path.relative_to(ROOT).as_posix()
    for package in PACKAGES
    for path in (ROOT / package).rglob("*.py")
)


@pytest.mark.parametrize("path", FILES)
def test_a_file_imports_only_what_its_layer_may(path: str) -> None:
    assert list(faults(path, (ROOT / path).read_text())) == []


@pytest.mark.parametrize(
    ("path", "source"),
    [
        ("domain/run.py", "import time"),
        ("domain/run.py", "import os"),
        ("domain/run.py", "import random"),
        ("domain/run.py", "from socket import socket"),
        ("domain/run.py", "import pandas"),
        ("domain/pricing.py", "import QuantLib"),
        ("domain/run.py", "from commands.ports import Clock"),
        ("domain/run.py", "from . import leg"),
        ("domain/run.py", "def f():\n    import json"),
        ("domain/run.py", "from datetime import datetime\nx = datetime.now()"),
        ("domain/run.py", "import datetime\nx = datetime.date.today()"),
        ("domain/run.py", "x = open('f')"),
        ("commands/bus.py", "from adapters.store import sqlite"),
        ("commands/bus.py", "from projections import view"),
        ("commands/bus.py", "import boto3"),
        ("commands/bus.py", "import time"),
        ("commands/bus.py", "import uuid"),
        ("projections/runs.py", "from adapters import clock"),
        ("projections/runs.py", "from commands.bus import Bus"),
        ("adapters/api/runs.py", "from adapters.store.sqlite import Recorder"),
        ("adapters/api/runs.py", "from adapters.views import dynamodb"),
        ("adapters/api/runs.py", "from adapters.brokers.paper.broker import PaperBroker"),
        ("adapters/brokers/kite/broker.py", "from adapters.brokers.paper.book import Book"),
        ("adapters/aws/executing.py", "from adapters.views.sqlite import SQLiteTables"),
        ("adapters/aws/executing.py", "from adapters.brokers.zerodha.client import Kite"),
        ("adapters/market/recorded.py", "import pyarrow"),
        ("adapters/market/recorded.py", "def f():\n    import json"),
        ("adapters/market/recorded.py", "from tests.conftest import ROOT"),
    ],
)
def test_a_breach_of_the_layers_is_noticed(path: str, source: str) -> None:
    assert list(faults(path, source)) != []


@pytest.mark.parametrize(
    ("path", "source"),
    [
        ("domain/pricing.py", "def f():\n    import QuantLib"),
        ("domain/run.py", "from datetime import UTC, datetime"),
        ("projections/runs.py", "from commands.ports import Clock"),
        ("adapters/clock.py", "import time\nfrom datetime import datetime\nx = datetime.now"),
        ("adapters/runtime.py", "from adapters.store import dynamodb, sqlite"),
        ("adapters/brokers/registry.py", "def f():\n    from adapters.brokers import kite"),
        ("adapters/brokers/kite/broker.py", "from adapters.brokers.kite.translate import order"),
        ("adapters/views/sqlite.py", "from adapters.views.sqlite_table import Table"),
        ("adapters/market/recorded.py", "def f():\n    import pyarrow.parquet as pq"),
        ("adapters/aws/sealing.py", "from adapters.views.dynamodb import REMEMBERED"),
        ("adapters/store/dynamodb.py", "from botocore.exceptions import ClientError"),
        ("adapters/market/recorded.py", "if TYPE_CHECKING:\n    import pyarrow"),
    ],
)
def test_what_the_layers_allow_is_not_held_against_a_file(path: str, source: str) -> None:
    assert list(faults(path, source)) == []


def test_no_package_is_named_like_the_standard_library_or_a_keyword() -> None:
    folders = {part for path in FILES for part in Path(path).parent.parts}

    assert folders & ({*sys.stdlib_module_names} | {*keyword.kwlist}) == set()


def test_every_folder_of_code_is_a_package_so_that_coverage_counts_it() -> None:
    folders = {(ROOT / path).parent for path in FILES}

    assert [str(folder) for folder in folders if not (folder / "__init__.py").exists()] == []


def undeclared(paths: list[str], wanted: list[str]) -> set[str]:
    """Imports of these files that none of these requirements brings by its own name."""
    declared = {normal(re.split(r"[^A-Za-z0-9._-]", line)[0]) for line in wanted}
    published = importlib.metadata.packages_distributions()
    return {
        f"{path} imports {top}"
        for path in paths
        for one in imports(ast.parse((ROOT / path).read_text()))
        if not one.for_types_only
        and (top := one.module.partition(".")[0]) not in FIRST_PARTY | sys.stdlib_module_names
        and COMES_WITH.get(top) not in declared
        and not declared & {normal(name) for name in published.get(top, [])}
    }


def test_whatever_is_imported_is_declared() -> None:
    declared = tomllib.loads((ROOT / "pyproject.toml").read_text())
    runs = declared["project"]["dependencies"]
    infra = [*runs, *declared["project"]["optional-dependencies"]["infra"]]
    tests = [*infra, *declared["dependency-groups"]["test"]]
    around = [
        path.relative_to(ROOT).as_posix()
        for folder in ("bench", "scripts", "tests")
        for path in (ROOT / folder).rglob("*.py")
    ]

    assert undeclared([path for path in FILES if not path.startswith("infra/")], runs) == set()
    assert undeclared([path for path in FILES if path.startswith("infra/")], infra) == set()
    assert undeclared(around, tests) == set()


def normal(distribution: str) -> str:
    """A distribution's name as indexes compare it."""
    return re.sub(r"[-_.]+", "-", distribution).lower()


LOADS = """
import importlib, json, sys, threading
for name in sys.argv[1:]:
    importlib.import_module(name)
print(json.dumps({"modules": sorted(sys.modules), "threads": threading.active_count()}))
"""


def loaded_by(names: list[str], folder: Path) -> tuple[set[str], int]:
    """Which modules a fresh interpreter has after importing these, and its number of threads."""
    command = [sys.executable, "-c", LOADS, *names]
    environment = {"PYTHONPATH": str(ROOT), "HOME": str(folder)}
    done = subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, check=False
    )
    assert not done.returncode, done.stderr
    assert not done.stderr
    answer = json.loads(done.stdout)  # also shows that no import printed a thing
    return set(answer["modules"]), answer["threads"]


def dotted(path: str) -> str:
    return path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")


#: The AWS construct library starts a Node process as soon as it is imported, hence no infra here.
IMPORTABLE = [dotted(path) for path in FILES if not re.search(r"^infra/|/__main__", path)]


def test_the_ports_and_the_core_load_without_what_only_adapters_need(tmp_path: Path) -> None:
    core = [dotted(path) for path in FILES if path.partition("/")[0] in STANDARD]

    modules, _ = loaded_by(["commands.ports", *core], tmp_path)

    outside = {"boto3", "kiteconnect", "pyarrow", "fastapi", "uvicorn", "typer", "cryptography"}
    assert modules & (outside | {"adapters", "infra", "pandas", "numpy"}) == set()


def test_importing_the_platform_does_nothing(tmp_path: Path) -> None:
    _, threads = loaded_by(IMPORTABLE, tmp_path)

    assert threads == 1
    assert list(tmp_path.iterdir()) == []


def test_what_is_slow_to_import_waits_until_it_is_used(tmp_path: Path) -> None:
    modules, _ = loaded_by([one for one in IMPORTABLE if not is_engine(one)], tmp_path)

    assert modules & SLOW == set()
