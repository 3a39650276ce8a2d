import { expect, test } from "vitest";
import { rowsThen } from "./rows";
import { runThen, type Views } from "./run";
import { cellPlace, difference } from "./sheet";
import { addressOfId, causeOf, orderIn } from "./streams";

const RUN = {
  run_id: "RUN-1",
  stage: "ENTERING",
  reference_price: 24512.35,
  reference_source: "SPOT",
  exit_at: null,
  skip_reason: null,
  exit_reason: null,
  exit_detail: null,
  net_premium: null,
  realised: null,
  charges: null,
  alerts: {},
  legs: [
    { symbol: "NIFTY26NOV25000CE", exchange: "NFO", action: "SELL", qty: 65 },
    { symbol: "NIFTY26NOV25200CE", exchange: "NFO", action: "BUY", qty: 65 },
  ],
};

function leg(at: number, filled: number, status: string, attempt: number) {
  const { symbol, action } = RUN.legs[at] ?? {};
  const slice = {
    tag: `T${at}${attempt}`,
    qty: 65,
    filled_qty: filled,
    price: 30.95,
    average_price: 30.75,
    status,
    message: null,
    released_at: "2026-11-18T03:58:00.107820Z",
  };
  return {
    leg: at,
    symbol,
    action,
    qty: 65,
    price: 30.75,
    filled_qty: filled,
    status,
    slices: [slice],
  };
}

function views(hedged: boolean): Views {
  const waiting = { ...leg(0, 0, "PENDING", 1), slices: [] };
  const hedge = leg(1, hedged ? 65 : 0, hedged ? "COMPLETE" : "OPEN", 1);
  const held = { key: "NFO:NIFTY26NOV25200CE", bought: 65, sold: 0 };
  return {
    runs: [RUN],
    orders: [{ txn_type: "ENTRY", legs: [waiting, hedge] }],
    positions: hedged ? [held] : [],
    daily_pnl: hedged ? [{ day: "2026-11-18", cash: -1998.75, charges: 23.5, mark: null }] : [],
  };
}

const runOf = (shown: Views) => runThen(shown, undefined);

test("a run as it stood shows what each leg did and holds", () => {
  const [, legs, orders] = runOf(views(true));

  expect(legs?.sheet?.rows.map((row) => row.cells)).toEqual([
    ["NIFTY26NOV25000CE", "SELL", "65", "Waits its turn", "–", "0"],
    ["NIFTY26NOV25200CE", "BUY", "65", "65 at 30.75", "–", "65"],
  ]);
  expect(orders?.sheet?.rows.map((row) => row.cells)).toEqual([
    ["BUY 65 NIFTY26NOV25200CE", "09:28:00", "30.95", "65 at 30.75", "Filled"],
  ]);
});

test("what a fill changed is marked where it stands and told in words", () => {
  const now = runOf(views(true));

  const { places, lines } = difference(runOf(views(false)), now);

  expect(lines).toContain("NIFTY26NOV25200CE held: 0 → 65");
  expect(lines).toContain("NIFTY26NOV25200CE in: Open → 65 at 30.75");
  expect(lines).toContain("Received less paid: – → \u2212₹1,998.75");
  const [, legs] = now;
  const hedge = legs?.sheet?.rows[1];
  expect(legs && hedge && places.has(cellPlace(legs, hedge, 5))).toBe(true);
  expect(legs && hedge && places.has(cellPlace(legs, hedge, 2))).toBe(false);
});

test("nothing is marked where nothing changed", () => {
  expect(difference(runOf(views(true)), runOf(views(true))).lines).toEqual([]);
});

test("what ended is told, too", () => {
  const alarmed = { ...views(true), runs: [{ ...RUN, alerts: { EXIT_SLOW: "it is not flat" } }] };

  const { lines } = difference(runOf(alarmed), runOf(views(true)));

  expect(lines).toEqual(["Exit slow: it is not flat → –"]);
});

test("anything else is told by its fields, without bookkeeping", () => {
  const account = {
    account_id: "ACC-1",
    user_id: "USER-1",
    edition: 3,
    account_name: "Primary",
    static_ip: null,
    limits: { max_lots: 10, max_daily_loss: 20000.5 },
    drifts: [{ kind: "NET", key: "NFO:X", expected: 65, found: 130 }],
    last_sync: "2026-11-18T03:52:36.601860Z",
  };

  const [group] = rowsThen({ broker_accounts: [account], due_slots: [{ slot: "x" }] });

  expect(group?.facts).toEqual([
    { label: "Account", text: "ACC-1" },
    { label: "Account name", text: "Primary" },
    { label: "Address at the broker", text: "–" },
    { label: "Limits: max lots", text: "10" },
    { label: "Limits: max daily loss", text: "₹20,000.50" },
    { label: "Drifts 1", text: "kind NET, key NFO:X, expected 65, found 130" },
    { label: "Last sync", text: "Wed 18 Nov, 09:22:36" },
  ]);
});

test("a strategy's legs are told as the builder tells them", () => {
  const selector = { underlying: "NIFTY", expiry: "WEEKLY", atm_offset: 4, reference: "SPOT" };
  const leg = { action: "SELL", option_type: "CE", selector, lots: 1 };

  const [group] = rowsThen({ strategies: [{ name: "Mine", legs: [leg] }] });

  expect(group?.facts?.[1]).toEqual({
    label: "Leg 1",
    text: "Sell 1 lot NIFTY CE, ATM + 4, this week's expiry",
  });
});

test("ids lead to their histories, those of orders to their run's", () => {
  expect(addressOfId(" RUN-A-B-20261118T092800 ")).toBe("/history/RUN-A-B-20261118T092800");
  expect(addressOfId("iron condor")).toBeUndefined();
  expect(orderIn("RUN-A-EXIT-1")).toEqual({ run: "RUN-A", part: "exit" });
  expect(orderIn("RUN-A")).toBeUndefined();
  expect(causeOf("RUN-A:14")).toEqual({ stream: "RUN-A", version: 14 });
  expect(causeOf("http-1234")).toBeUndefined();
});
