import { Alert, Anchor, Button, Center, Group, Text, Title } from "@mantine/core";
import { useCallback, useMemo, useState } from "react";
import { Link, useSearchParams } from "react-router";
import { Waiting } from "~/app/Waiting";
import { Failed } from "~/parts/trades/Failed";
import { count, counted } from "~/words/money";
import { OrderFilters } from "./OrderFilters";
import { OrderTable } from "./OrderTable";
import { useOrders } from "./reading";
import { addressOf, isWorking, type Selection, selectionOf } from "./selection";

/** All orders, newest first, live. */
export function Orders() {
  const [address, setAddress] = useSearchParams();
  const selection = useMemo(() => selectionOf(address), [address]);
  const read = useOrders(selection);
  const select = useCallback(
    (next: Selection) => setAddress(addressOf(next), { replace: true }),
    [setAddress],
  );
  return (
    <>
      <Group justify="space-between" align="flex-end" mb="sm" gap="sm">
        <Title order={1} size="h2">
          Orders
        </Title>
        <Counted read={read} />
      </Group>
      <OrderFilters selection={selection} onSelect={select} />
      <Listed read={read} selection={selection} onSelect={select} />
    </>
  );
}

type Read = ReturnType<typeof useOrders>;

function Counted({ read: { orders, data } }: { readonly read: Read }) {
  if (data === undefined) return null;
  const working = orders.filter((each) => isWorking(each.status)).length;
  const doubtful = orders.filter((each) => each.status === "UNKNOWN").length;
  return (
    <Text size="sm" c="dimmed" className="figures" role="status">
      {counted(orders.length, "order")}, {count(working)} working
      {doubtful > 0 && `, ${count(doubtful)} of unknown outcome`}
    </Text>
  );
}

function Listed({
  read,
  selection,
  onSelect,
}: {
  readonly read: Read;
  readonly selection: Selection;
  readonly onSelect: (next: Selection) => void;
}) {
  const [open, setOpen] = useState<ReadonlySet<string>>(new Set());
  const toggle = useCallback((id: string) => {
    setOpen((before) => {
      const after = new Set(before);
      if (!after.delete(id)) after.add(id);
      return after;
    });
  }, []);

  if (read.isPending) return <Waiting for="your orders" />;
  if (read.isError && read.data === undefined) {
    return <Failed what="your orders" failure={read.error} again={() => void read.refetch()} />;
  }
  if (read.loaded === 0 && selection.status === null) return <Nothing />;
  if (read.orders.length === 0) {
    const all = { account: null, strategy: null, status: null };
    return (
      <Alert color="gray" title="No order is like that">
        {read.hasNextPage && `The newest ${counted(read.loaded, "order")} were looked at. `}
        <Anchor component="button" type="button" size="sm" onClick={() => onSelect(all)}>
          Show all orders
        </Anchor>
      </Alert>
    );
  }
  return (
    <>
      <OrderTable orders={read.orders} open={open} onToggle={toggle} />
      {read.hasNextPage && !read.isFetchingNextPage && (
        <Center mt="sm">
          <Button size="xs" variant="default" onClick={() => void read.fetchNextPage()}>
            Show more
          </Button>
        </Center>
      )}
    </>
  );
}

function Nothing() {
  return (
    <Alert color="gray" title="There are no orders yet">
      Orders appear here the moment a strategy enters.{" "}
      <Anchor component={Link} to="/strategies" size="sm">
        Activate a strategy
      </Anchor>{" "}
      to have some.
    </Alert>
  );
}
