"""The emulator as a process of its own, on a free port and with a folder of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
import venv
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Final
from urllib.error import URLError
from urllib.request import urlopen

from bench.free_port import free_port
from tests.emulator.installed import installed

REGION: Final = "ap-south-1"
ACCOUNT: Final = "000000000000"
STARTS_WITHIN_S: Final = 120.0
ENDS_WITHIN_S: Final = 10.0
LOG: Final = "ministack.log"
#: Not by PYTHONPATH, which the functions would inherit.
LAUNCHED: Final = Path(__file__).with_name("launched.py")
_TELL_TYPES: Final = """
import json, sys
sys.path.insert(0, {folder!r})
from ministack.services.cloudformation.provisioners import _RESOURCE_HANDLERS
print(json.dumps(sorted(_RESOURCE_HANDLERS)))
"""


class NotStarted(RuntimeError):
    """The emulator did not come up; its own words follow."""


@dataclass(frozen=True)
class MiniStack:
    """A running emulator, and what one needs to reach it."""

    port: int
    folder: Path
    process: subprocess.Popen[bytes]

    @property
    def endpoint(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @cached_property
    def environment(self) -> dict[str, str]:
        """Variables under which the SDK of any process talks to this emulator."""
        return {
            "AWS_ENDPOINT_URL": self.endpoint,
            "AWS_DEFAULT_REGION": REGION,
            "AWS_REGION": REGION,
            "AWS_ACCESS_KEY_ID": "test",
            "AWS_SECRET_ACCESS_KEY": "test",
        }

    # Any: a client of whichever service; stubs are installed for some only.
    def client(self, name: str) -> Any:
        """A boto3 client of that service of the emulator."""
        import boto3
        from botocore.config import Config

        return boto3.client(
            name,  # type: ignore[call-overload]  # one of many literal names
            endpoint_url=self.endpoint,
            region_name=REGION,
            aws_access_key_id="test",
            aws_secret_access_key="test",
            config=Config(
                retries={"mode": "standard", "max_attempts": 2},
                connect_timeout=5,
                read_timeout=120,
                s3={"addressing_style": "path"},
            ),
        )

    def words(self, last: int = 6000) -> str:
        """The end of what the emulator and the functions in it wrote."""
        return (self.folder / LOG).read_text(errors="replace")[-last:]


@contextmanager
def running(folder: Path, **environment: str) -> Iterator[MiniStack]:
    """An emulator until left; raises NotStarted, CannotInstall."""
    with (folder / LOG).open("wb") as log:
        stack = _start(folder, log.fileno(), environment)
        try:
            _await(stack)
            yield stack
        finally:
            _end(stack.process)


def known_types() -> frozenset[str]:
    """The resource types that the emulator can make, by its own word."""
    command = [sys.executable, "-c", _TELL_TYPES.format(folder=str(installed()))]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return frozenset(json.loads(done.stdout.splitlines()[-1]))


def _start(folder: Path, log: int, more: dict[str, str]) -> MiniStack:
    port = free_port()
    scratch, state = folder / "tmp", folder / "state"
    scratch.mkdir()
    venv.create(folder / "python")  # without a package: functions bring theirs
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": str(folder),
        "TMPDIR": str(scratch),
        "STATE_DIR": str(state),
        "S3_DATA_DIR": str(folder / "s3"),
        "GATEWAY_PORT": str(port),
        "BIND_HOST": "127.0.0.1",
        "MINISTACK_REGION": REGION,
        "MINISTACK_ACCOUNT_ID": ACCOUNT,
        "AWS_DEFAULT_REGION": REGION,
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "IOT_MTLS_ENABLED": "0",
        "SFTP_ENABLED": "0",
        **more,
    }
    process = subprocess.Popen(
        [str(folder / "python/bin/python"), str(LAUNCHED), str(installed())],
        cwd=folder,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=log,
        stderr=log,
        start_new_session=True,
    )
    return MiniStack(port, folder, process)


def _await(stack: MiniStack) -> None:
    until = time.monotonic() + STARTS_WITHIN_S
    while time.monotonic() < until and stack.process.poll() is None:
        try:
            with urlopen(f"{stack.endpoint}/_ministack/ready", timeout=1) as answer:
                if answer.status == 200:
                    return
        except (URLError, OSError):
            time.sleep(0.05)
    raise NotStarted(f"MiniStack did not start:\n{stack.words()}")


def _end(process: subprocess.Popen[bytes]) -> None:
    """By its id; the functions' processes end with the pipe they read from."""
    process.terminate()
    try:
        process.wait(ENDS_WITHIN_S)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
