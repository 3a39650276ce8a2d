import { expect, test } from "vitest";
import type { Basket, Strategy } from "~/api/types";
import { fileName, fileOf, NoBasket, readBasket } from "./file";

const LEG = {
  action: "SELL",
  option_type: "CE",
  lots: 1,
  symbol: null,
  selector: { underlying: "NIFTY", expiry: "WEEKLY", atm_offset: 3, reference: "SPOT" },
};
const STRATEGY = {
  strategy_id: "STRAT-1",
  basket_id: "BASK-1",
  status: "ACTIVE",
  faults: [],
  edition: 3,
  name: "Condor",
  type: "CUSTOM",
  legs: [LEG],
  schedule: { entry_time: "09:20", exit_time: "15:00", dte_max: null },
  risk_params: { max_loss: 5000, stop_loss_pct: null },
  product: null,
} as unknown as Strategy;
const BASKET = {
  name: "Weekly",
  description: "",
  targets: [{ account_id: "ACC-1", multiplier: 2 }],
} as unknown as Basket;

test("what was written is read again, without ids, status and what is not set", () => {
  const read = readBasket(fileOf(BASKET, [STRATEGY]));

  expect(read).toEqual({
    name: "Weekly",
    description: "",
    multiplier: 2,
    strategies: [
      {
        name: "Condor",
        type: "CUSTOM",
        legs: [{ action: "SELL", option_type: "CE", lots: 1, selector: LEG.selector }],
        schedule: { entry_time: "09:20", exit_time: "15:00" },
        risk_params: { max_loss: 5000 },
      },
    ],
  });
});

test.each([
  ["{", "The file is no JSON."],
  ["[]", "The file is no basket."],
  ["{}", "The basket has no name."],
  ['{"name": "A", "strategies": []}', "The file names no strategies."],
  ['{"name": "A", "strategies": [{}], "legs": []}', "A basket has no field “legs”."],
  ['{"name": "A", "strategies": [{}], "multiplier": "2"}', "The multiplier is no number."],
])("%s is no basket: %s", (text, why) => {
  expect(() => readBasket(text)).toThrow(new NoBasket(why));
});

test("a file is called after its basket", () => {
  expect(fileName("Weekly NIFTY: Iron Condor!")).toBe("weekly-nifty-iron-condor.json");
  expect(fileName("…")).toBe("basket.json");
});
