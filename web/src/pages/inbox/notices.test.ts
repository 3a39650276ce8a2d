import { expect, test } from "vitest";
import type { Notice } from "~/api/types";
import { byDay, unreadIds, waysOf, worded } from "./notices";

function notice(id: string, at: string, acknowledged = false): Notice {
  return {
    notice_id: id,
    user_id: "USER-1",
    account_id: "ACC-1",
    strategy_id: "STRAT-1",
    run_id: null,
    kind: "entered",
    gravity: "INFO",
    text: "told",
    at,
    acknowledged,
  };
}

test("notices are gathered by the day in India", () => {
  const days = byDay([
    notice("C", "2026-11-18T20:00:00Z"),
    notice("B", "2026-11-18T03:50:00Z"),
    notice("A", "2026-11-18T03:49:00Z"),
  ]);

  expect(days.map((each) => [each.day, each.notices.length])).toEqual([
    ["Thu 19 Nov", 1],
    ["Wed 18 Nov", 2],
  ]);
});

test("only what was not read is acknowledged", () => {
  const at = "2026-11-18T03:50:00Z";

  expect(unreadIds([notice("A", at, true), notice("B", at)])).toEqual(["B"]);
});

test("a notice leads to what it is about", () => {
  expect(waysOf(notice("A", "2026-11-18T03:50:00Z")).map((way) => way.to)).toEqual([
    "/strategies/STRAT-1",
    "/accounts/ACC-1",
  ]);
});

test.each([
  ["NIFTY Iron Condor on ACC-1 is in the market.", "NIFTY Iron Condor on Paper is in the market."],
  ["Paper (ACC-1) is blocked.", "Paper is blocked."],
  ["Nothing of an account.", "Nothing of an account."],
])("an account is called by its name: %s", (text, said) => {
  const told = { ...notice("A", "2026-11-18T03:50:00Z"), text };

  expect(worded(told, "Paper")).toBe(said);
  expect(worded(told, told.account_id)).toBe(text);
});
