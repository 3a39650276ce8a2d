import { expect, test } from "vitest";
import { ladderOf, nearest, stepped } from "./ladder";
import { frameOf, highOf, needed, rows, sampled, steady } from "./scale";

// A put spread sold at 100 and bought at 90: -6 below, 4 above.
const POINTS = [80, 85, 90, 95, 100, 105, 110, 120].map((spot) => ({
  spot,
  profit: Math.min(4, Math.max(-6, spot - 96)),
  today: (spot - 96) / 4,
}));

test("the frame shows strikes, near breakevens and the market, with room, on round places", () => {
  const need = needed([90, 100], [96, 500], 102);
  const frame = frameOf(need, POINTS);

  expect(need).toEqual([90, 102]);
  expect(frame?.low).toBeLessThan(90);
  expect(frame && highOf(frame)).toBeGreaterThan(102);
  expect(frame?.count).toBeLessThanOrEqual(401);
});

test("the frame stays while it serves, and moves when something leaves it", () => {
  const frame = frameOf([90, 102], POINTS);

  expect(steady(frame, [91, 101], POINTS)).toBe(frame);
  expect(steady(frame, [84, 102], POINTS)).not.toBe(frame);
  expect(steady(undefined, [90, 102], POINTS)).toEqual(frame);
});

test("the line at expiry has its corners, today's goes through the points", () => {
  const found = sampled(POINTS, { low: 85, step: 2.5, count: 9 });

  expect(found.map((each) => each.spot).slice(0, 3)).toEqual([85, 87.5, 90]);
  expect(found.map((each) => each.profit)).toEqual([-6, -6, -6, -3.5, -1, 1.5, 4, 4, 4]);
  expect(found[1]?.today).toBeCloseTo((87.5 - 96) / 4, 6);
});

test("where no volatility is known there is no line of today", () => {
  const blind = POINTS.map((point) => ({ ...point, today: null }));

  const found = sampled(blind, { low: 85, step: 5, count: 4 });

  expect(new Set(found.map((each) => each.today))).toEqual(new Set([null]));
});

test("labels that would cover each other stand in rows", () => {
  expect(rows([10, 100, 200], 40)).toEqual([0, 0, 0]);
  expect(rows([100, 100, 120], 40)).toEqual([0, 1, 2]);
  expect(rows([100, 100, 145], 40)).toEqual([0, 1, 0]);
});

test("a drag goes to the nearest strike that lists both options, and not beyond the last", () => {
  const option = (symbol: string) => ({ symbol, key: symbol, lot: 65, fresh: true });
  const strikes = [90, 100, 110].map((strike) => ({
    strike,
    ce: option(`C${strike}`),
    pe: strike === 110 ? null : option(`P${strike}`),
  }));
  const ladder = ladderOf({
    underlying: "NIFTY",
    expiry: "2026-11-24",
    dte: 6,
    now: "2026-11-18T04:00:00Z",
    spot: 96,
    forward: 96,
    atm: 100,
    strikes,
  });

  expect(ladder.map((rung) => rung.strike)).toEqual([90, 100]);
  expect([nearest(ladder, 94), nearest(ladder, 96), nearest([], 96)]).toEqual([0, 1, -1]);
  expect([stepped(ladder, 0, 5), stepped(ladder, 1, -9)]).toEqual([1, 0]);
});
