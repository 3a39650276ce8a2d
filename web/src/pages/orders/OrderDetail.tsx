import { Anchor, Group, Stack } from "@mantine/core";
import { Link } from "react-router";
import { useTrades } from "~/api/profile";
import type { Order } from "~/api/types";
import { Legs } from "./Legs";
import { OrderActions } from "./OrderActions";
import { Unknown } from "./Unknown";

/** An order's legs and slices, what is not known of it, and what can be done. */
export function OrderDetail({ order }: { readonly order: Order }) {
  const trades = useTrades();
  return (
    <Stack gap="sm">
      {order.status === "UNKNOWN" && <Unknown order={order} />}
      <Legs order={order} />
      <Group gap="sm">
        {trades && <OrderActions order={order} />}
        <Anchor component={Link} to={`/history/${order.run_id}`} size="sm">
          What happened, event by event
        </Anchor>
      </Group>
    </Stack>
  );
}
