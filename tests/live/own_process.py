"""`atp up --live` as a process of its own, as a trader starts it, with all that it says kept."""

from __future__ import annotations

import base64
import os
import re
import secrets
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Final

import httpx

from adapters.brokers.paper.process import running
from adapters.rehearsal import Rehearsal
from adapters.simulators.kite.process import KiteProcess
from tests.adapters.loopback import closed_port
from tests.live.trader import SOON_S, Trader

ROOT: Final = Path(__file__).parents[2]
EMAIL: Final = "admin@atp.local"
VAULT_KEY: Final = base64.b64encode(bytes(range(7, 39))).decode()


class LiveProcess:
    """One home; the process may end and be started again."""

    def __init__(self, folder: Path, kite: KiteProcess, rehearsal: Rehearsal, **more: str) -> None:
        self.home = folder / "home"
        self.said = folder / "said.txt"
        self.kite = kite
        self.port = closed_port()
        told = folder / "rehearsal.json"
        told.write_text(rehearsal.model_dump_json())
        self.environment: Mapping[str, str] = {
            **os.environ,
            "PYTHONPATH": str(ROOT),
            "ATP_MODE": "live",
            "ATP_HOME": str(self.home),
            "ATP_PORT": str(self.port),
            "ATP_KITE_ROOT": kite.root,
            "ATP_KITE_LOGIN": kite.root,
            "ATP_KITE_WS": kite.ws,
            "ATP_REHEARSAL": str(told),
            "ATP_VAULT_KEY": VAULT_KEY,
            **more,
        }
        self.process = self.start()
        self.trader = Trader(self.client(), kite, EMAIL, self.one_time_password())

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def client(self) -> httpx.Client:
        return httpx.Client(base_url=self.url, timeout=20)

    def start(self) -> subprocess.Popen[bytes]:
        """Until it answers."""
        with self.said.open("ab") as said:
            process = subprocess.Popen(
                [sys.executable, "-m", "adapters.cli.main", "up"],
                cwd=ROOT,
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=said,
                stderr=said,
                start_new_session=True,
            )
        late = time.monotonic() + SOON_S
        while process.poll() is None and time.monotonic() < late:
            try:
                httpx.get(f"{self.url}/health", timeout=5)
                return process
            except httpx.TransportError:
                time.sleep(0.05)
        process.kill()
        raise AssertionError(f"it did not start:\n{self.words()}")

    def words(self) -> str:
        return self.said.read_text()

    def one_time_password(self) -> str:
        words = " ".join(self.words().split())
        found = re.search(r"one-time password (\S+) and change it", words)
        assert found is not None, self.words()
        return found.group(1)

    def command(self, *words: str) -> str:
        """What another command says beside the platform; raises CalledProcessError."""
        command = [sys.executable, "-m", "adapters.cli.main", *words]
        done = subprocess.run(
            command, cwd=ROOT, env=self.environment, capture_output=True, text=True, check=True
        )
        return done.stdout + done.stderr

    def end(self) -> int:
        """As a service manager ends it; answers how it ended."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(timeout=SOON_S)

    def close(self) -> None:
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        if (paper := running(self.home / "paper")) is not None:
            paper.stop(whosever=True)
        self.trader.client.close()


def unguessable(name: str) -> str:
    """A secret that occurs nowhere by chance."""
    return f"{name}{secrets.token_hex(8)}"
