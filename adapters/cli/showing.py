"""How answers look: tables and times of India for people, JSON for machines."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final, TypeVar

from pydantic import BaseModel
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from domain.calendar import IST
from projections.document import plain

#: Columns where nobody looks at a screen: nothing is cut, each row is one line.
WIDE: Final = 400
#: Columns whose names end so hold money in ₹.
RIGHT: Final = ("₹", "units", "lots", "price", "version", "events")

T = TypeVar("T")
# Any: whatever a row shows.
Cells = Sequence[Any]


def console() -> Console:
    """Where answers go; made anew, as a test or a shell may have moved stdout."""
    tty = sys.stdout.isatty()
    return Console(file=sys.stdout, width=None if tty else WIDE, highlight=False, emoji=False)


def rupees(amount: Decimal | int | None) -> str:
    """`₹1,23,456.50`, as India groups its digits; a dash where nothing is known."""
    if amount is None:
        return "–"
    whole, _, paise = f"{abs(Decimal(amount)):.2f}".partition(".")
    head, tail = whole[:-3], whole[-3:]
    groups = [tail]
    while head:
        head, group = head[:-2], head[-2:]
        groups.insert(0, group)
    sign = "-" if round(Decimal(amount), 2) < 0 else ""
    return f"{sign}₹{','.join(groups)}.{paise}"


def ist(at: datetime | None, *, fine: bool = False) -> str:
    """A moment as the clock in India shows it; a dash where there is none."""
    if at is None:
        return "–"
    local = at.astimezone(IST)
    milliseconds = f".{local.microsecond // 1000:03d}" if fine else ""
    return f"{local:%Y-%m-%d %H:%M:%S}{milliseconds}"


def shown(value: Any) -> str:
    """A cell: what is not known is a dash, money and times in their form."""
    match value:
        case None | "" | () | []:
            return "–"
        case bool():
            return "yes" if value else "no"
        case datetime():
            return ist(value)
        case Decimal():
            return f"{value:.2f}"
        case date():
            return value.isoformat()
        case list() | tuple() | set() | frozenset():
            return ", ".join(shown(each) for each in value)
        case BaseModel():
            given = value.model_dump(exclude_none=True)
            return ", ".join(f"{name} {shown(each)}" for name, each in given.items()) or "–"
        case Mapping():
            return ", ".join(f"{name}: {shown(each)}" for name, each in value.items())
    return str(value)


def table(title: str, columns: Sequence[str], rows: Iterable[Cells]) -> Table:
    """A table for people; money columns stand to the right."""
    made = Table(title=title, title_justify="left", box=SIMPLE_HEAD, pad_edge=False)
    for name in columns:
        made.add_column(
            name,
            justify="right" if name.endswith(RIGHT) else "left",
            overflow="fold",
        )
    for cells in rows:
        made.add_row(*(escape(shown(cell)) for cell in cells))
    return made


def facts(title: str, told: Mapping[str, Any]) -> Table:
    """One thing, a line for each of its facts."""
    made = Table(title=title, title_justify="left", box=None, show_header=False, pad_edge=False)
    made.add_column(style="bold")
    made.add_column(overflow="fold")
    for name, value in told.items():
        made.add_row(name.replace("_", " "), escape(shown(value)))
    return made


def print_json(value: Any) -> None:
    """Times as ISO in UTC, ₹ as numbers."""
    print(json.dumps(plain(value), indent=2, ensure_ascii=False))


@contextmanager
def bar(what: str, total: float | None) -> Iterator[Callable[[float, float | None], None]]:
    """A progress bar on stderr where somebody looks; tell it how far it is and of how much."""
    stderr = Console(file=sys.stderr)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    with Progress(
        *columns,
        TimeElapsedColumn(),
        console=stderr,
        transient=True,
        disable=not stderr.is_terminal,
    ) as progress:
        task = progress.add_task(what, total=total)

        def moved(done: float, of: float | None = None) -> None:
            progress.update(task, completed=done, total=total if of is None else of)

        yield moved
