import { Anchor, Skeleton, Table, Text } from "@mantine/core";
import type { InfiniteData } from "@tanstack/react-query";
import { Link } from "react-router";
import { More } from "~/parts/More";
import { useRunWords } from "~/parts/runs/asking";
import { Trouble } from "~/parts/Trouble";
import { useNames } from "~/parts/trades/names";
import { Wide } from "~/parts/Wide";
import {
  type Found,
  foundBasket,
  foundOrder,
  foundRun,
  foundStrategy,
  matching,
  ORDER_COLUMNS,
  RUN_COLUMNS,
  THING_COLUMNS,
} from "./found";
import { useBaskets, useOrders, useRuns, useStrategyList } from "./listings";

interface Typed {
  readonly typed: string;
}

export function Runs({ typed }: Typed) {
  const names = useNames();
  const words = useRunWords();
  const asked = useRuns();
  const found = all(asked.data).map((run) => foundRun(run, names, words));
  const none = "No strategy has run yet. Runs appear when an active strategy comes due.";
  return <List {...{ asked, found, typed, none }} columns={RUN_COLUMNS} of="Runs" />;
}

export function Orders({ typed }: Typed) {
  const names = useNames();
  const asked = useOrders();
  const found = all(asked.data).map((order) => foundOrder(order, names));
  const none = "No order was sent yet. Orders appear when a run enters.";
  return <List {...{ asked, found, typed, none }} columns={ORDER_COLUMNS} of="Orders" />;
}

export function Strategies({ typed }: Typed) {
  const asked = useStrategyList();
  const found = all(asked.data).map(foundStrategy);
  const none = "There is no strategy yet. Make one under Strategies.";
  return <List {...{ asked, found, typed, none }} columns={THING_COLUMNS} of="Strategies" />;
}

export function Baskets({ typed }: Typed) {
  const asked = useBaskets();
  const found = all(asked.data).map(foundBasket);
  const none = "There is no basket yet. Make one under Baskets.";
  return <List {...{ asked, found, typed, none }} columns={THING_COLUMNS} of="Baskets" />;
}

function all<T>(data: InfiniteData<{ readonly items: readonly T[] }> | undefined): readonly T[] {
  return data?.pages.flatMap((page) => page.items) ?? [];
}

interface Props extends Typed {
  readonly asked: {
    readonly isPending: boolean;
    readonly error: Error | null;
    readonly refetch: () => unknown;
    readonly hasNextPage: boolean;
    readonly isFetchingNextPage: boolean;
    readonly fetchNextPage: () => unknown;
  };
  readonly found: readonly Found[];
  readonly columns: readonly string[];
  readonly of: string;
  /** What is said while there is nothing at all. */
  readonly none: string;
}

function List({ asked, found, typed, columns, of, none }: Props) {
  const shown = matching(found, typed);
  if (asked.isPending) return <Skeleton height={240} />;
  return (
    <>
      <Trouble of={asked.error} again={asked.refetch} />
      {found.length === 0 && asked.error === null && <Text size="sm">{none}</Text>}
      {found.length > 0 && shown.length === 0 && (
        <Text size="sm">
          None of the {found.length} newest is called so.{" "}
          {asked.hasNextPage && "Show more to look further back."}
        </Text>
      )}
      {shown.length > 0 && <Lines shown={shown} columns={columns} of={of} />}
      <More of={asked} />
    </>
  );
}

function Lines({
  shown,
  columns,
  of,
}: Pick<Props, "columns" | "of"> & {
  readonly shown: readonly Found[];
}) {
  return (
    <Wide of={of}>
      <Table highlightOnHover aria-label={of}>
        <Table.Thead>
          <Table.Tr>
            {columns.map((column) => (
              <Table.Th key={column}>{column}</Table.Th>
            ))}
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {shown.map((line) => (
            <Table.Tr key={line.address}>
              <Table.Td>
                <Anchor component={Link} to={line.address} size="sm">
                  {line.name}
                </Anchor>
              </Table.Td>
              {line.cells.map((cell, at) => (
                <Table.Td
                  key={columns[at + 1]}
                  className={at === line.cells.length - 1 ? line.tone : undefined}
                >
                  {cell}
                </Table.Td>
              ))}
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Wide>
  );
}
