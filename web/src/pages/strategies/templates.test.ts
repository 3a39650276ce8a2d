import { expect, test } from "vitest";
import { firstDraft, TEMPLATES, templateOf } from "./templates";

test("each template has a name and legs of its own", () => {
  expect(new Set(TEMPLATES.map((each) => each.id)).size).toBe(TEMPLATES.length);
  const shapes = TEMPLATES.map((each) => JSON.stringify(each.legs));
  expect(new Set(shapes).size).toBe(TEMPLATES.length);
});

test("what is sold with a wing is covered: as many bought as sold of each type", () => {
  const covered = TEMPLATES.filter((each) => !each.about.includes("without cover"));
  for (const { legs, name } of covered) {
    for (const type of ["CE", "PE"]) {
      const lots = (side: string) =>
        legs
          .filter((leg) => leg.option === type && leg.action === side)
          .reduce((sum, leg) => sum + leg.lots, 0);
      expect(lots("BUY"), `${name} ${type}`).toBeGreaterThanOrEqual(lots("SELL"));
    }
  }
});

test("a draft by the iron condor follows the money on the underlying chosen", () => {
  const draft = firstDraft(templateOf("iron-condor"), "BANKNIFTY", "MONTHLY");

  expect(draft.name).toBe("BANKNIFTY iron condor");
  expect(draft.type).toBe("IRON_CONDOR");
  expect(draft.legs.map((leg) => [leg.action, leg.option_type, leg.selector?.atm_offset])).toEqual([
    ["SELL", "CE", 3],
    ["BUY", "CE", 7],
    ["SELL", "PE", -3],
    ["BUY", "PE", -7],
  ]);
  expect(draft.legs.every((leg) => leg.selector?.expiry === "MONTHLY")).toBe(true);
  expect(draft.schedule.dte_max).toBeNull();
});

test("a blank draft has no legs and any shape", () => {
  const draft = firstDraft(templateOf("blank"), "NIFTY", "WEEKLY");

  expect([draft.type, draft.legs]).toEqual(["CUSTOM", []]);
});
