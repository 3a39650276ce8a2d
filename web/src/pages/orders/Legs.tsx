import { Fragment } from "react";
import { useTrades } from "~/api/profile";
import type { Order } from "~/api/types";
import { Scrolled } from "~/parts/trades/Scrolled";
import { Status } from "~/parts/trades/Status";
import { count, NOTHING, price } from "~/words/money";
import { istClock } from "~/words/time";
import { MovePrice } from "./MovePrice";
import classes from "./orders.module.css";

type Leg = Order["legs"][number];
type Slice = Leg["slices"][number];

/** Each leg, and under it the orders at the broker in which it went out. */
export function Legs({ order }: { readonly order: Order }) {
  return (
    <Scrolled label="Legs and slices">
      <table className={classes.legs}>
        <thead>
          <tr>
            <th scope="col">Leg, and its slices at the broker</th>
            <th scope="col" data-figure>
              Filled
            </th>
            <th scope="col" data-figure>
              Limit
            </th>
            <th scope="col" data-figure>
              Average
            </th>
            <th scope="col">Status</th>
            <th scope="col">Broker id</th>
            <th scope="col">Tag</th>
            <th scope="col">Said</th>
          </tr>
        </thead>
        <tbody>
          {order.legs.map((leg) => (
            <Fragment key={leg.leg}>
              <LegRow leg={leg} />
              {leg.slices.map((slice) => (
                <SliceRow key={slice.tag} order={order} leg={leg} slice={slice} />
              ))}
            </Fragment>
          ))}
        </tbody>
      </table>
    </Scrolled>
  );
}

function LegRow({ leg }: { readonly leg: Leg }) {
  return (
    <tr className={classes.leg}>
      <th scope="row">
        {leg.action === "BUY" ? "Buy" : "Sell"} {leg.symbol}
      </th>
      <td data-figure>
        {count(leg.filled_qty)} / {count(leg.qty)}
      </td>
      <td />
      <td data-figure>{leg.filled_qty > 0 ? price(leg.price) : NOTHING}</td>
      <td colSpan={4}>
        <Status of={leg.status} />
      </td>
    </tr>
  );
}

function SliceRow({
  order,
  leg,
  slice,
}: {
  readonly order: Order;
  readonly leg: Leg;
  readonly slice: Slice;
}) {
  const trades = useTrades();
  const again = slice.attempt > 1 ? `, attempt ${slice.attempt}` : "";
  return (
    <tr className={classes.slice}>
      <td>
        {istClock(slice.released_at)} slice {slice.number}
        {again}
      </td>
      <td data-figure>
        {count(slice.filled_qty)} / {count(slice.qty)}
      </td>
      <td data-figure>
        {slice.order_type === "MARKET" ? "Market" : price(slice.price)}
        {trades && slice.status === "OPEN" && <MovePrice order={order} leg={leg} slice={slice} />}
      </td>
      <td data-figure>{slice.filled_qty > 0 ? price(slice.average_price) : NOTHING}</td>
      <td>
        <Status of={slice.status} />
      </td>
      <td>{slice.broker_order_id ?? NOTHING}</td>
      <td className={classes.tag}>{slice.tag}</td>
      <td className={classes.words}>{slice.message}</td>
    </tr>
  );
}
