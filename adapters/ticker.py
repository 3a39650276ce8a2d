"""What runs do, line by line in the terminal, as it happens."""

from __future__ import annotations

from threading import Event, Thread
from types import TracebackType
from typing import Final, Self

from rich.console import Console

from commands.application import Trading
from domain.calendar import IST
from domain.model import DomainEvent
from domain.run import Run
from projections.feed import Feed
from projections.runs import RUNS


class Ticker:
    """Prints the decisions, orders and fills of every run while it is entered."""

    def __init__(self, feed: Feed, trading: Trading, console: Console) -> None:
        self._feed = feed
        self._trading = trading
        self._console = console
        self._shown: dict[str, int] = {}
        self._stopping = Event()
        self._thread = Thread(target=self._watch, name="ticker", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stopping.set()
        self._thread.join()

    def _watch(self) -> None:
        with self._feed.subscribed(lambda change: change.view == RUNS.name) as news:
            while not self._stopping.is_set():
                for stream in dict.fromkeys(change.stream for change in news.take(timeout=0.5)):
                    self._print(stream)

    def _print(self, stream: str) -> None:
        shown = self._shown.get(stream, 0)
        history = self._trading.history(stream)
        run = self._trading.load(stream, Run, verify=False)
        for event in history[shown:]:
            if (line := told(run, event)) is not None:
                at = event.timestamp.astimezone(IST)
                self._console.print(f"[dim]{at:%d %b %H:%M:%S}[/] {line}", highlight=False)
        self._shown[stream] = len(history)


def told(run: Run, event: DomainEvent) -> str | None:
    """An event of a run in a trader's words; None for what only the machine cares about."""
    match event:
        case Run.Opened():
            return f"{run.terms.strategy_id}: run opened for {run.due_at.astimezone(IST):%H:%M:%S}"
        case Run.Skipped():
            return f"[yellow]skipped[/] {event.reason}: {event.detail}"
        case Run.Planned():
            return f"planned on {event.reference.price} ({event.reference.source})"
        case Run.Entered():
            return f"[green]entered[/], net premium ₹{event.net_premium:.2f}"
        case Run.ExitRequested():
            return f"[yellow]leaving[/] {event.reason}: {event.detail}"
        case Run.Alerted():
            return f"[red]{event.kind}[/] {event.detail}"
        case Run.Closed():
            made = event.realised - event.charges
            return f"[bold]closed[/] {event.outcome}, ₹{made:.2f} after charges"
    return told_of_orders(run, event)


#: How a side is shown.
COLOURS: Final = {"BUY": "cyan", "SELL": "magenta"}


def told_of_orders(run: Run, event: DomainEvent) -> str | None:
    """The same for what concerns orders."""
    match event:
        case Run.PhaseReleased():
            sent = ", ".join(
                f"[{COLOURS[each.side]}]{each.side}[/] {each.quantity} "
                f"{run.legs[each.leg].contract.tradingsymbol} at ₹{each.price}"
                for each in event.slices
            )
            return f"{event.phase}: {sent}"
        case Run.SliceSeen() if event.filled:
            state = run.slices[event.tag]
            return (
                f"{event.status.lower()} {event.filled} {state.contract.tradingsymbol} "
                f"at ₹{event.average_price:.2f}"
            )
        case Run.SliceRejected() | Run.SliceUnsent() | Run.SliceUnknown():
            return f"[red]{type(event).__name__}[/] {event.message}"
    return None
