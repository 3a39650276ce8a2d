import { expect, test } from "vitest";
import { chainInWords } from "./chain";

const WHOLE = {
  stream: "RUN-1",
  sound: true,
  events: 27,
  unaudited: 0,
  sealed: 27,
  flaw: null,
  seal_faults: [],
};

test("a whole chain is told in plain words", () => {
  expect(chainInWords(WHOLE)).toBe(
    "Nothing was altered: 27 events, each linked to the one before, all of them under a seal.",
  );
  expect(chainInWords({ ...WHOLE, sealed: 20, unaudited: 1 })).toBe(
    "Nothing was altered: 27 events, each linked to the one before, the first 20 under a seal; 1 event not yet in the audit.",
  );
  expect(chainInWords({ ...WHOLE, sealed: 0 })).toContain("before, not under a seal yet.");
  expect(chainInWords({ ...WHOLE, sealed: null })).toContain("seals are kept and looked at apart");
});

test("what was altered is named", () => {
  const flaw = { version: 9, kind: "altered", detail: "it was rewritten" };
  expect(chainInWords({ ...WHOLE, sound: false, flaw })).toBe(
    "Not as it was recorded. Event 9: altered, it was rewritten.",
  );
});
