"""Stages synthesized once for all tests and workers: one that trades, one with all that may be."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from infra.config import Config, Egress, Replica, load
from infra.front import Application, Front, OnCall
from tests.infra.templates import OUT, Stage, stand_ins, synthesize_reviewed
from tests.once import made_once

SECOND = "ap-south-2"
SECOND_KEY = f"arn:aws:kms:{SECOND}:123456789012:key/mrk-1"


ROOT = Path(__file__).parents[2]
#: Which Node is installed is not for these tests to say.
QUIET = {"JSII_SILENCE_WARNING_END_OF_LIFE_NODE_VERSION": "18,20,22"}
os.environ.update(QUIET)

#: Families behind addresses of their own, a second region that alone is written, backups copied
#: there, a domain, pages of two origins, an application, and people on call.
SPREAD = Config(
    stage="spread",
    kept=False,
    domain="api.example.com",
    certificate_arn="arn:aws:acm:ap-south-1:123456789012:certificate/0",
    egress=(
        Egress(name="shared", standby=True),
        Egress(name="family-rao", serves=("USER-RAO",)),
        Egress(name="desk", serves=("ACC-1",), allocations=("eipalloc-0123456789abcdef0",)),
    ),
    replicas=(Replica(region=SECOND, key_arn=SECOND_KEY),),
    writer_region=SECOND,
    backup_copy_vault=f"arn:aws:backup:{SECOND}:123456789012:backup-vault:far",
    front=Front(
        origins=("https://app.example.com", "https://beta.example.com"),
        applications=(Application(name="web", requests_per_second=30),),
    ),
    on_call=OnCall(urgent=("duty@example.com",), routine=("team@example.com",)),
)

NO_SOCKETS_IN_NODE = """
const refuse = () => { throw new Error("the network was asked for"); };
require("net").Socket.prototype.connect = refuse;
require("dns").lookup = refuse;
"""
NO_SOCKETS = """
import runpy, socket, sys
def refuse(*_): raise OSError("the network was asked for")
socket.socket.connect = socket.getaddrinfo = refuse
out, bundles = sys.argv[1:]
sys.argv = ["infra.app", "--stage", "prod", "--out", out, "--bundles", bundles]
runpy.run_module("infra.app", run_name="__main__")
"""


@pytest.fixture(scope="session")
def prod(tmp_path_factory: pytest.TempPathFactory) -> Stage:
    """The stage that trades, synthesized by a process without network and without an account."""
    return Stage.at(made_once(tmp_path_factory, "prod", synthesize_offline) / OUT)


@pytest.fixture(scope="session")
def reviewed(tmp_path_factory: pytest.TempPathFactory) -> Stage:
    """The same stage again, under review."""

    def make(folder: Path) -> None:
        synthesize_reviewed(load("prod"), folder)

    return Stage.at(made_once(tmp_path_factory, "reviewed", make) / OUT)


@pytest.fixture(scope="session")
def spread(tmp_path_factory: pytest.TempPathFactory) -> Stage:
    """A stage with everything that configuration can ask for, under review."""

    def make(folder: Path) -> None:
        synthesize_reviewed(SPREAD, folder)

    return Stage.at(made_once(tmp_path_factory, "spread", make) / OUT)


@pytest.fixture(params=["prod", "spread"])
def either(request: pytest.FixtureRequest) -> Stage:
    """The plainest stage, and the one with everything."""
    stage: Stage = request.getfixturevalue(request.param)
    return stage


def synthesize_offline(folder: Path) -> None:
    """By a process of its own, that reaches nobody."""
    (folder / "offline.js").write_text(NO_SOCKETS_IN_NODE)
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": os.environ["HOME"],  # where the construct library keeps its own files unpacked
        "AWS_CONFIG_FILE": str(folder / "none"),
        "AWS_SHARED_CREDENTIALS_FILE": str(folder / "none"),
        "NODE_OPTIONS": f"--require {folder / 'offline.js'}",
        **QUIET,
    }
    bundles = stand_ins(load("prod"), folder / "bundles")
    command = [sys.executable, "-c", NO_SOCKETS, str(folder / OUT), str(bundles)]
    done = subprocess.run(
        command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")
