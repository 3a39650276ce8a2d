import { useVirtualizer } from "@tanstack/react-virtual";
import { type RefObject, useLayoutEffect, useRef } from "react";
import type { Order } from "~/api/types";
import { useNames } from "~/parts/trades/names";
import { Scrolled } from "~/parts/trades/Scrolled";
import { OrderRow } from "./OrderRow";
import classes from "./orders.module.css";

/** Pixels of a row that is closed; what is open is measured. */
const ROW_PX = 41;
/** Rows that are drawn beyond those that are seen. */
const BEYOND = 6;
const HEADINGS = ["", "Time", "Order", "Account", "Filled", "Status", "Broker id", "Said"];

/** Orders in the order given; only what is seen is drawn, so hundreds cost no more than twenty. */
export function OrderTable({
  orders,
  open,
  onToggle,
}: {
  readonly orders: readonly Order[];
  /** Ids of those whose legs are shown. */
  readonly open: ReadonlySet<string>;
  readonly onToggle: (orderId: string) => void;
}) {
  const box = useRef<HTMLElement>(null);
  const names = useNames();
  const rows = useVirtualizer({
    count: orders.length,
    getScrollElement: () => box.current,
    estimateSize: () => ROW_PX,
    getItemKey: (index) => orders[index]?.order_id ?? index,
    overscan: BEYOND,
    useFlushSync: false,
  });
  useHeldPlace(box, orders);
  return (
    <Scrolled label="Orders, newest first" tall box={box}>
      <table className={classes.table} aria-rowcount={orders.length + 1}>
        <thead className={classes.head}>
          <tr className={classes.row}>
            {HEADINGS.map((heading) => (
              <th key={heading} scope="col" data-figure={heading === "Filled" || undefined}>
                {heading || <span className={classes.unseen}>Legs</span>}
              </th>
            ))}
          </tr>
        </thead>
        <Spacer px={rows.getTotalSize()} />
        {rows.getVirtualItems().map((item) => {
          const order = orders[item.index];
          if (order === undefined) return null;
          return (
            <tbody
              key={item.key}
              ref={rows.measureElement}
              data-index={item.index}
              className={classes.item}
              style={{ transform: `translateY(${item.start}px)` }}
            >
              <OrderRow
                order={order}
                place={item.index + 2}
                strategy={names.strategy(order.strategy_id)}
                account={names.account(order.account_id)}
                open={open.has(order.order_id)}
                onToggle={onToggle}
              />
            </tbody>
          );
        })}
      </table>
    </Scrolled>
  );
}

/** Holds the table as high as all its rows are. */
function Spacer({ px }: { readonly px: number }) {
  return <tbody aria-hidden className={classes.spacer} style={{ height: px }} />;
}

/** Who reads further down goes on reading the same rows when new ones come in above. */
function useHeldPlace(box: RefObject<HTMLElement | null>, orders: readonly Order[]): void {
  const newest = useRef(orders[0]?.order_id);
  useLayoutEffect(() => {
    const before = newest.current;
    newest.current = orders[0]?.order_id;
    if (box.current === null || box.current.scrollTop === 0) return;
    const added = orders.findIndex((each) => each.order_id === before);
    if (added > 0) box.current.scrollTop += added * ROW_PX;
  }, [box, orders]);
}
