"""Queues of a stepped day: what they may do to messages, they do here on demand."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random
from typing import Final

from adapters.aws.queues import Body, Message
from commands.ports import Clock

#: For so long two messages with one deduplication id are one.
ONE_MESSAGE: Final = timedelta(minutes=5)


@dataclass(frozen=True, kw_only=True)
class Misfortune:
    """How likely a message is told twice, late or never."""

    twice: float = 0.0
    late: float = 0.0
    lost: float = 0.0
    late_by: float = 30.0
    """Seconds, at most."""


@dataclass(eq=False)
class Letter:
    """A message on its way, visible from `at` on unless somebody has it in hand."""

    at: datetime
    number: int
    box: str
    body: Body
    group: str | None
    tries: int = 0
    in_hand: bool = False


@dataclass(kw_only=True)
class Box:
    """One queue, as whoever sends sees it."""

    post: Post
    name: str
    fifo: bool = False
    fate: Misfortune = field(default_factory=Misfortune)
    _seen: dict[str, datetime] = field(default_factory=dict)

    def send(
        self, body: Body, delay_s: int = 0, group: str | None = None, dedup: str | None = None
    ) -> None:
        self.send_all([Message(body=body, delay_s=delay_s, group=group, dedup=dedup)])

    def send_all(self, messages: Iterable[Message]) -> int:
        return sum(self._take(message) for message in messages)

    def _take(self, message: Message) -> int:
        post, now = self.post, self.post.clock.now()
        assert not (self.fifo and message.delay_s), "a queue that keeps order holds nothing back"
        if self.fifo and message.dedup is not None:
            said = self._seen.get(message.dedup)
            if said is not None and now < said + ONE_MESSAGE:
                return 1
            self._seen[message.dedup] = now
        chance, fate = post.chance, self.fate
        copies = 0 if chance.random() < fate.lost else 2 if chance.random() < fate.twice else 1
        post.counts["lost"] += copies == 0
        post.counts["twice"] += copies == 2
        for _ in range(copies):
            late = chance.random() < fate.late
            post.counts["late"] += late
            delay = message.delay_s + (chance.uniform(0, fate.late_by) if late else 0.05)
            post.put(self.name, message.body, message.group, now + timedelta(seconds=delay))
        return 1


class Post:
    """Every queue of the day, and what lies in them."""

    def __init__(self, clock: Clock, seed: int) -> None:
        self.clock = clock
        self.chance = Random(f"post-{seed}")
        self.letters: list[Letter] = []
        self.counts: Counter[str] = Counter()
        self._numbers = 0

    def put(self, box: str, body: Body, group: str | None, at: datetime) -> None:
        self._numbers += 1
        self.letters.append(Letter(at, self._numbers, box, body, group))

    def next_at(self) -> datetime | None:
        """When a message becomes visible that may be taken."""
        return min((each.at for each in self._free()), default=None)

    def taken(self, now: datetime) -> list[Letter]:
        """What is visible now, in hand from here on; of a group only its first."""
        found = []
        for each in sorted(self._free(), key=lambda each: (each.at, each.number)):
            if each.at <= now and not self._waits(each):
                each.in_hand = True
                each.tries += 1
                found.append(each)
        return found

    def _free(self) -> list[Letter]:
        return [each for each in self.letters if not (each.in_hand or self._waits(each))]

    def _waits(self, letter: Letter) -> bool:
        """In a queue that keeps order, behind another of its group."""
        if letter.group is None:
            return False
        first = min(
            each.number
            for each in self.letters
            if (each.box, each.group) == (letter.box, letter.group)
        )
        return letter.number != first

    def delete(self, letter: Letter) -> None:
        self.letters.remove(letter)

    def give_back(self, letter: Letter, at: datetime) -> None:
        """Nobody has it in hand any more; it is visible again from then on."""
        letter.in_hand, letter.at = False, at
