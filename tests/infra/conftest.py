"""Stages synthesized once for all tests: the one that trades, and one spread over two regions."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from aws_cdk import Validations
from cdk_nag import AwsSolutionsChecks

from infra.app import build
from infra.config import Config, Egress, Replica, load
from infra.front import Application, Front, OnCall
from tests.infra.alone import synthesize_alone
from tests.infra.templates import Stage, stand_ins, synthesize

SECOND = "ap-south-2"
SECOND_KEY = f"arn:aws:kms:{SECOND}:123456789012:key/mrk-1"


ROOT = Path(__file__).parents[2]
#: Which Node is installed is not for these tests to say.
QUIET = {"JSII_SILENCE_WARNING_END_OF_LIFE_NODE_VERSION": "18,20,22"}
os.environ.update(QUIET)

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
    folder = tmp_path_factory.mktemp("prod")
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
    command = [sys.executable, "-c", NO_SOCKETS, str(folder / "out"), str(bundles)]
    done = subprocess.run(
        command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")
    return Stage.at(folder / "out")


@pytest.fixture(scope="session")
def reviewed(tmp_path_factory: pytest.TempPathFactory) -> Stage:
    """The same stage again, under review: raises with every finding no reason answers."""
    folder = tmp_path_factory.mktemp("reviewed")
    config = load("prod")
    bundles = stand_ins(config, folder / "bundles")
    app = build(config, str(folder / "out"), bundles).app
    Validations.of(app).add_plugins(AwsSolutionsChecks(app))
    app.synth()
    return Stage.at(folder / "out")


@pytest.fixture(scope="session")
def spread(tmp_path_factory: pytest.TempPathFactory) -> Stage:
    """A stage with a second region, which alone is written, and a family's own address."""
    config = Config(
        stage="spread",
        kept=False,
        egress=(
            Egress(name="shared", standby=True),
            Egress(name="family-rao", serves=("USER-RAO",)),
            Egress(name="desk", serves=("ACC-1",), allocations=("eipalloc-0123456789abcdef0",)),
        ),
        replicas=(Replica(region=SECOND, key_arn=SECOND_KEY),),
        writer_region=SECOND,
        backup_copy_vault=f"arn:aws:backup:{SECOND}:123456789012:backup-vault:far",
    )
    return synthesize(config, tmp_path_factory.mktemp("spread"))


@pytest.fixture(scope="session")
def public(tmp_path_factory: pytest.TempPathFactory) -> Stage:
    """The front of a stage with a domain, pages of two origins, an application, people on call."""
    config = Config(
        stage="public",
        kept=False,
        domain="api.example.com",
        certificate_arn="arn:aws:acm:ap-south-1:123456789012:certificate/0",
        front=Front(
            origins=("https://app.example.com", "https://beta.example.com"),
            applications=(Application(name="web", requests_per_second=30),),
        ),
        on_call=OnCall(urgent=("duty@example.com",), routine=("team@example.com",)),
    )
    return synthesize_alone(config, tmp_path_factory.mktemp("public"))
