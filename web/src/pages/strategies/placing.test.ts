import { expect, test } from "vitest";
import { type Leg, selectorLeg, symbolLeg } from "./draft";
import { following, moved, type Priced, pinned, placedLegs } from "./placing";
import { firstDraft } from "./templates";

const EXPIRY = "2026-11-24";
const LADDER = [100, 110, 120, 130, 140].map((strike) => ({
  strike,
  lot: 65,
  CE: `N${strike}CE`,
  PE: `N${strike}PE`,
}));
const LADDERS = new Map([[EXPIRY, LADDER]]);
const CALL = selectorLeg("SELL", "CE", { underlying: "NIFTY", expiry: "WEEKLY", atm_offset: 1 });
const FIXED = symbolLeg("BUY", "PE", "N110PE", 65);

function priced(option_type: "CE" | "PE", strike: number): Priced {
  const none = { iv: null, delta: null, gamma: null, theta: null, vega: null };
  const symbol = `N${strike}${option_type}`;
  const what = {
    symbol,
    key: `NFO:${symbol}`,
    underlying: "NIFTY",
    action: "SELL" as const,
    qty: 65,
  };
  return { ...what, ...none, option_type, strike, expiry: EXPIRY, price: 5 };
}

// The money is at 120: one above it is 130.
const TOLD = { asked: [CALL, FIXED], legs: [priced("CE", 130), priced("PE", 110)], spot: 121 };
const draft = (...legs: Leg[]) => ({ ...firstDraft(undefined, "NIFTY", "WEEKLY"), legs });

test("a leg stands where the platform found it, and moves at once when it is edited", () => {
  const further = { ...CALL, selector: { ...CALL.selector, atm_offset: 2 } } as Leg;

  const shown = placedLegs([further, FIXED], TOLD, LADDERS);

  expect(shown.map((each) => each.place)).toEqual([4, 1]);
  expect(shown.map((each) => [each.size, each.away])).toEqual([
    ["\u22121", "OTM 2"],
    ["+65", ""],
  ]);
});

test("a leg on an expiry that nobody priced yet is not placed", () => {
  const later = { ...CALL, selector: { ...CALL.selector, expiry: "MONTHLY" } } as Leg;

  expect(placedLegs([later, FIXED], TOLD, LADDERS).map((each) => each.leg)).toEqual([1]);
  expect(placedLegs([CALL], TOLD, LADDERS)).toEqual([]);
});

test("a leg that is moved changes its distance from the money, or its contract", () => {
  const after = moved(moved(draft(CALL, FIXED), TOLD, LADDERS, 0, 1), TOLD, LADDERS, 1, 0);

  expect(after.legs[0]?.selector?.atm_offset).toBe(-1);
  expect(after.legs[1]?.symbol).toBe("N100PE");
});

test("a leg that is fixed and let go again is the same leg", () => {
  const known = { asked: CALL, priced: priced("CE", 130) };

  const fixed = pinned(CALL, known, LADDER);
  const free = following(fixed, known.priced, LADDER, 121, {
    underlying: "NIFTY",
    expiry: "WEEKLY",
  });

  expect([fixed.symbol, fixed.qty, fixed.lots, fixed.selector]).toEqual(["N130CE", 65, null, null]);
  expect(free).toEqual(CALL);
});
