import { expect, test } from "vitest";
import type { Position } from "~/api/types";
import { alsoLeft, grouped, holders, type Part, total, UNLISTED } from "./grouping";

function part(more: Partial<Part>): Part {
  return {
    kind: "RUN",
    basket_id: "BASK-1",
    strategy_id: "STRAT-1",
    run_id: "RUN-1",
    bought: 65,
    bought_value: 650,
    sold: 0,
    sold_value: 0,
    day: "2026-11-18",
    quantity: 65,
    average_price: 10,
    realised: 0,
    unrealised: 130,
    ...more,
  };
}

function position(strike: number, parts: Part[], more: Partial<Position> = {}): Position {
  return {
    account_id: "ACC-1",
    key: `NFO:NIFTY26NOV${strike}CE`,
    product: "MIS",
    contract: { underlying: "NIFTY", expiry: "2026-11-24", strike, option_type: "CE", lot: 65 },
    quantity: parts.reduce((sum, each) => sum + each.quantity, 0),
    average_price: 10,
    realised: 0,
    last_price: 12,
    unrealised: 130,
    parts,
    ...more,
  };
}

test("positions stand under their underlying by strike; what is not listed stands apart", () => {
  const groups = grouped(
    [
      position(25000, [part({})]),
      position(24500, [part({})]),
      position(1, [part({})], { contract: null }),
    ],
    "underlying",
  );

  expect(groups.map((group) => group.key)).toEqual(["NIFTY", UNLISTED]);
  expect(groups[0]?.lines.map((line) => line.position.contract?.strike)).toEqual([24500, 25000]);
});

test("a position that several hold is split among them", () => {
  const own = part({ kind: "EXTERNAL", strategy_id: null, run_id: null, quantity: -65 });
  const groups = grouped([position(24500, [part({}), own])], "strategy");

  expect(groups.map((group) => [group.key, group.lines[0]?.quantity])).toEqual([
    ["EXTERNAL", -65],
    ["STRAT-1", 65],
  ]);
});

test("sums are not known where something held has no fresh price", () => {
  const line = { quantity: 65, realised: 10, unrealised: 130 };

  expect(total([line, line])).toEqual({ realised: 20, unrealised: 260 });
  expect(total([line, { ...line, unrealised: null }]).unrealised).toBeNull();
  expect(total([line, { ...line, quantity: 0, unrealised: null }]).unrealised).toBe(130);
});

test("sums are exact to the paisa: what makes up for itself is nothing", () => {
  const lines = [0.1, 0.2, -0.3].map((made) => ({
    quantity: 65,
    realised: made,
    unrealised: made,
  }));

  expect(total(lines)).toEqual({ realised: 0, unrealised: 0 });
});

test("who holds a position leaves whole", () => {
  const short = position(24500, [part({ quantity: -65 })]);
  const hedge = position(25000, [part({})]);
  const other = position(26000, [part({ run_id: "RUN-2" })]);

  expect(holders(short).map((each) => each.run_id)).toEqual(["RUN-1"]);
  expect(alsoLeft([short, hedge, other], short)).toEqual([hedge]);
});
