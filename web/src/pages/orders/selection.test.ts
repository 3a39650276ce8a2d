import { expect, test } from "vitest";
import type { Order } from "~/api/types";
import { addressOf, said, selectionOf, units, WORKING, wanted } from "./selection";

type Leg = Order["legs"][number];
type Slice = Leg["slices"][number];

function slice(more: Partial<Slice>): Slice {
  return {
    tag: "T",
    number: 0,
    attempt: 0,
    qty: 75,
    filled_qty: 0,
    order_type: "LIMIT",
    price: 10,
    average_price: 0,
    status: "OPEN",
    broker_order_id: null,
    message: null,
    released_at: "2026-11-18T03:50:00Z",
    ...more,
  };
}

function leg(slices: Slice[], filled: number): Leg {
  return {
    leg: 0,
    symbol: "NIFTY26NOV24500CE",
    exchange: "NFO",
    action: "BUY",
    qty: 75,
    price: 10,
    filled_qty: filled,
    status: "OPEN",
    slices,
  };
}

function order(more: Partial<Order>): Order {
  return {
    order_id: "RUN-1-ENTRY-1",
    run_id: "RUN-1",
    user_id: "USER-1",
    account_id: "ACC-1",
    basket_id: "BASK-1",
    strategy_id: "STRAT-1",
    broker: "paper",
    product: "MIS",
    broker_order_id: null,
    txn_type: "ENTRY",
    status: "OPEN",
    legs: [],
    edition: 1,
    created_at: "2026-11-18T03:50:00Z",
    updated_at: "2026-11-18T03:50:00Z",
    ...more,
  };
}

const ALL = { account: null, strategy: null, status: null };

test("orders are chosen by account, strategy and status; what may still fill is working", () => {
  const chosen = (more: Partial<Order>, status: string) => wanted(order(more), { ...ALL, status });

  expect(wanted(order({}), ALL)).toBe(true);
  expect(wanted(order({}), { ...ALL, account: "ACC-2" })).toBe(false);
  expect(wanted(order({}), { ...ALL, strategy: "STRAT-1" })).toBe(true);
  expect(["UNKNOWN", "PARTIAL", "COMPLETE"].map((status) => chosen({ status }, WORKING))).toEqual([
    true,
    true,
    false,
  ]);
  expect(chosen({ status: "REJECTED" }, "REJECTED")).toBe(true);
});

test("the address says only what was chosen", () => {
  const address = addressOf({ ...ALL, status: WORKING });

  expect(address).toEqual({ status: "WORKING" });
  expect(selectionOf(new URLSearchParams(address))).toEqual({ ...ALL, status: WORKING });
});

test("units of all legs are added up", () => {
  const shown = order({ legs: [leg([slice({})], 75), leg([slice({})], 0)] });

  expect(units(shown)).toEqual({ filled: 75, wanted: 150 });
});

test("an order says why it was refused, else what was said last", () => {
  const refused = slice({ status: "REJECTED", message: "RMS: margin" });
  const later = slice({ status: "COMPLETE", message: "Too late to cancel." });

  expect(said(order({ legs: [leg([refused], 0), leg([later], 75)] }))).toBe("RMS: margin");
  expect(said(order({ legs: [leg([slice({ message: "first" }), later], 75)] }))).toBe(
    "Too late to cancel.",
  );
  expect(said(order({}))).toBeNull();
});
