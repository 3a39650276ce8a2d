import { expect, test } from "vitest";
import type { Account, Basket, Run, Strategy } from "~/api/types";
import { type Beginning, nextOf, stepsOf } from "./checklist";

const NOTHING: Beginning = {
  authenticator: false,
  accounts: [],
  strategies: [],
  baskets: [],
  runs: [],
};
const strategy = {
  strategy_id: "STRAT-1",
  basket_id: "BASK-1",
  name: "Condor",
  status: "ACTIVE",
} as Strategy;
const basket = { basket_id: "BASK-1", status: "ACTIVE" } as Basket;

test("a step is done when it is so, and the next one leads on", () => {
  const accounts = [{ account_id: "ACC-1", broker: "paper" } as Account];

  expect(nextOf(stepsOf(NOTHING))?.to).toBe("/accounts");
  expect(nextOf(stepsOf({ ...NOTHING, accounts }))?.to).toBe("/strategies/new");
});

test("a strategy is active together with its basket, or not at all", () => {
  const asleep = { ...basket, status: "INACTIVE" } as Basket;
  const done = (baskets: readonly Basket[]) =>
    stepsOf({ ...NOTHING, strategies: [strategy], baskets })[4]?.done;

  expect([done([basket]), done([asleep])]).toEqual([true, false]);
});

test("an authenticator is advised, and nothing waits for it", () => {
  const runs = [{ run_id: "RUN-1" } as Run];
  const accounts = [{ account_id: "ACC-1", broker: "paper" } as Account];
  const all = { ...NOTHING, accounts, strategies: [strategy], baskets: [basket], runs };

  expect(nextOf(stepsOf(all))).toBeUndefined();
});
