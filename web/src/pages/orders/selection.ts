import type { Order } from "~/api/types";

/** Which orders are wanted, as the page's address has it. */
export interface Selection {
  readonly account: string | null;
  readonly strategy: string | null;
  readonly status: string | null;
}

/** All that may still fill. */
export const WORKING = "WORKING";

const STILL_WORKING: ReadonlySet<string> = new Set(["UNKNOWN", "OPEN", "PENDING", "PARTIAL"]);

export const STATUSES: readonly { readonly value: string; readonly label: string }[] = [
  { value: WORKING, label: "Working" },
  { value: "UNKNOWN", label: "Unknown" },
  { value: "COMPLETE", label: "Filled" },
  { value: "CANCELLED", label: "Cancelled" },
  { value: "REJECTED", label: "Rejected" },
];

export function isWorking(status: string): boolean {
  return STILL_WORKING.has(status);
}

export function selectionOf(address: URLSearchParams): Selection {
  return {
    account: address.get("account"),
    strategy: address.get("strategy"),
    status: address.get("status"),
  };
}

/** The address with one of these said anew; what is not wanted is not in it. */
export function addressOf(selection: Selection): Record<string, string> {
  return Object.fromEntries(
    Object.entries(selection).filter((each): each is [string, string] => each[1] !== null),
  );
}

export function wanted(order: Order, { account, strategy, status }: Selection): boolean {
  return (
    (account === null || order.account_id === account) &&
    (strategy === null || order.strategy_id === strategy) &&
    (status === null || order.status === status || (status === WORKING && isWorking(order.status)))
  );
}

/** Units filled and wanted of all legs. */
export function units(order: Order): { readonly filled: number; readonly wanted: number } {
  return {
    filled: order.legs.reduce((sum, leg) => sum + leg.filled_qty, 0),
    wanted: order.legs.reduce((sum, leg) => sum + leg.qty, 0),
  };
}

/** What explains the order best: a refusal before a doubt, and either before anything said later. */
const WORST = ["REJECTED", "UNKNOWN", "ABSENT", "UNSENT"];

/** What the broker or the platform said of it. */
export function said(order: Order): string | null {
  const told = order.legs.flatMap((leg) => leg.slices).filter((slice) => slice.message);
  const worst = WORST.map((status) => told.findLast((slice) => slice.status === status));
  return (worst.find((slice) => slice !== undefined) ?? told.at(-1))?.message ?? null;
}

export function isEntry(order: Order): boolean {
  return order.txn_type === "ENTRY";
}
