import { expect, test } from "vitest";
import type { Run } from "~/api/types";
import type { DueToday } from "~/parts/runs/asking";
import type { RunWords } from "~/parts/runs/words";
import { gaugeOf, hoursOf, lanesOf, nearerLoss, nextOf, placeOf, ticksOf, told } from "./day";

const DAY = "2026-11-18";
const WORDS = {
  stages: { OPEN: "Open", SKIPPED: "Skipped" },
  skips: { MARGIN: { means: "the margin does not suffice", do: "add funds", planned: false } },
  exits: { STOP_LOSS: { means: "its stop loss is hit", do: "", planned: false } },
  alerts: {},
} satisfies RunWords;

const ENTRY: DueToday = {
  strategy_id: "STRAT-1",
  basket_id: "BASK-1",
  name: "Condor",
  due_at: "2026-11-18T03:50:00Z",
  exit_at: "2026-11-18T09:30:00Z",
  reason: null,
  entries: [{ account_id: "ACC-1", multiplier: 1, run_id: null, reason: null }],
};

function run(changes: Partial<Run>): Run {
  return {
    run_id: "RUN-1",
    strategy_id: "STRAT-1",
    basket_id: "BASK-1",
    account_id: "ACC-1",
    stage: "OPEN",
    due_at: "2026-11-18T03:50:00Z",
    exit_at: "2026-11-18T09:30:00Z",
    updated_at: "2026-11-18T04:45:00Z",
    skip_reason: null,
    exit_reason: null,
    exit_detail: null,
    outcome: null,
    ...changes,
  } as Run;
}

test("what is due stands where it will enter until its run is there", () => {
  const ahead = lanesOf([], [ENTRY], WORDS, DAY);
  expect(ahead.map(told)).toEqual(["Enters at 09:20, leaves by 15:00"]);

  const entered = { ...ENTRY.entries[0], run_id: "RUN-1" } as DueToday["entries"][number];
  const lanes = lanesOf([run({})], [{ ...ENTRY, entries: [entered] }], WORDS, DAY);
  expect(lanes.map(told)).toEqual(["Open since 09:20, leaves by 15:00"]);
});

test("an entry that will not be says why", () => {
  const reason = { code: "dte", message: "6 days to the expiry; it enters at 0 to 3" };

  const lanes = lanesOf([], [{ ...ENTRY, reason }], WORDS, DAY);

  expect(lanes.map(told)).toEqual(["No entry at 09:20: 6 days to the expiry; it enters at 0 to 3"]);
  expect(nextOf(lanes, new Date("2026-11-18T03:45:00Z"))).toBeUndefined();
});

test("runs that ended say how, and those that were skipped say why", () => {
  const runs = [
    run({ run_id: "A", stage: "CLOSED", outcome: "STOP_LOSS" }),
    run({ run_id: "B", stage: "SKIPPED", skip_reason: "MARGIN", exit_detail: "needs ₹2,00,000" }),
    run({ run_id: "C", stage: "SKIPPED", skip_reason: "SOME_THING" }),
  ];

  expect(lanesOf(runs, [], WORDS, DAY).map(told)).toEqual([
    "09:20 to 10:15: its stop loss is hit",
    "Skipped at 09:20: the margin does not suffice (needs ₹2,00,000)",
    "Skipped at 09:20: some thing",
  ]);
});

test("a run of an earlier day names that day", () => {
  const carried = run({ due_at: "2026-11-17T03:50:00Z", exit_at: null });

  expect(lanesOf([carried], [], WORDS, DAY).map(told)).toEqual(["Open since Tue 17 Nov, 09:20"]);
});

test("what comes next is the earliest entry or exit after now", () => {
  const lanes = lanesOf([run({ strategy_id: "STRAT-2" })], [ENTRY], WORDS, DAY);

  expect(nextOf(lanes, new Date("2026-11-18T03:45:00Z"))?.what).toBe("enters");
  expect(nextOf(lanes, new Date("2026-11-18T03:55:00Z"))?.what).toBe("leaves");
  expect(nextOf(lanes, new Date("2026-11-18T09:55:00Z"))).toBeUndefined();
});

test("the day goes from the open to the close", () => {
  const hours = hoursOf(DAY, null, null);

  expect(placeOf(new Date("2026-11-18T03:00:00Z"), hours)).toBe(0);
  expect(placeOf(hours.close, hours)).toBe(100);
  expect(ticksOf(hours)).toHaveLength(14); // 09:15, 09:30, then each half hour to 15:30
});

test("a P&L stands between the loss and the profit at which it ends", () => {
  expect(gaugeOf(0, -5000, 5000)).toBe(50);
  expect(gaugeOf(-9000, -5000, 5000)).toBe(0);
  expect(gaugeOf(0, -5000, null)).toBe(50);
  expect(nearerLoss(-5000, -2000)).toBe(-2000);
  expect(nearerLoss(null, -2000)).toBe(-2000);
});
