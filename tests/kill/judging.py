"""What really happened, told from outside: the broker's ledger against the platform's streams."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from tempfile import TemporaryDirectory

from adapters.brokers.paper.entries import Filled, Placed
from adapters.brokers.paper.ledger import Judge
from adapters.reads import LocalReads
from adapters.runtime import STORE, VIEWS, open_read_side, open_trading
from adapters.sealing import WITNESS, Key, Seals, examined
from adapters.store.mapper import PydanticMapper
from adapters.store.sqlite import open_sqlite
from adapters.views.source import SQLiteSource
from adapters.views.sqlite import SQLiteTables
from domain.contract import Contract, Side
from domain.ledger import flat
from domain.model import ENVELOPE, DomainEvent
from domain.payoff import Position, uncovered_short
from domain.run import Run
from projections.advance import AnyModel, Parked, Projector
from projections.catalogue import CATALOGUE
from projections.replay import rebuild
from projections.verify import verify

#: Reasons and alarms that a death, a stall or the market explains; any other is a fault.
SKIPPED = ("MISSED", "EXIT_TIME_PASSED")
LEFT = ("TIME", "MAX_LOSS", "TARGET_PROFIT", "HEDGE_TIMEOUT", "ENTRY_INCOMPLETE")
ALARMS = ("UNKNOWN_ORDER", "EXIT_SLOW")
#: What besides may happen at hundreds of times the speed of life, where a hiccup of the machine
#: lasts longer than a price is good for.
HURRIED = ("STALE_QUOTE", "STALE_SPOT", "STALE_QUOTES", "EXIT_BLOCKED", "BROKER_SILENT")

#: A row as its table holds it.
Shown = tuple[str | int | None, ...]


@dataclass(frozen=True, kw_only=True)
class Case:
    """The runs as they are stored, and what the broker's ledger has of them."""

    runs: Mapping[str, Run]
    events: Mapping[str, tuple[DomainEvent, ...]]
    placed: tuple[Placed, ...]
    fills: tuple[Filled, ...]
    twice: tuple[tuple[str, str], ...]
    on_the_wire: frozenset[str] = frozenset()
    """Tags whose bytes were under way when their worker was stopped: nobody could hold them."""

    hurried: bool = False

    @classmethod
    def of(
        cls, home: Path, ledger: Path, on_the_wire: Iterable[str] = (), *, hurried: bool = False
    ) -> Case:
        """Read while nobody writes to the store; the broker may live."""
        trading = open_trading(home, bytes)
        judge = Judge(ledger)
        recorder = open_sqlite(home / STORE)
        try:
            streams = (stream for stream, _ in SQLiteSource(recorder).heads())
            ids = sorted(stream for stream in streams if stream.startswith("RUN-"))
            return cls(
                runs={run_id: trading.load(run_id, Run) for run_id in ids},
                events={run_id: trading.history(run_id) for run_id in ids},
                placed=tuple(judge.placed()),
                fills=tuple(judge.fills()),
                twice=tuple(judge.sent_twice()),
                on_the_wire=frozenset(on_the_wire),
                hurried=hurried,
            )
        finally:
            recorder.datastore.close()
            judge.close()
            trading.close()

    @cached_property
    def run_of_tag(self) -> dict[str, Run]:
        return {tag: run for run in self.runs.values() for tag in run.slices}

    @cached_property
    def order_of_id(self) -> dict[str, Placed]:
        return {order.order_id: order for order in self.placed}

    def faults(self) -> list[str]:
        """Everything that may not be, whatever died and when; empty after a good day."""
        return [
            *(f"{tag} of {account} was sent twice" for account, tag in self.twice),
            *self.foreign_orders(),
            *self.naked_legs(),
            *self.stale_orders(),
            *self.unended_runs(),
            *self.unlike_quantities(),
            *self.unexplained(),
        ]

    def foreign_orders(self) -> Iterator[str]:
        """Orders at the broker that no run knows, or knows differently."""
        for order in self.placed:
            run = self.run_of_tag.get(order.ticket.tag)
            if run is None:
                yield f"order {order.order_id} with tag {order.ticket.tag} is no run's"
                continue
            state, ticket = run.slices[order.ticket.tag], order.ticket
            intended = (state.contract.key, state.intent.side, state.intent.quantity)
            if (ticket.contract.key, ticket.side, ticket.quantity) != intended:
                yield f"order {order.order_id} is not what {run.id} intended as {ticket.tag}"
            if run.terms.account_id != order.account:
                yield f"order {order.order_id} is on another account than {run.id}"
            # The number of an order that only the next day's positions told of went with its day.
            if state.broker_order_id not in (order.order_id, ""):
                yield f"{run.id} does not know {ticket.tag} as {order.order_id}"

    def stale_orders(self) -> Iterator[str]:
        """Orders that reached the broker after another worker had taken over their run."""
        for order in self.placed:
            run = self.run_of_tag.get(order.ticket.tag)
            if run is None or order.ticket.tag in self.on_the_wire:
                continue
            epoch = run.slices[order.ticket.tag].epoch
            for event in self.events[run.id]:
                if isinstance(event, Run.Claimed) and event.epoch > epoch:
                    if event.timestamp < order.at and event.worker != self.owner(run, epoch):
                        yield f"{order.ticket.tag} was sent at {order.at} by a worker succeeded"
                    break

    def owner(self, run: Run, epoch: int) -> str:
        """Who had claimed the run for this epoch."""
        claims = (e for e in self.events[run.id] if isinstance(e, Run.Claimed))
        return next(claim.worker for claim in claims if claim.epoch == epoch)

    def naked_legs(self) -> Iterator[str]:
        """After every fill: each run within its own allowance, each account within all of them."""
        net: dict[str, Counter[str]] = defaultdict(Counter)
        contracts: dict[str, Contract] = {}
        for fill in self.fills:
            order = self.order_of_id[fill.order_id]
            run = self.run_of_tag.get(order.ticket.tag)
            if run is None:
                continue
            contracts[fill.key] = order.ticket.contract
            net[run.id][fill.key] += fill.side.sign * fill.quantity
            bare = uncovered(net[run.id], contracts)
            if bare > run.allowed_uncovered:
                yield f"{run.id} had {bare} units uncovered after {fill.trade_id} at {fill.at}"
            yield from self.bare_account(run.terms.account_id, net, contracts, fill)

    def bare_account(
        self,
        account: str,
        net: Mapping[str, Counter[str]],
        contracts: Mapping[str, Contract],
        fill: Filled,
    ) -> Iterator[str]:
        own = [run for run in self.runs.values() if run.terms.account_id == account]
        together: Counter[str] = Counter()
        for run in own:
            together.update(net.get(run.id, {}))
        bare = uncovered(together, contracts)
        if bare > sum(run.allowed_uncovered for run in own):
            yield f"{account} had {bare} units uncovered after {fill.trade_id} at {fill.at}"

    def unended_runs(self) -> Iterator[str]:
        for run in self.runs.values():
            if not run.stage.ended:
                yield f"{run.id} is {run.stage} for ever"

    def unlike_quantities(self) -> Iterator[str]:
        """Slices whose fills differ from the broker's, and what is held though the run ended."""
        filled: Counter[str] = Counter()
        for fill in self.fills:
            filled[self.order_of_id[fill.order_id].ticket.tag] += fill.quantity
        for tag, run in self.run_of_tag.items():
            if run.slices[tag].filled != filled[tag]:
                known = run.slices[tag].filled
                yield f"{run.id} has {known} units of {tag}, the broker {filled[tag]}"
            if run.slices[tag].live:
                yield f"{run.id} ended with {tag} {run.slices[tag].status}"
        for run in self.runs.values():
            if run.stage.ended and not flat(run):
                yield f"{run.id} ended and is not flat"

    def unexplained(self) -> Iterator[str]:
        """What no death explains: other reasons to skip or to leave, and alarms of another kind."""
        besides = HURRIED if self.hurried else ()
        for run in self.runs.values():
            if run.skip_reason not in (None, *SKIPPED, *besides):
                yield f"{run.id} was skipped: {run.skip_reason}"
            if run.exit_reason not in (None, *LEFT, *besides):
                yield f"{run.id} was left: {run.exit_reason}"
            alarms = {e.kind for e in self.events[run.id] if isinstance(e, Run.Alerted)}
            strange = sorted(alarms.difference(ALARMS, besides))
            yield from (f"{run.id} alarmed: {kind}" for kind in strange)

    def told(self) -> str:
        """Every event of every run, and every order and fill: what a failure has to show."""
        lines = []
        for run_id, events in self.events.items():
            lines += [run_id, *(f"  {told(event)}" for event in events)]
        lines.append("at the broker")
        lines += [f"  {at_broker(order)}" for order in self.placed]
        lines += [f"  {f.at:%H:%M:%S.%f} {f.order_id} filled {f.quantity}" for f in self.fills]
        return "\n".join(lines)


def at_broker(order: Placed) -> str:
    """One order in one line."""
    what = order.ticket
    name = f"{what.side} {what.quantity} {what.contract.tradingsymbol}"
    return f"{order.at:%H:%M:%S.%f} {order.order_id} {what.tag} {name}"


def told(event: DomainEvent) -> str:
    """One event in one line, without what every event carries."""
    body = event.model_dump(mode="json", exclude=set(ENVELOPE) | {"terms", "definition"})
    return f"{event.originator_version} {event.timestamp:%H:%M:%S.%f} {type(event).__name__} {body}"


def uncovered(net: Mapping[str, int], contracts: Mapping[str, Contract]) -> int:
    return uncovered_short(
        Position.of(contracts[key], Side.BUY if units > 0 else Side.SELL, abs(units))
        for key, units in net.items()
        if units
    )


def broken_views(home: Path) -> list[str]:
    """What of the views differs from a fresh rebuild, and what the audit finds."""
    reads = open_read_side(home)
    try:
        reads.follower.catch_up()
        with TemporaryDirectory() as folder:
            fresh = rebuilt(reads, Path(folder) / VIEWS)
        unlike = [
            f"{model.name} differs from its rebuild: {sorted(rows(reads.tables, model) ^ afresh)}"
            for model, afresh in fresh
            if rows(reads.tables, model) != afresh
        ]
        unlike += [f"parked: {stopped}" for stopped in reads.projector.parked()]
        return unlike + unsound(home, reads)
    finally:
        reads.close()


def rebuilt(reads: LocalReads, file: Path) -> list[tuple[AnyModel, frozenset[Shown]]]:
    """Every view's rows, made from the store alone."""
    tables = SQLiteTables(file)
    mapper = PydanticMapper(transcoder=None)  # type: ignore[arg-type]  # it has its own JSON
    parked: list[Parked] = []
    decode = mapper.to_domain_event
    projector = Projector(CATALOGUE, tables, reads.source, decode, parked.append)
    for _ in rebuild(CATALOGUE, projector, tables, reads.source):
        pass
    found = [(model, rows(tables, model)) for model in CATALOGUE]
    tables.close()
    return found


def rows(tables: SQLiteTables, model: AnyModel) -> frozenset[Shown]:
    """What the table of this model holds, tombstones and listings included."""
    return frozenset(tables.connection().execute(f"SELECT * FROM {model.name}").fetchall())


def unsound(home: Path, reads: LocalReads) -> list[str]:
    """What the audit finds wrong with streams, audit rows and seals."""
    key, seals = Key.at(home / "seal.key"), Seals(home / "seals")
    good, wrong = examined(seals, key.public, reads.tables.recall(*WITNESS))
    report = list(verify(reads.source, reads.tables, good, wrong))[-1]
    found = [str(finding) for finding in report.findings] + list(report.seal_faults)
    return found + ([f"{report.unaudited} events are not audited"] if report.unaudited else [])
