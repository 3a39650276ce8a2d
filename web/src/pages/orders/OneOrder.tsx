import { Anchor, Group, Stack, Title } from "@mantine/core";
import type { ReactNode } from "react";
import { Link, useParams } from "react-router";
import type { Order } from "~/api/types";
import { Waiting } from "~/app/Waiting";
import { Failed } from "~/parts/trades/Failed";
import { FLATTEN, useNames } from "~/parts/trades/names";
import { Status } from "~/parts/trades/Status";
import { count, NOTHING } from "~/words/money";
import { istMoment } from "~/words/time";
import { OrderDetail } from "./OrderDetail";
import classes from "./orders.module.css";
import { useOrder } from "./reading";
import { isEntry, units } from "./selection";

/** One order, whole and live. */
export function OneOrder() {
  const { orderId = "" } = useParams();
  const read = useOrder(orderId);
  if (read.isPending) return <Waiting for="the order" />;
  if (read.data === undefined) {
    return <Failed what="this order" failure={read.error} again={() => void read.refetch()} />;
  }
  return <Whole order={read.data} />;
}

function Whole({ order }: { readonly order: Order }) {
  const names = useNames();
  const { filled, wanted } = units(order);
  return (
    <Stack gap="md">
      <div>
        <Anchor component={Link} to="/orders" size="sm">
          All orders
        </Anchor>
        <Group gap="sm" align="baseline">
          <Title order={1} size="h2">
            {isEntry(order) ? "Entry" : "Exit"} of {names.strategy(order.strategy_id)}
          </Title>
          <Status of={order.status} />
        </Group>
      </div>
      <dl className={classes.facts}>
        <Fact name="Filled">
          <span className="figures">
            {count(filled)} of {count(wanted)} units
          </span>
        </Fact>
        <Fact name="Account">
          <Anchor component={Link} to={`/accounts/${order.account_id}`} size="sm">
            {names.account(order.account_id)}
          </Anchor>
        </Fact>
        <Fact name="Strategy">
          {order.strategy_id === FLATTEN ? (
            "None"
          ) : (
            <Anchor component={Link} to={`/strategies/${order.strategy_id}`} size="sm">
              {names.strategy(order.strategy_id)}
            </Anchor>
          )}
        </Fact>
        <Fact name="Broker">
          {order.broker}, {order.product}
        </Fact>
        <Fact name="First broker id">{order.broker_order_id ?? NOTHING}</Fact>
        <Fact name="Released">{istMoment(order.created_at)}</Fact>
        <Fact name="Last change">{istMoment(order.updated_at)}</Fact>
        <Fact name="Id" wide>
          {order.order_id}
        </Fact>
      </dl>
      <OrderDetail order={order} />
    </Stack>
  );
}

function Fact({
  name,
  wide = false,
  children,
}: {
  readonly name: string;
  readonly wide?: boolean;
  readonly children: ReactNode;
}) {
  return (
    <div className={wide ? classes.wide : undefined}>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}
