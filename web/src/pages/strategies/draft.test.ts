import { expect, test } from "vitest";
import { draftOf, onUnderlying, picked, same, selectorLeg, symbolLeg } from "./draft";
import { firstDraft, templateOf } from "./templates";

const WEEK = { underlying: "NIFTY", expiry: "WEEKLY" };
const MONTHS = [{ expiry: "2026-11-24", monthly: true, dte: 6, dte_trading: 4 }];

test("what was told with its defaults and what was sent without them are the same draft", () => {
  const sent = draftOf({
    name: "One",
    type: "CUSTOM",
    legs: [],
    schedule: { entry_time: "09:20", exit_time: "15:00" },
  });
  const told = draftOf({
    ...sent,
    holding: "INTRADAY",
    order_type: "LIMIT",
    schedule: { ...sent.schedule, dte_basis: "CALENDAR" },
  });

  expect(same(sent, told)).toBe(true);
});

test("picking an option again makes more of it, the other side less, and none at last", () => {
  const blank = firstDraft(undefined, "NIFTY", "WEEKLY");
  const sale = selectorLeg("SELL", "CE", { ...WEEK, atm_offset: 2 });
  const purchase = selectorLeg("BUY", "CE", { ...WEEK, atm_offset: 2 });

  const twice = picked(picked(blank, sale), sale);

  expect(twice.legs).toEqual([{ ...sale, lots: 2 }]);
  expect(picked(twice, purchase).legs).toEqual([sale]);
  expect(picked(picked(twice, purchase), purchase).legs).toEqual([]);
});

test("buying more than was sold turns the side", () => {
  const blank = firstDraft(undefined, "NIFTY", "WEEKLY");
  const sold = picked(blank, symbolLeg("SELL", "PE", "NIFTY26NOV24500PE", 65));

  const turned = picked(sold, symbolLeg("BUY", "PE", "NIFTY26NOV24500PE", 130));

  expect(turned.legs.map((leg) => [leg.action, leg.qty])).toEqual([["BUY", 65]]);
});

test("on another underlying the legs stand as far from the money, in an expiry it lists", () => {
  const condor = firstDraft(templateOf("iron-condor"), "NIFTY", "WEEKLY");

  const moved = onUnderlying(condor, "BANKNIFTY", MONTHS);

  expect([moved.underlying, moved.name]).toEqual(["BANKNIFTY", "BANKNIFTY iron condor"]);
  expect(new Set(moved.legs.map((leg) => leg.selector?.underlying))).toEqual(
    new Set(["BANKNIFTY"]),
  );
  expect(new Set(moved.legs.map((leg) => leg.selector?.expiry))).toEqual(new Set(["MONTHLY"]));
  expect(moved.legs.map((leg) => leg.selector?.atm_offset)).toEqual([3, 7, -3, -7]);
});
