import { ActionIcon, Anchor } from "@mantine/core";
import { IconChevronRight } from "@tabler/icons-react";
import { memo } from "react";
import { Link } from "react-router";
import type { Order } from "~/api/types";
import { Status } from "~/parts/trades/Status";
import { count, counted, NOTHING } from "~/words/money";
import { istClock, istDay } from "~/words/time";
import { OrderDetail } from "./OrderDetail";
import classes from "./orders.module.css";
import { isEntry, said, units } from "./selection";

interface Shown {
  readonly order: Order;
  /** Its row in the whole table, the heading's being 1. */
  readonly place: number;
  readonly strategy: string;
  readonly account: string;
  readonly open: boolean;
  readonly onToggle: (orderId: string) => void;
}

/** One order in a line; open, with its legs and what can be done. */
export const OrderRow = memo(function OrderRow(props: Shown) {
  const { order, place, strategy, account, open, onToggle } = props;
  const { filled, wanted } = units(order);
  const what = isEntry(order) ? "Entry" : "Exit";
  const word = said(order);
  return (
    <>
      <tr className={classes.row} aria-rowindex={place} data-open={open || undefined}>
        <td>
          <ActionIcon
            variant="subtle"
            color="gray"
            size="sm"
            aria-expanded={open}
            aria-label={`${open ? "Hide" : "Show"} the legs of ${strategy}, ${what}`}
            onClick={() => onToggle(order.order_id)}
          >
            <IconChevronRight size={16} className={classes.chevron} />
          </ActionIcon>
        </td>
        <td className="figures" title={istDay(order.created_at)}>
          {istClock(order.created_at)}
        </td>
        <td className={classes.name}>
          <Anchor component={Link} to={`/orders/${order.order_id}`} size="sm" fw={600}>
            {strategy}
          </Anchor>
          <span className={classes.kind}>
            {what}, {counted(order.legs.length, "leg")}
          </span>
        </td>
        <td className={classes.cut}>{account}</td>
        <td className="figures" data-figure>
          {count(filled)} / {count(wanted)}
        </td>
        <td>
          <Status of={order.status} />
        </td>
        <td className={`${classes.cut} figures`} title={order.broker_order_id ?? ""}>
          {order.broker_order_id ?? NOTHING}
        </td>
        <td className={classes.cut} title={word ?? ""}>
          {word ?? ""}
        </td>
      </tr>
      {open && (
        <tr className={classes.detail}>
          <td colSpan={8}>
            <OrderDetail order={order} />
          </td>
        </tr>
      )}
    </>
  );
});
