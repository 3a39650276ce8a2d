import { expect, test } from "vitest";
import { contractWord, statusTone, statusWord } from "./words";

test("statuses are told in words; one that is new keeps its own", () => {
  expect(statusWord("PARTIAL")).toBe("Partly filled");
  expect(statusTone("UNKNOWN")).toBe("doubt");
  expect(statusWord("FROZEN")).toBe("FROZEN");
});

test("a contract is called by what it is, and by its symbol once it is not listed", () => {
  const facts = { underlying: "NIFTY", expiry: "2026-11-24", strike: 24500, option_type: "CE" };

  expect(contractWord("NFO:NIFTY26NOV24500CE", facts)).toBe("NIFTY 24 Nov 2026 24500 CE");
  expect(contractWord("NFO:NIFTY26NOV24500CE", null)).toBe("NIFTY26NOV24500CE");
});
