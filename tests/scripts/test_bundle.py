"""Bundles hold what functions import, the same bytes every time, and no more than Lambda takes."""

from __future__ import annotations

import json
import subprocess
import sys
import zipfile
from base64 import urlsafe_b64encode
from hashlib import sha256
from pathlib import Path

import pytest

from infra.config import load
from scripts import bundle as bundling
from scripts.bundle import CannotBundle, Target, bundle, check
from scripts.packing import contents, pack
from scripts.requirements import LEFT_OUT, MARKET, layer_of, packages, wanted

ROOT = Path(__file__).parents[2]
HANDLERS = sorted(
    path.stem for path in (ROOT / "adapters" / "aws_lambda").glob("*.py") if path.stem != "__init__"
)
TARGET = Target(load("emulator").capacity.processor, load("emulator").capacity.python_version)


def a_tree(folder: Path, names: list[str]) -> Path:
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(name)
    return folder


def digest(text: str) -> str:
    """As a wheel's RECORD spells it."""
    return urlsafe_b64encode(sha256(text.encode()).digest()).decode().rstrip("=")


def a_wheel(folder: Path, name: str) -> str:
    """A wheel of one module, and its line in a lock."""
    wheel = folder / f"{name}-1.0-py3-none-any.whl"
    about = f"{name}-1.0.dist-info"
    held = {
        f"{name}.py": f"NAME = {name!r}\n",
        f"{name}_tests/__init__.py": "",
        f"{about}/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n",
        f"{about}/WHEEL": "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
        f"{about}/entry_points.txt": f"[console_scripts]\n{name} = {name}:NAME\n",
    }
    record = [f"{path},sha256={digest(text)},{len(text)}" for path, text in held.items()]
    held[f"{about}/RECORD"] = "\n".join([*record, f"{about}/RECORD,,", ""])
    with zipfile.ZipFile(wheel, "w") as packed:
        for path, text in held.items():
            packed.writestr(path, text)
    return f"{name}==1.0 \\\n    --hash=sha256:{sha256(wheel.read_bytes()).hexdigest()}\n"


@pytest.fixture
def lock(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A lock of one package of each layer, and the only place where they can be had."""
    wheels = tmp_path / "wheels"
    wheels.mkdir()
    lines = [a_wheel(wheels, name) for name in ("boto3", "kiteconnect", "uvicorn")]
    (tmp_path / "run.lock").write_text("# made by hand\n" + "".join(lines))
    monkeypatch.setenv("UV_NO_INDEX", "1")
    monkeypatch.setenv("UV_FIND_LINKS", str(wheels))
    return tmp_path / "run.lock"


def names(archive: Path) -> list[str]:
    with zipfile.ZipFile(archive) as packed:
        return packed.namelist()


def test_an_archive_follows_from_what_it_holds_and_from_nothing_else(tmp_path: Path) -> None:
    one = a_tree(tmp_path / "one", ["b.py", "a/c.py"])
    other = a_tree(tmp_path / "other", ["a/c.py", "b.py"])
    (other / "b.py").chmod(0o600)
    (other / "a" / "__pycache__").mkdir()
    (other / "a" / "__pycache__" / "c.pyc").write_bytes(b"cached")

    assert pack(dict(contents(one))) == pack(dict(contents(other)))


def test_what_no_function_reads_is_left_out(tmp_path: Path) -> None:
    left_out = ["bin/tool", "x/tests/test_x.py", "x-1.dist-info/RECORD", "x/y.pyi", ".lock"]

    tree = a_tree(tmp_path, ["x/y.py", "x-1.dist-info/METADATA", *left_out])

    assert {name for name, _ in contents(tree)} == {"x-1.dist-info/METADATA", "x/y.py"}


def test_bundles_made_twice_are_the_same_bytes(lock: Path, tmp_path: Path) -> None:
    target = Target("arm64", "3.13")

    one, other = (bundle(target, tmp_path / name, lock) for name in ("one", "other"))

    for name in ("code.zip", "libraries.zip", "market.zip"):
        assert (one / name).read_bytes() == (other / name).read_bytes()
    images = [dict(contents(folder / "watcher")) for folder in (one, other)]
    assert images[0] == images[1]


def test_a_layer_holds_its_packages_where_lambda_looks_for_them(lock: Path, tmp_path: Path) -> None:
    made = bundle(Target("arm64", "3.13"), tmp_path, lock)

    assert "python/boto3.py" in names(made / "libraries.zip")
    assert "python/kiteconnect.py" in names(made / "market.zip")
    assert not [name for name in names(made / "libraries.zip") if "uvicorn" in name]
    assert not [name for name in names(made / "libraries.zip") if "/bin/" in name]


def test_what_is_there_already_is_not_made_again(
    lock: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = Target("arm64", "3.13")
    made = bundle(target, tmp_path, lock)
    before = (made / "libraries.zip").read_bytes()

    monkeypatch.setenv("UV_FIND_LINKS", str(tmp_path / "nowhere"))
    bundle(target, tmp_path, lock)

    assert (made / "libraries.zip").read_bytes() == before


def test_another_lock_makes_other_layers(lock: Path, tmp_path: Path) -> None:
    made = bundle(Target("arm64", "3.13"), tmp_path, lock)
    lock.write_text(lock.read_text().partition("kiteconnect")[0])

    bundle(Target("arm64", "3.13"), tmp_path, lock)

    assert names(made / "market.zip") == []


def test_a_wheel_that_is_not_the_locked_one_is_refused(lock: Path, tmp_path: Path) -> None:
    text = lock.read_text()
    lock.write_text(text.replace(text.partition("sha256:")[2][:8], "00000000"))

    with pytest.raises(CannotBundle, match=r"(?i)hash"):
        bundle(Target("arm64", "3.13"), tmp_path, lock)


def test_more_than_lambda_takes_is_refused(
    lock: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = bundle(Target("arm64", "3.13"), tmp_path, lock)

    monkeypatch.setattr(bundling, "MOST_UNPACKED", 1_000)

    with pytest.raises(CannotBundle, match="more than Lambda takes"):
        check(made)


def test_sizes_are_said(lock: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    bundle(Target("arm64", "3.13"), tmp_path, lock)

    said = capsys.readouterr().out
    assert "libraries" in said
    assert "250.0 MB at most" in said


def test_the_watchers_image_is_of_the_python_of_its_libraries(lock: Path, tmp_path: Path) -> None:
    made = bundle(Target("arm64", "3.13"), tmp_path, lock)

    told = (made / "watcher" / "Dockerfile").read_text()

    assert "ARG PYTHON=3.13\n" in told
    assert (made / "watcher" / "libraries" / "kiteconnect.py").exists()
    assert (made / "watcher" / "platform" / "domain" / "run.py").exists()


def test_what_layers_are_said_to_hold_is_locked() -> None:
    locked = {name for name, _ in packages((ROOT / "requirements" / "run.lock").read_text())}

    assert locked >= MARKET | LEFT_OUT
    assert layer_of("boto3") == "libraries"


def test_every_line_of_a_layer_has_its_hashes() -> None:
    asked = wanted((ROOT / "requirements" / "run.lock").read_text(), "libraries")

    assert all("--hash=sha256:" in block for _, block in packages(asked))
    assert "pydantic==" in asked


@pytest.fixture(scope="module")
def real() -> Path:
    """The bundles of this machine's processor and Python, as they would be deployed."""
    return bundle(TARGET)


def test_the_whole_of_a_function_is_below_lambdas_limit(real: Path) -> None:
    held = [
        info.file_size
        for name in ("code", "libraries", "market")
        for info in zipfile.ZipFile(real / f"{name}.zip").infolist()
    ]

    assert 50 * 1024**2 < sum(held) < 200 * 1024**2


def test_every_function_and_the_watcher_find_all_they_import(real: Path) -> None:
    """By an interpreter that sees the bundles and nothing else."""
    modules = [f"adapters.aws_lambda.{name}" for name in HANDLERS] + ["adapters.aws.watcher"]
    image = real / "watcher"
    code = (
        "import importlib, json, sys\n"
        f"sys.path += {[str(image / 'platform'), str(image / 'libraries')]!r}\n"
        "for name in json.loads(sys.argv[1]): importlib.import_module(name)\n"
        # A snapshot is taken here: what must be unlike in every container comes after it.
        "from adapters.aws.platform import platform\n"
        "import boto3\n"
        "assert platform.cache_info().currsize == 0\n"
        "assert boto3.DEFAULT_SESSION is None\n"
    )
    command = [sys.executable, "-I", "-S", "-B", "-c", code, json.dumps(modules)]

    # As on Lambda: only there does Powertools ask for what it traces with.
    as_there = {"LAMBDA_TASK_ROOT": "/var/task", "AWS_LAMBDA_FUNCTION_NAME": "f"}
    done = subprocess.run(
        command, capture_output=True, text=True, check=False, cwd=real, env=as_there
    )

    assert (done.returncode, done.stderr) == (0, "")


def test_what_somebody_has_open_is_not_written_over(lock: Path, tmp_path: Path) -> None:
    """Tests run side by side, and a library that changes under its reader kills it."""
    made = bundle(Target("arm64", "3.13"), tmp_path, lock)
    library = made / "watcher" / "libraries" / "kiteconnect.py"
    strange = made / "watcher" / "platform" / "gone.py"
    strange.write_text("")
    before = library.stat().st_ino

    bundle(Target("arm64", "3.13"), tmp_path, lock)

    assert library.stat().st_ino == before
    assert not strange.exists()
