"""Whether what is asked costs the same when there is a thousand times as much.

`python -m bench.scale` asks for the due slots of a minute and for a page of orders among 1 k and
among 1 M rows of others, counts the read units, and fails where they differ.

The tables are made by the API. Their rows are written straight into the file in which DynamoDB
Local keeps them, in the form in which it writes them itself: through the API a million of them
takes half an hour, and all but a few are only there to be passed over.
"""

from __future__ import annotations

import argparse
import sqlite3
import sys
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import time, timedelta
from hashlib import sha1
from itertools import islice
from json import dumps
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import TYPE_CHECKING, Any

from adapters.views.codec import encode
from adapters.views.dynamodb import DynamoDBTables
from bench.history import DUE
from domain.schedule import Weekday
from projections.due_slots import DUE_SLOTS, SHARDS, DueRow, due_in, shard_of, slot
from projections.orders import ORDERS, OrderRow, orders_of
from projections.tables import Item as Row
from projections.tables import Shape
from projections.view import TableView, instant

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

BATCH = 25
AT_ONCE = 4
#: What is asked for is the same whatever else there is: strategies of a minute, orders of a trader.
DUE_ROWS, OWN_ORDERS = 320, 120
MINUTE = time(9, 20)
OWNER = "USER-1"
PREFIX = "scale-"
# Any: an item as the service spells it.
Item = dict[str, Any]
#: Texts of an item but for its version, and where and by what it is listed.
Kept = tuple[dict[str, str], str, str]

#: What DynamoDB Local calls its file.
FILE = "shared-local-instance.db"


@dataclass
class Cost:
    """Round trips and read units of one question."""

    asked: int = 0
    units: float = 0.0

    def __str__(self) -> str:
        return f"{self.asked:3} round trips, {self.units:6.1f} read units"


class Asking:
    """The two questions."""

    def __init__(self, client: DynamoDBClient) -> None:
        self.client = client
        tables = DynamoDBTables(client, PREFIX)
        self.slots = TableView(DUE_SLOTS, tables)
        self.orders = TableView(ORDERS, tables)

    def due(self) -> Cost:
        """The slots of one minute, all of them."""
        with _counted(self.client, PREFIX + DUE_SLOTS.name) as cost:
            rows = list(due_in(self.slots, Weekday.WED, MINUTE))
        assert len(rows) == DUE_ROWS, len(rows)
        return cost

    def page(self) -> Cost:
        """The newest fifty orders of a trader."""
        with _counted(self.client, PREFIX + ORDERS.name) as cost:
            rows = orders_of(self.orders, OWNER, newest_first=True, limit=50).rows
        assert [row.user_id for row in rows] == [OWNER] * 50
        return cost


def seed(client: DynamoDBClient, table: str, items: Iterable[Item]) -> None:
    """Write these, several batches at once."""

    def write(some: Sequence[Item]) -> None:
        left: Any = {table: [{"PutRequest": {"Item": item}} for item in some]}
        while left:
            left = client.batch_write_item(RequestItems=left).get("UnprocessedItems")

    with ThreadPoolExecutor(AT_ONCE) as pool:
        for done in pool.map(write, _batches(items)):
            assert done is None  # what went wrong is raised here


def due_items(rows: int, traders: int) -> Iterator[Item]:
    """So many strategies of one minute, as their table keeps them."""
    return (_spelt(_due(number, traders)[0]) for number in range(rows))


def _due(number: int, traders: int = 50) -> Kept:
    strategy = f"STRAT-DUE-{number}"
    row = DueRow(
        id=f"{strategy}@WED",
        slot=slot(Weekday.WED, MINUTE, shard_of(strategy)),
        entry_time=MINUTE,
        strategy_id=strategy,
        basket_id="BASK-1",
        user_id=f"USER-{number % traders}",
    )
    return _kept(DUE_SLOTS.shape, DUE_SLOTS.row_item(strategy, row.id, 1, row))


def _order(number: int) -> Kept:
    run, at = f"RUN-STRAT-1-ACC-1-{number:06d}", DUE + timedelta(minutes=number)
    row = OrderRow(
        id=f"{run}-ENTRY-1",
        run_id=run,
        user_id=OWNER,
        account_id="ACC-1",
        basket_id="BASK-1",
        strategy_id="STRAT-1",
        broker="zerodha",
        product="MIS",
        txn_type="ENTRY",
        created_at=at,
        updated_at=at,
    )
    return _kept(ORDERS.shape, ORDERS.row_item(run, row.id, 1, row))


def _kept(shape: Shape, row: Row) -> Kept:
    """A row with all that lists it; here it lies in its first listing, the others are not asked."""
    listed = {name: str(at) for (name, _), at in zip(shape.indexes, row.partitions, strict=True)}
    own = {"stream": row.stream, "id": row.id, "body": str(encode(row.body)), **listed}
    return {**own, f"by_{shape.sorts[0]}": row.sorts[0]}, str(row.partitions[0]), row.sorts[0]


def fill(folder: Path, until: int) -> None:
    """Have so many rows in each view, what is asked for first; the server is stopped."""
    columns = "hashKey, rangeKey, hashValue, rangeValue, itemSize, ObjectJSON, hashRangeValue"
    with closing(sqlite3.connect(folder / FILE, isolation_level=None)) as file:
        for pragma in ("journal_mode = OFF", "synchronous = OFF", "cache_size = -200000"):
            file.execute(f"PRAGMA {pragma}")
        file.execute("BEGIN")
        for name, made in ((DUE_SLOTS.name, _slot_row), (ORDERS.name, _order_row)):
            table = PREFIX + name
            (there,) = file.execute(f'SELECT COUNT(*) FROM "{table}"').fetchone()
            file.executemany(
                f'INSERT INTO "{table}" ({columns}, indexKey_0, indexKey_1)'
                " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (_columns(*made(number)) for number in range(there, until)),
            )
        file.execute("COMMIT")


def _slot_row(number: int) -> Kept:
    return _due(number) if number < DUE_ROWS else _other_slot(number)


def _order_row(number: int) -> Kept:
    return _order(number) if number < OWN_ORDERS else _other_order(number)


def _columns(item: dict[str, str], partition: str, sort: str) -> tuple[Any, ...]:
    """An item in the columns of DynamoDB Local's own file."""
    stream, row_id = item["stream"], item["id"]
    text = dumps(_spelt(item), separators=(",", ":")).encode()
    keys = [one.encode() for one in (stream, row_id, partition, sort)]
    digests = [sha1(one).digest() for one in (keys[0], keys[1], keys[0] + keys[1])]
    size = sum(len(name) + len(value) for name, value in item.items()) + len("version") + 2
    return (*keys[:2], *digests[:2], size, text, digests[2], *keys[2:])


def _spelt(item: dict[str, str]) -> Item:
    return {**{name: {"S": value} for name, value in item.items()}, "version": {"N": "1"}}


def _other_slot(number: int) -> Kept:
    """Spread over all other minutes of the week, as small as may be: nobody asks for it."""
    weekday, minute = tuple(Weekday)[number % 5], number // 5 % 350 + 21
    at = f"{9 + minute // 60:02d}:{minute % 60:02d}:00"
    partition = f"{weekday}-{at[:5]}#{number % SHARDS:02d}"
    own = {"stream": f"~S{number}", "id": f"~S{number}@", "body": "{}"}
    return {**own, "slot": partition, "by_entry_time": at}, partition, at


def _other_order(number: int) -> Kept:
    """Spread over five thousand other traders."""
    partition, at = f"USER-{number % 5000 + 2}", instant(DUE + timedelta(seconds=number))
    own = {"stream": f"~R{number}", "id": f"~R{number}-E", "body": "{}"}
    return {**own, "owner": partition, "by_created": at}, partition, at


def _batches(items: Iterable[Item]) -> Iterator[list[Item]]:
    left = iter(items)
    while some := list(islice(left, BATCH)):
        yield some


@contextmanager
def _counted(client: DynamoDBClient, table: str) -> Iterator[Cost]:
    cost = Cost()

    # Any: botocore calls its handlers with whatever belongs to the event.
    def ask(params: dict[str, Any], **_: Any) -> None:
        params["ReturnConsumedCapacity"] = "TOTAL"

    def note(parsed: dict[str, Any], **_: Any) -> None:
        told = parsed["ConsumedCapacity"]
        if told["TableName"] == table:
            cost.asked += 1
            cost.units += told["CapacityUnits"]

    events = client.meta.events
    events.register_first("provide-client-params.dynamodb.Query", ask)
    events.register("after-call.dynamodb.Query", note)
    try:
        yield cost
    finally:
        events.unregister("provide-client-params.dynamodb.Query", ask)
        events.unregister("after-call.dynamodb.Query", note)


def compared(folder: Path, sizes: Sequence[int]) -> list[tuple[Cost, Cost]]:
    """What the two questions cost at each size."""
    from tests.dynamodb_local import DynamoDBLocal
    from tests.tools.dynamodb_local import running

    with running(folder) as port:
        tables = DynamoDBTables(DynamoDBLocal(port).client(), PREFIX)
        tables.create(DUE_SLOTS.shape, ORDERS.shape)
    costs: list[tuple[Cost, Cost]] = []
    for size in sizes:
        began = perf_counter()
        fill(folder, size)
        took = perf_counter() - began
        with running(folder) as port:
            asking = Asking(DynamoDBLocal(port).client())
            costs.append((asking.due(), asking.page()))
        due, page = costs[-1]
        print(f"{size:>9,} rows in each view (written in {took:.0f} s)")
        print(f"          slots of a minute, {DUE_ROWS} due: {due}")
        print(f"          newest 50 orders of a trader: {page}", flush=True)
    return costs


def main() -> None:
    """Exits with 1 where more rows cost more."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("sizes", nargs="*", type=int, default=[1_000, 1_000_000])
    with TemporaryDirectory() as folder:
        costs = compared(Path(folder), asked.parse_args().sizes)
    same = all(each == costs[0] for each in costs)
    print("the same at every size" if same else "MORE ROWS COST MORE")
    sys.exit(not same)


if __name__ == "__main__":
    main()
