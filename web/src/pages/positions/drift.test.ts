import { expect, test } from "vitest";
import { awayWords, beyond, type Drift, driftKey, driftWords, waysOut } from "./drift";

const NET: Drift = {
  kind: "NET",
  key: "NFO:NIFTY26NOV24450PE",
  product: "MIS",
  order: null,
  expected: 65,
  found: 0,
  since: "2026-11-18T03:52:00Z",
  explained: null,
};

test("a difference is told in a sentence, by its kind", () => {
  const order = { ...NET, order: "261118000000009", found: 65 };

  expect(driftWords(NET)).toBe("The broker has 0 of NIFTY26NOV24450PE (MIS), we expected 65.");
  expect(driftWords({ ...order, kind: "ORDER" })).toBe(
    "No run knows order 261118000000009 over 65 of NIFTY26NOV24450PE (MIS).",
  );
  expect(driftWords({ ...order, kind: "TRADES", expected: 130 })).toBe(
    "Order 261118000000009 of NIFTY26NOV24450PE (MIS) filled 130 by the book, 65 by its trades.",
  );
});

test("what is missing is bought to trade it away, what is too much is sold", () => {
  expect(beyond(NET)).toBe(-65);
  expect(awayWords(NET)).toBe("buys 65 units of NIFTY26NOV24450PE");
  expect(awayWords({ ...NET, found: 130 })).toBe("sells 65 units of NIFTY26NOV24450PE");
});

test("only units can be counted or traded; anything can be explained", () => {
  expect(waysOut(NET)).toContain("adopt");
  expect(waysOut({ ...NET, kind: "ORDER", order: "1" })).toEqual(["explain"]);
  expect(driftKey(NET)).not.toBe(driftKey({ ...NET, product: "NRML" }));
});
