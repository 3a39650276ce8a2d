import { expect, test } from "vitest";
import type { Account } from "~/api/types";
import type { Health } from "~/parts/health";
import { ofAccount, ofHealth } from "./matters";

const WELL: Health = {
  status: "ok",
  now: "2026-11-18T04:00:00Z",
  schedule: { beat: "2026-11-18T04:00:00Z", next_due: null, late_s: 1 },
  views_behind: 0,
  parked: 0,
  troubles: [],
};

function account(changes: Partial<Account>): Account {
  return {
    account_id: "ACC-1",
    account_name: "Zerodha",
    status: "CONNECTED",
    block: null,
    drifts: [],
    ...changes,
  } as Partial<Account> as Account;
}

test("a platform that is well says nothing, one that is not says why", () => {
  expect(ofHealth(WELL)).toEqual([]);

  const troubled = ofHealth({ ...WELL, status: "degraded", troubles: ["no prices for 40 s"] });
  expect(troubled.map((each) => [each.grave, each.text])).toEqual([[false, "no prices for 40 s"]]);

  const late = { ...WELL.schedule, late_s: 312.4 };
  const [failing] = ofHealth({ ...WELL, status: "failing", schedule: late });
  expect(failing?.text).toBe(
    "The schedule stands still for 312 s: nothing is entered or left by itself.",
  );

  const parked = ofHealth({ ...WELL, status: "degraded", parked: 2 });
  expect(parked.map((each) => each.text)).toEqual([
    "What is shown of 2 histories stands still: it may be old.",
  ]);
});

test("an account in which all is well is not spoken of", () => {
  expect(ofAccount(account({}))).toEqual([]);
});

test("a session that is over, a block and a drift are each told, with the way there", () => {
  const drift = { explained: null } as Account["drifts"][number];
  const settled = { explained: "a gift" } as Account["drifts"][number];
  const block = {
    reason: "News",
    scope: "own",
    actor: "U",
    since: "2026-11-18T04:00:00Z",
  } as const;

  const found = ofAccount(account({ status: "EXPIRED", block, drifts: [drift, settled] }));

  expect(found.map((each) => [each.about, each.to])).toEqual([
    ["Zerodha is blocked.", "/accounts/ACC-1"],
    ["The session of Zerodha is over.", "/accounts/ACC-1"],
    ["Zerodha and the broker differ in 1 place.", "/positions"],
  ]);
  expect(ofAccount(account({ status: "DISCONNECTED" }))[0]?.grave).toBe(false);
});
