"""A thousand traders at their screens: how long the platform's answers take.

`python -m bench.load [--users 1000] [--seconds 60] [--json]` starts a platform of its own, lets
every user look at lists, single things and previews with some seconds between two looks, and edit
now and then; prints p50, p95 and p99 of all answers and the mean of queries. Exits with 1 where
p95 is 200 ms or more, or the mean query 100 ms or more.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import random
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from datetime import date
from functools import partial
from pathlib import Path

import httpx
from argon2 import PasswordHasher

from adapters.demo import BasketFile, add_basket, read_basket
from adapters.embedded import Embedded
from adapters.identity.local import LocalIdentity
from adapters.identity.passwords import Passwords, one_time
from adapters.practice import Practice
from bench.free_port import free_port
from commands.desk import Principal, Request
from commands.user import RegisterUser

ROOT = Path(__file__).parent.parent
BASKET = ROOT / "baskets" / "nifty-iron-condor.json"
DAY = date(2026, 11, 18)
#: A screen is looked at, or refreshed, every so many seconds.
PAUSE_S = (2.0, 8.0)


@dataclass(frozen=True)
class Screen:
    """A signed-in trader and what is theirs."""

    token: str
    basket: str
    strategy: str
    account: str
    user: str


@dataclass
class Seen:
    """Seconds of every answer by kind, and how the answers went."""

    took: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    codes: Counter[int] = field(default_factory=Counter)


def populated(home: Path, users: int) -> list[Screen]:
    """So many traders with a basket and a strategy each, signed in."""
    practice = Practice.begun(home, first_day=DAY, speed=1, seed=1)
    embedded = Embedded(home, practice)
    cheap = Passwords(PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
    identity = LocalIdentity(home, passwords=cheap)
    bus, now = embedded.platform.bus, embedded.clock.now()
    one = read_basket(BASKET).strategies[0]
    asker = Principal(user_id="platform", platform=True)
    screens: list[Screen] = []
    for number in range(users):
        email, password = f"trader{number}@example.com", one_time()
        request = Request(principal=asker, at=now, correlation_id=f"load-{number}")
        user = bus.execute(RegisterUser(email=email), request)
        identity.admit(email, partial(str, user.id), password)
        file = BasketFile(name=f"Basket {number}", strategies=(one,))
        demo = add_basket(bus, file, user.id, user.accounts[0], now)
        token = identity.sign_in(email, password, None, None).access
        screens.append(Screen(token, demo.basket_id, demo.strategies[0], user.accounts[0], user.id))
    identity.close()
    embedded.refresh_views()
    embedded.stop(world_too=True)
    return screens


def looks(screen: Screen, chance: random.Random) -> tuple[str, str, str]:
    """What a trader does next: the kind of it, the method and the path."""
    return chance.choice(
        (
            ("query", "GET", "/baskets"),
            ("query", "GET", f"/baskets/{screen.basket}"),
            ("query", "GET", f"/baskets/{screen.basket}/strategies"),
            ("query", "GET", f"/strategies/{screen.strategy}"),
            ("query", "GET", "/orders"),
            ("query", "GET", "/runs"),
            ("query", "GET", "/positions"),
            ("query", "GET", "/users/profile"),
            ("query", "GET", f"/users/{screen.user}/broker-accounts"),
            ("command", "POST", f"/strategies/{screen.strategy}/activate"),
        )
    )


class Wire:
    """One kept connection, spoken plainly: a thousand of them must cost less than the platform."""

    def __init__(self, port: int) -> None:
        self.port = port
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def ask(self, method: str, path: str, token: str) -> int:
        """The status of the answer, once all of it is here."""
        if self._streams is None:
            self._streams = await asyncio.open_connection("127.0.0.1", self.port)
        reader, writer = self._streams
        request = (
            f"{method} {path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {token}\r\n"
        )
        writer.write(f"{request}Content-Length: 0\r\n\r\n".encode())
        head = (await reader.readuntil(b"\r\n\r\n")).decode().lower()
        length = head.partition("content-length:")[2].partition("\r\n")[0]
        await reader.readexactly(int(length))
        return int(head.split(maxsplit=2)[1])


async def trader(port: int, screen: Screen, until: float, seen: Seen, seed: int) -> None:
    """One trader looking here and there until the end."""
    chance, wire = random.Random(seed), Wire(port)
    await asyncio.sleep(chance.uniform(0, PAUSE_S[1]))
    while time.monotonic() < until:
        kind, method, path = looks(screen, chance)
        began = time.perf_counter()
        status = await wire.ask(method, path, screen.token)
        seen.took[kind].append(time.perf_counter() - began)
        seen.codes[status] += 1
        await asyncio.sleep(chance.uniform(*PAUSE_S))


async def crowd(port: int, screens: list[Screen], seconds: float) -> Seen:
    seen, until = Seen(), time.monotonic() + seconds
    everybody = (trader(port, s, until, seen, number) for number, s in enumerate(screens))
    await asyncio.gather(*everybody)
    return seen


def serving(home: Path, port: int) -> subprocess.Popen[bytes]:
    """A platform over that home, answering on that port."""
    command = [sys.executable, "-m", "adapters.cli.main", "--home", str(home), "up"]
    process = subprocess.Popen([*command, "--port", str(port)], cwd=ROOT)
    until = time.monotonic() + 60
    while time.monotonic() < until and process.poll() is None:
        try:
            if httpx.get(f"http://127.0.0.1:{port}/health", timeout=2).status_code < 600:
                return process
        except httpx.HTTPError:
            time.sleep(0.2)
    process.kill()
    raise RuntimeError("the platform did not come up")


def measured(users: int, seconds: float) -> dict[str, float]:
    """Milliseconds of the answers, and how many there were."""
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        screens = populated(home, users)
        port = free_port()
        process = serving(home, port)
        try:
            seen = asyncio.run(crowd(port, screens, seconds))
        finally:
            process.terminate()
            process.wait(timeout=60)
    every = sorted(t for times in seen.took.values() for t in times)
    wrong = sum(n for code, n in seen.codes.items() if code >= 400)
    return {
        "users": users,
        "answers": len(every),
        "answers_a_second": len(every) / seconds,
        "not_ok": wrong,
        "p50_ms": at(every, 0.50),
        "p95_ms": at(every, 0.95),
        "p99_ms": at(every, 0.99),
        "mean_query_ms": statistics.mean(seen.took["query"]) * 1000,
    }


def at(times: list[float], part: float) -> float:
    return times[min(len(times) - 1, int(len(times) * part))] * 1000


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--users", type=int, default=1000)
    asked.add_argument("--seconds", type=float, default=60)
    asked.add_argument("--json", action="store_true")
    given = asked.parse_args()
    figures = measured(given.users, given.seconds)
    if given.json:
        print(json.dumps(figures))
    else:
        for name, value in figures.items():
            print(f"{name:>18} {value:,.1f}")
    good = figures["p95_ms"] < 200 and figures["mean_query_ms"] < 100 and not figures["not_ok"]
    sys.exit(0 if good else 1)


if __name__ == "__main__":
    main()
