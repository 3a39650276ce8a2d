import { expect, test } from "vitest";
import { differences } from "./differences";
import { firstDraft, templateOf } from "./templates";

const CONDOR = firstDraft(templateOf("iron-condor"), "NIFTY", "WEEKLY");

test("what is the same on both sides is not told", () => {
  expect(differences(CONDOR, structuredClone(CONDOR))).toEqual([]);
});

test("each field that differs is told in the words of the trade", () => {
  const theirs = {
    ...CONDOR,
    legs: CONDOR.legs.slice(0, 3),
    risk_params: { ...CONDOR.risk_params, max_loss: 4000 },
  };

  expect(differences(CONDOR, theirs)).toEqual([
    { field: "Leg 4", yours: "BUY 1 × NIFTY PE OTM 7, This week's", theirs: "–" },
    { field: "Max loss", yours: "5000", theirs: "4000" },
  ]);
});
