import { Anchor, Table, Text } from "@mantine/core";
import { Link } from "react-router";
import type { Order } from "~/api/types";
import { More } from "~/parts/More";
import { Panel } from "~/parts/Panel";
import { Trouble } from "~/parts/Trouble";
import { useNames } from "~/parts/trades/names";
import { Status } from "~/parts/trades/Status";
import { Wide } from "~/parts/Wide";
import { counted } from "~/words/money";
import { istDay, istMinute } from "~/words/time";
import { useOrders } from "./asking";
import classes from "./baskets.module.css";
import { entryWord } from "./words";

/** Entries and exits of its runs, the newest first. */
export function RecentOrders({ basketId }: { readonly basketId: string }) {
  const read = useOrders(basketId);
  const orders = read.data?.pages.flatMap((page) => page.items) ?? [];
  return (
    <Panel title="Orders">
      <Trouble of={read.error} again={read.refetch} />
      {read.isSuccess && orders.length === 0 && (
        <Text size="sm" c="dimmed">
          None yet.
        </Text>
      )}
      {orders.length > 0 && <List orders={orders} />}
      <More of={read} />
    </Panel>
  );
}

function List({ orders }: { readonly orders: readonly Order[] }) {
  const names = useNames();
  return (
    <Wide of="Orders of the basket, as a table">
      <Table aria-label="Orders">
        <Table.Thead>
          <Table.Tr>
            <Table.Th>Time</Table.Th>
            <Table.Th>Order</Table.Th>
            <Table.Th>Strategy</Table.Th>
            <Table.Th>Account</Table.Th>
            <Table.Th>Status</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {orders.map((order) => (
            <Table.Tr key={order.order_id}>
              <Table.Td className={classes.moment ?? ""}>
                {istDay(order.created_at)}, {istMinute(order.created_at)}
              </Table.Td>
              <Table.Td>
                <Anchor component={Link} to={`/orders/${order.order_id}`} size="sm">
                  {entryWord(order)}, {counted(order.legs.length, "leg", "legs")}
                </Anchor>
              </Table.Td>
              <Table.Td>{names.strategy(order.strategy_id)}</Table.Td>
              <Table.Td>{names.account(order.account_id)}</Table.Td>
              <Table.Td>
                <Status of={order.status} />
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Wide>
  );
}
