"""A store with its views, a vault, and places on this machine that can be told things."""

from __future__ import annotations

import json
import socket
import socketserver
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_string
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from eventsourcing.persistence import StoredEvent

from adapters.clock import SteppedClock
from adapters.notify.line import Rate
from adapters.notify.notifier import Notifier, Reading
from adapters.notify.outbox import OWED, POSITION
from adapters.notify.targets import Targets, add, kinds
from adapters.runtime import STORE, open_read_side
from adapters.store.sqlite import open_sqlite
from adapters.vault.file import FileVault
from bench.history import DUE, Story, by, stored, terms
from domain.account import BrokerAccount
from domain.model import acting
from domain.notifications import Notifications
from domain.user import Preferences, Role, User

KEY = bytes(range(32))
FAST = Rate(burst=1000, per_minute=60_000)


def until(reached: Callable[[], object], seconds: float = 60) -> None:
    """Wait for another thread."""
    end = time.monotonic() + seconds
    while not reached():
        assert time.monotonic() < end, "it never came"
        time.sleep(0.01)


@dataclass
class Hook:
    """A web hook that notes what it is sent; `answers` says how."""

    port: int = 0
    answers: int = 200
    got: list[dict[str, Any]] = field(default_factory=list)  # Any: JSON
    paths: list[str] = field(default_factory=list)
    asked: int = 0

    @property
    def bodies(self) -> list[str]:
        return [str(each["message"]) for each in self.got]

    @property
    def titles(self) -> list[str]:
        return [str(each["title"]) for each in self.got]

    def url(self, secret: str = "", scheme: str = "json") -> str:
        return f"{scheme}://{secret}127.0.0.1:{self.port}"


@contextmanager
def hooked() -> Iterator[Hook]:
    """A web hook on this machine, while inside."""
    hook = Hook()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            answers = hook.answers  # whoever sees that it was asked may change it
            hook.asked += 1
            body = self.rfile.read(int(self.headers["Content-Length"]))
            hook.paths.append(self.path)
            if answers == 200:
                hook.got.append(json.loads(body))
            self.send_response(answers)
            self.end_headers()

        def do_GET(self) -> None:
            answers = hook.answers
            hook.asked += 1
            hook.paths.append(self.path)
            self.send_response(answers)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Nothing of it is printed."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    hook.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield hook
    finally:
        server.shutdown()
        server.server_close()


@contextmanager
def hanging() -> Iterator[tuple[int, list[socket.socket]]]:
    """A place that takes connections and never answers: its port, and who is waiting there."""
    waiting: list[socket.socket] = []
    with socket.create_server(("127.0.0.1", 0)) as server:

        def accept() -> None:
            while True:
                try:
                    waiting.append(server.accept()[0])
                except OSError:  # the end of the test
                    return

        thread = threading.Thread(target=accept, daemon=True)
        thread.start()
        yield server.getsockname()[1], waiting
        server.shutdown(socket.SHUT_RDWR)
        thread.join()
    for each in waiting:
        each.close()


@dataclass
class Mailbox:
    """What a mail server was given: subject and text."""

    port: int = 0
    got: list[tuple[str, str]] = field(default_factory=list)

    @property
    def url(self) -> str:
        here = f"mailto://asha:s3cretmail@127.0.0.1:{self.port}"
        return f"{here}?mode=insecure&from=atp@example.com&to=asha@example.com&format=text"


@contextmanager
def mailbox() -> Iterator[Mailbox]:
    """A mail server on this machine, while inside."""
    box = Mailbox()

    class Handler(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            self.say("220 ready")
            while line := self.rfile.readline().decode():
                verb = line.split()[0].upper()
                if verb == "EHLO":
                    self.say("250-here", "250 AUTH PLAIN LOGIN")
                elif verb == "AUTH":
                    self.say("235 known")
                elif verb == "DATA":
                    self.say("354 go on")
                    box.got.append(self.mail())
                    self.say("250 kept")
                elif verb == "QUIT":
                    return self.say("221 bye")
                else:
                    self.say("250 fine")
            return None

        def say(self, *lines: str) -> None:
            self.wfile.write("".join(f"{line}\r\n" for line in lines).encode())

        def mail(self) -> tuple[str, str]:
            lines = []
            while (line := self.rfile.readline().decode()) != ".\r\n":
                lines.append(line)
            mail = message_from_string("".join(lines))
            part = next(p for p in mail.walk() if p.get_content_type() == "text/plain")
            body = part.get_payload(decode=True)
            assert isinstance(body, bytes)
            return str(mail["Subject"]), body.decode()

    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        box.port = server.server_address[1]
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        yield box
        server.shutdown()


class Stage:
    """A trader, an admin, their targets, and a notifier that may be stopped and started again."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.store = open_sqlite(folder / STORE)
        self.reads = open_read_side(folder)
        self.clock = SteppedClock(DUE)
        self.vault = FileVault(folder / "vault", KEY)
        self.targets = Targets(self.vault)
        self.running: Notifier | None = None
        self.users = {
            "USER-1": self.admit("USER-1", Role.TRADER),
            "USER-9": self.admit("USER-9", Role.ADMIN),
        }
        with acting(by(DUE, "USER-1")):
            account = BrokerAccount.link(
                "ACC-1", user_id="USER-1", broker="paper", account_name="Paper"
            )
        self.keep(stored(account))
        self.reads.follower.start()

    def admit(self, user_id: str, role: Role) -> User:
        with acting(by(DUE, "admin")):
            user = User.register(
                user_id,
                email=f"{user_id.lower()}@example.com",
                name="Asha",
                roles={role},
                preferences=Preferences(),
            )
        self.keep(stored(user))
        return user

    def keep(self, events: list[StoredEvent]) -> None:
        self.store.insert_events(events)
        self.reads.follower.wake()

    def prefers(self, notifications: Notifications, zone: str = "Asia/Kolkata") -> None:
        user = self.users["USER-1"]
        with acting(by(DUE, "USER-1")):
            user.update_profile(
                None, "Asha", Preferences(timezone=zone, notifications=notifications)
            )
        self.keep(stored(user))

    def choose(self, urls: Mapping[str, str], user_id: str = "USER-1") -> None:
        """The user is told at these from now on."""
        with self.targets.changing(user_id) as kept:
            kept.clear()
            for name, url in urls.items():
                add(kept, name, url)
        user = self.users[user_id]
        with acting(by(DUE, user_id)):
            user.choose_channels(kinds(urls), len(urls))
        self.keep(stored(user))

    def start(self, rate: Rate = FAST, label: str = "") -> Notifier:
        reads = self.reads
        reading = Reading(
            log=self.store,
            tables=reads.tables,
            views_at=lambda: reads.follower.position,
            feed=reads.feed,
        )
        self.running = Notifier(reading, self.targets, self.clock, rate=rate, label=label)
        self.running.start()
        return self.running

    def stop(self) -> None:
        if self.running is not None:
            self.running.stop()
            self.running = None

    def caught_up(self) -> None:
        until(lambda: self.reads.follower.behind() == 0)

    def looked_through(self) -> None:
        """Until the notifier has seen all that is stored."""
        last = self.store.max_notification_id() or 0
        until(lambda: int(self.reads.tables.recall(*POSITION) or 0) >= last)

    def settled(self) -> None:
        """Until nobody is owed anything: an end any earlier may tell it again."""
        until(lambda: self.reads.tables.recalled(OWED) == {})

    def run(self, number: int = 1) -> Story:
        """A run of the trader's; nothing of it is in the store yet."""
        story = Story(f"RUN-STRAT-1-ACC-1-{number:05d}", terms())
        story.planned()
        return story

    def alert(self, story: Story, kind: str = "EXIT_BLOCKED", why: str = "no answer") -> None:
        with acting(story.tick(61)):
            story.run.alert(kind, why)
        self.keep(story.events())

    def close(self) -> None:
        self.stop()
        self.reads.close()
        self.store.datastore.close()
