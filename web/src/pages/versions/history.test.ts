import { expect, test } from "vitest";
import { pairOf, summary, type Version } from "./history";

function version(number: number, entry: string): Version {
  return {
    version: number,
    defined_at: "2026-11-18T03:30:00Z",
    defined_by: "USER-1",
    restored: null,
    name: "Condor",
    type: "CUSTOM",
    legs: [],
    schedule: {
      entry_time: entry,
      exit_time: "15:00",
      weekdays: [],
      dte_basis: "CALENDAR",
      skip_dates: [],
    },
    risk_params: {},
    holding: "INTRADAY",
    order_type: "LIMIT",
    accept_unbounded_risk: false,
  };
}

const THREE = [version(1, "09:20"), version(2, "09:30"), version(3, "09:20")];

function numbers(asked: string): readonly (number | undefined)[] {
  const pair = pairOf(THREE, new URLSearchParams(asked));
  return [pair?.before.version, pair?.after.version];
}

test("the newest is compared with the one before it, or whatever the address asks", () => {
  expect(numbers("")).toEqual([2, 3]);
  expect(numbers("from=1&to=3")).toEqual([1, 3]);
  expect(numbers("from=9&to=2")).toEqual([2, 2]);
  expect(pairOf(THREE.slice(0, 1), new URLSearchParams())).toBeUndefined();
});

test("what a version changed is told in a few words", () => {
  expect(summary(version(1, "09:20"), undefined)).toBe("The first draft");
  expect(summary(version(2, "09:30"), version(1, "09:20"))).toBe("Schedule: 1 change");
  expect(summary(version(3, "09:20"), version(1, "09:20"))).toBe("Says the same in other words");
});
