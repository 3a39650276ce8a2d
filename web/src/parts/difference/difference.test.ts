import { expect, test } from "vitest";
import type { Schemas } from "~/api/types";
import { aligned } from "./aligned";
import { countOf, difference } from "./difference";

type Definition = Schemas["Definition"];
type Leg = Schemas["LegDefinition"];

function leg(action: "BUY" | "SELL", option: "CE" | "PE", offset: number): Leg {
  const selector = { underlying: "NIFTY", expiry: "WEEKLY" as const, atm_offset: offset };
  return { action, option_type: option, lots: 1, selector };
}

const CONDOR: Definition = {
  name: "NIFTY Iron Condor",
  type: "IRON_CONDOR",
  legs: [leg("SELL", "CE", 3), leg("BUY", "CE", 7), leg("SELL", "PE", -3), leg("BUY", "PE", -7)],
  schedule: { entry_time: "09:20", exit_time: "15:00", dte_min: 0, dte_max: 7 },
  risk_params: { max_loss: 5000, target_profit: 2000, stop_loss_pct: 50 },
};

test("what means the same is no difference, however it is written", () => {
  const written: Definition = {
    ...CONDOR,
    legs: CONDOR.legs.map((each) => ({ ...each, symbol: null, qty: null })),
    schedule: {
      ...CONDOR.schedule,
      entry_time: "09:20:00",
      weekdays: ["MON", "TUE", "WED", "THU", "FRI"],
      dte_basis: "CALENDAR",
      skip_dates: [],
    },
    risk_params: { max_loss: "5000", target_profit: "2000.00", stop_loss_pct: "50" },
    holding: "INTRADAY",
    order_type: "LIMIT",
    accept_unbounded_risk: false,
  };

  expect(difference(CONDOR, written)).toEqual([]);
});

test("what changed is told field by field, old and new", () => {
  const after: Definition = {
    ...CONDOR,
    legs: CONDOR.legs.with(1, leg("BUY", "CE", 8)),
    schedule: { ...CONDOR.schedule, entry_time: "09:30", weekdays: ["MON", "TUE"] },
    risk_params: { ...CONDOR.risk_params, target_profit: null },
  };

  const parts = difference(CONDOR, after);

  expect(parts).toEqual([
    { title: "Leg 2", changes: [{ label: "Strike", before: "ATM + 7", after: "ATM + 8" }] },
    {
      title: "Schedule",
      changes: [
        { label: "Entry", before: "09:20 IST", after: "09:30 IST" },
        { label: "Weekdays", before: "Mon–Fri", after: "Mon, Tue" },
      ],
    },
    { title: "Risk", changes: [{ label: "Target profit", before: "₹2,000", after: "off" }] },
  ]);
  expect(countOf(parts)).toBe(4);
});

test("a leg that was removed leaves the others unchanged, one that was added is told whole", () => {
  const fewer = { ...CONDOR, legs: CONDOR.legs.toSpliced(0, 1) };

  expect(difference(CONDOR, fewer)).toEqual([
    {
      title: "Leg 1",
      changes: [
        {
          label: "Removed",
          before: "Sell 1 lot NIFTY CE, ATM + 3, this week's expiry",
          after: undefined,
        },
      ],
    },
  ]);
  expect(difference(fewer, CONDOR)[0]?.changes[0]?.label).toBe("Added");
});

test("a leg by selector that becomes one by symbol tells both ways of naming it", () => {
  const named: Leg = { action: "SELL", symbol: "NIFTY26N2426000CE", qty: 65 };

  const labels = difference(CONDOR, { ...CONDOR, legs: CONDOR.legs.with(0, named) })[0]?.changes;

  expect(labels?.find((each) => each.label === "Contract")).toEqual({
    label: "Contract",
    before: "chosen at entry",
    after: "NIFTY26N2426000CE",
  });
});

test("lists are paired by what stayed", () => {
  const same = (one: string, other: string) => one === other;

  expect(aligned(["a", "b", "c"], ["a", "c"], same)).toEqual([
    ["a", "a"],
    ["b", undefined],
    ["c", "c"],
  ]);
  expect(aligned(["a", "b"], ["x", "b", "y"], same)).toEqual([
    ["a", "x"],
    ["b", "b"],
    [undefined, "y"],
  ]);
  expect(aligned([], [], same)).toEqual([]);
});
