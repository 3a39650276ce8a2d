import { expect, test } from "vitest";
import { sessionLeft } from "./account";

const SIX = "2026-11-19T00:30:00Z";

test("a session counts down to six in the morning in India", () => {
  const left = sessionLeft(SIX, new Date("2026-11-18T04:00:00Z"));

  expect(left).toEqual({ until: "06:00 IST, Thu 19 Nov", left: "20 h 30 min", soon: false });
});

test("its last half hour is told, and after it there is none", () => {
  expect(sessionLeft(SIX, new Date("2026-11-19T00:10:00Z"))?.soon).toBe(true);
  expect(sessionLeft(SIX, new Date(SIX))).toBeUndefined();
  expect(sessionLeft(null, new Date(SIX))).toBeUndefined();
});
