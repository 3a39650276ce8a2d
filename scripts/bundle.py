"""Make the bundles that functions and the watcher consist of, the same bytes every time.

`python -m scripts.bundle --stage dev` leaves in dist/bundles, for the processor and the Python of
that stage: our code, two layers of locked libraries, and the folder of the watcher's image.
"""

from __future__ import annotations

import argparse
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from fcntl import LOCK_EX, flock
from hashlib import sha256
from pathlib import Path
from typing import Final

from infra.config import BadConfiguration, load
from scripts.packing import Contents, contents, lay_out, pack, put, unzipped
from scripts.requirements import wanted

ROOT: Final = Path(__file__).parents[1]
LOCK: Final = ROOT / "requirements" / "run.lock"
BUNDLES: Final = ROOT / "dist" / "bundles"
OURS: Final = ("domain", "commands", "projections", "adapters")
#: The oldest C library of what functions run on: Amazon Linux 2023.
PLATFORMS: Final = {"arm64": "aarch64-manylinux_2_28", "x86_64": "x86_64-manylinux_2_28"}
#: Lambda takes no more, unpacked, of a function and its layers together; and no more, packed, of
#: an upload that does not come by way of S3, as ours do.
MOST_UNPACKED: Final = 250 * 1024**2
DIRECT: Final = 50 * 1024**2
#: What is known from beside a bundle: from what it was made.
MADE_FROM: Final = "made-from"
MADE_BY: Final = ("bundle", "packing", "requirements")


class CannotBundle(Exception):
    """The bundles cannot be made, or could not be deployed; the message says why."""


@dataclass(frozen=True)
class Target:
    """What the bundles are to run on."""

    processor: str
    python: str

    @property
    def name(self) -> str:
        return f"{self.processor}-{self.python}"


def bundle(target: Target, root: Path = BUNDLES, lock: Path = LOCK) -> Path:
    """Make what is not there yet; answers the folder. Raises CannotBundle."""
    folder = root / target.name
    folder.mkdir(parents=True, exist_ok=True)
    with (root / f".{target.name}").open("w") as turn:
        flock(turn, LOCK_EX)  # by one at a time: others find it made
        _make(target, folder, lock)
    check(folder)
    return folder


def _make(target: Target, folder: Path, lock: Path) -> None:
    code = {name: content for each in OURS for name, content in contents(ROOT / each, each)}
    put(folder / "code.zip", pack(code))
    stamp = folder / MADE_FROM
    from_ = fingerprint(target, lock)
    there = ("libraries.zip", "market.zip")
    if not _same(stamp, from_) or not all((folder / each).exists() for each in there):
        stamp.unlink(missing_ok=True)
        for layer, content in libraries(target, lock).items():
            put(folder / f"{layer}.zip", pack({f"python/{n}": c for n, c in content.items()}))
        put(stamp, from_.encode())
    _image(folder, code)


def fingerprint(target: Target, lock: Path) -> str:
    """What the layers follow from; equal means that they would be the same again."""
    parts = [target.name, lock.read_text()]
    parts += [(Path(__file__).parent / f"{name}.py").read_text() for name in MADE_BY]
    return sha256("\0".join(parts).encode()).hexdigest()


def libraries(target: Target, lock: Path) -> Mapping[str, Contents]:
    """What each layer holds, from wheels of the lock for that target, checked by their hashes."""
    with tempfile.TemporaryDirectory() as scratch:
        found = {}
        for layer in ("libraries", "market"):
            asked = Path(scratch) / f"{layer}.txt"
            asked.write_text(wanted(lock.read_text(), layer))
            _install(target, asked, Path(scratch) / layer)
            found[layer] = dict(contents(Path(scratch) / layer))
        return found


def _install(target: Target, asked: Path, folder: Path) -> None:
    uv = shutil.which("uv", path=str(Path(sys.executable).parent)) or shutil.which("uv")
    if uv is None:
        raise CannotBundle("uv is not installed: make setup-test installs it")
    command = [uv, "pip", "install", "--quiet", "--target", str(folder), "--no-deps"]
    command += ["--require-hashes", "--only-binary", ":all:", "--link-mode", "copy"]
    command += ["--python-version", target.python]
    command += ["--python-platform", PLATFORMS[target.processor], "--requirement", str(asked)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise CannotBundle(f"{asked.stem} for {target.name}: {done.stderr.strip()[-2000:]}")


def _image(folder: Path, code: Contents) -> None:
    """What the watcher's Dockerfile copies: for a processor that need not be this machine's."""
    image = folder / "watcher"
    lay_out(code, image / "platform")
    held = unzipped(folder / "libraries.zip") | unzipped(folder / "market.zip")
    lay_out({name.removeprefix("python/"): held[name] for name in held}, image / "libraries")
    text = (ROOT / "Dockerfile").read_text()
    python = folder.name.partition("-")[2]
    put(image / "Dockerfile", text.replace("ARG PYTHON", f"ARG PYTHON={python}").encode())


def check(folder: Path) -> None:
    """Print what everything weighs; raises CannotBundle where Lambda would not take it."""
    total = 0
    for name in ("code", "libraries", "market"):
        packed = folder / f"{name}.zip"
        weight = sum(map(len, unzipped(packed).values()))
        total += weight
        way = "" if packed.stat().st_size < DIRECT else "; uploaded by way of S3 only"
        print(f"{name:10} {_mb(packed.stat().st_size)} packed {_mb(weight)} unpacked{way}")
    print(f"{'a function':10} {_mb(total)} unpacked, of {_mb(MOST_UNPACKED)} at most: {folder}")
    if total > MOST_UNPACKED:
        raise CannotBundle(f"{_mb(total)} unpacked is more than Lambda takes")


def _mb(size: int) -> str:
    return f"{size / 1024**2:6.1f} MB"


def _same(stamp: Path, text: str) -> bool:
    return stamp.exists() and stamp.read_text() == text


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="scripts.bundle", description="Make the bundles.")
    parser.add_argument("--stage", default="dev")
    parser.add_argument("--out", type=Path, default=BUNDLES)
    chosen = parser.parse_args(arguments)
    try:
        capacity = load(chosen.stage).capacity
        bundle(Target(capacity.processor, capacity.python_version), chosen.out)
    except (BadConfiguration, CannotBundle) as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
