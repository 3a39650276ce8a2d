"""The hourly look after the log: what either reader lost is found, and what moved is sealed.

All of it costs what moved since the last time, and not what there is.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from json import loads
from typing import TYPE_CHECKING, Final, NamedTuple

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from adapters.aws.digests import S3Seals
from adapters.aws.gates import SEALED, Gates, Mark
from adapters.aws.lake import Lake
from adapters.aws.metrics import Measured, Name, publish
from adapters.aws.moved import heads_since
from adapters.runtime import projector_of
from adapters.sealing import WITNESS, ChainBroken, Key, Remembering, seal_digest, signed
from adapters.views.dynamodb import REMEMBERED
from commands.application import Trading
from domain.strategy import Strategy, StrategyStatus
from projections.advance import Projector
from projections.audit import BEGINNING
from projections.due_slots import DUE_SLOTS, due_on
from projections.tables import Source, Tables
from projections.verify import Head, Seal, heads
from projections.view import TableView

if TYPE_CHECKING:
    from adapters.aws.platform import AwsPlatform

LOG: Final = logging.getLogger("atp.sealer")
#: How far behind the last seal it is looked again: longer than a record may be delivered again and
#: again before it is given up (infra/streams.py).
OVERLAP: Final = timedelta(hours=8)
STRATEGIES: Final = "STRAT-"
#: What the key is derived for; another use of the same secret has another key.
PURPOSE: Final = b"atp audit digests"


def key_of(secret: str) -> Key:
    """The key that signs the digests, always the same from the same secret."""
    seed = HKDF(algorithm=SHA256(), length=32, salt=None, info=PURPOSE).derive(secret.encode())
    return Key(Ed25519PrivateKey.from_private_bytes(seed))


class Sealed(NamedTuple):
    """What one look came to: rows that were late, and strategies whose slots do not fit them."""

    seal: int | None
    heads: int
    late: int
    astray: int


class MovedSealer:
    """Seals what moved: each head is held against the last one that was sealed of its stream.

    A stream that was cut off or altered and did not move is found by `verify`, which reads the
    whole store; here everything would be read every hour.
    """

    def __init__(self, seals: S3Seals, key: Key, sealed: Gates, witness: Remembering) -> None:
        self._seals = seals
        self._key = key
        self._sealed = sealed
        self._witness = witness

    def last_at(self) -> datetime | None:
        """When the last seal was made; None before the first."""
        numbers = self._seals.numbers()
        if not numbers:
            return None
        return datetime.fromisoformat(loads(self._seals.text(numbers[-1]))["body"]["at"])

    def seal(self, now: datetime, heads: Sequence[Head]) -> Seal | None:
        """Sign these heads; None where another process sealed just now. Raises ChainBroken."""
        numbers = self._seals.numbers()
        number = numbers[-1] + 1 if numbers else 1
        previous = seal_digest(self._seals.text(number - 1)) if numbers else BEGINNING
        moved = self._moved(heads)
        seal = Seal(number=number, at=now, previous=previous, heads=moved)
        text = signed(seal, self._key)
        if number == 1:
            self._seals.publish(self._key.public)
        if not self._seals.add(number, text):
            return None
        self._witness.remember(*WITNESS, f"{number} {seal_digest(text)}")
        # Should this be lost, the next seal holds these heads once more.
        self._sealed.move({head.stream: Mark(head.version, head.hash) for head in moved})
        return seal

    def _moved(self, heads: Sequence[Head]) -> tuple[Head, ...]:
        known = self._sealed.read([head.stream for head in heads])
        moved = []
        for head in heads:
            before = known.get(head.stream, Mark(0))
            same = head.version == before.version
            if head.version < before.version or (same and head.hash != before.note):
                text = f"{head.stream} was sealed at version {before.version}, differently"
                raise ChainBroken(text)
            if not same:
                moved.append(head)
        return tuple(sorted(moved, key=lambda head: head.stream))


class Sealing:
    """What the sealer does each time it is woken."""

    def __init__(
        self,
        sealer: MovedSealer,
        lake: Lake,
        trading: Trading,
        tables: Tables,
        source: Source,
        measure: Callable[[Iterable[Measured]], None],
        projector: Callable[[Source], Projector],
    ) -> None:
        self._sealer = sealer
        self._lake = lake
        self._trading = trading
        self._tables = tables
        self._source = source
        self._measure = measure
        self._projector = projector

    def work(self, now: datetime, *, whole: bool = False) -> Sealed:
        """Mend what the views lost, check slots, seal; `whole`: look at everything there is.

        So does the first time.
        """
        last = self._sealer.last_at()
        whole, since = whole or last is None, (last or now) - OVERLAP
        moved = dict(self._source.heads()) if whole else self._moved(since, now)
        late = self._compare(moved)
        astray = [
            stream for stream in moved if stream.startswith(STRATEGIES) and self._astray(stream)
        ]
        chains = list(heads(self._tables)) if whole else heads_since(self._tables, since, now)
        seal = self._seal(now, chains)
        return Sealed(
            seal.number if seal else None, len(seal.heads) if seal else 0, late, len(astray)
        )

    def _moved(self, since: datetime, now: datetime) -> dict[str, int]:
        """Last versions by the word of either reader: what one lost, the other has."""
        # Objects carry the time of S3; in a rehearsal ours is another.
        at = datetime.now(UTC)
        moved = dict(self._lake.moved(at - (now - since), at))
        for head in heads_since(self._tables, since, now):
            moved[head.stream] = max(moved.get(head.stream, 0), head.version)
        return moved

    def _compare(self, moved: Mapping[str, int]) -> int:
        """Apply to the views what never arrived there, and what was parked; answers how many."""
        projector = self._projector(Narrowed(self._source, moved))
        late = {(each.view, each.stream) for each in projector.compare_heads()}
        projector.redrive()
        if late:
            self._tell(Name.HEADS_BEHIND, f"{len(late)} rows were behind their streams", len(late))
        return len(late)

    def _astray(self, strategy_id: str) -> bool:
        """Whether its slots are not what the strategy says, though its view has heard of all."""
        strategy = self._trading.load(strategy_id, Strategy)
        gates = self._tables.live(DUE_SLOTS.shape).versions([strategy_id])
        if gates.get(strategy_id) != strategy.version:
            return False
        active = strategy.status is StrategyStatus.ACTIVE
        wanted = len(set(strategy.definition.schedule.weekdays)) if active else 0
        if len(due_on(TableView(DUE_SLOTS, self._tables), strategy_id)) == wanted:
            return False
        self._tell(Name.SLOTS_ASTRAY, f"the slots of {strategy_id} do not fit it")
        return True

    def _seal(self, now: datetime, chains: Sequence[Head]) -> Seal | None:
        try:
            return self._sealer.seal(now, chains)
        except ChainBroken as broken:
            self._tell(Name.SEALS_BROKEN, f"the audit chain is broken: {broken}")
            return None

    def _tell(self, name: Name, trouble: str, value: int = 1) -> None:
        LOG.error("%s", trouble)
        self._measure([Measured(name, value, about={"what": trouble})])


class Narrowed:
    """The store, as far as some streams go."""

    def __init__(self, source: Source, only: Mapping[str, int]) -> None:
        self._only = only
        self.stream = source.stream
        self.scan = source.scan
        self.size = source.size

    def heads(self) -> Iterator[tuple[str, int]]:
        return iter(self._only.items())


def sealing_of(platform: AwsPlatform) -> Sealing:
    """The sealer of this platform."""
    settings, clients = platform.settings, platform.clients
    secret = clients.secrets.get_secret_value(SecretId=settings.told("seal_secret"))
    gates = Gates(platform.recorder.client, settings.prefix + REMEMBERED, SEALED)
    seals = S3Seals(clients.s3, settings.told("digests_bucket"))

    def measure(measured: Iterable[Measured]) -> None:
        publish(measured, settings.stage)

    def alarm(trouble: str) -> None:
        LOG.error("%s", trouble)
        measure([Measured(Name.STREAMS_PARKED, about={"what": trouble})])

    return Sealing(
        MovedSealer(seals, key_of(secret["SecretString"]), gates, platform.tables),
        Lake(clients.s3, settings.told("lake_bucket")),
        platform.trading,
        platform.tables,
        platform.source,
        measure,
        lambda source: projector_of(platform.tables, source, alarm),
    )
