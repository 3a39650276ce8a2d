import { expect, test } from "vitest";
import { type Drafted, differing, following, touched } from "./draft";

interface Limits {
  readonly lots: number | null;
  readonly runs: number | null;
}

const first = { shown: { lots: 1, runs: null }, etag: '"1"' };
const drafted = (draft: Limits): Drafted<Limits> => ({ base: first, draft });

test("an untouched draft follows what others do", () => {
  const latest = { shown: { lots: 2, runs: null }, etag: '"2"' };

  expect(following<Limits>(drafted(first.shown), latest)).toEqual({
    base: latest,
    draft: latest.shown,
  });
});

test("what was begun stays on its edition while another is there", () => {
  const mine = drafted({ lots: 5, runs: null });

  expect(touched(mine)).toBe(true);
  expect(following<Limits>(mine, { shown: { lots: 2, runs: null }, etag: '"2"' })).toBe(mine);
});

test("a change of something else does not disturb it", () => {
  const mine = drafted({ lots: 5, runs: null });
  const latest = { shown: { ...first.shown }, etag: '"2"' };

  expect(following<Limits>(mine, latest)).toEqual({ base: latest, draft: mine.draft });
});

test("what differs is named", () => {
  expect(differing<Limits>({ lots: 5, runs: 1 }, { lots: 2, runs: 1 })).toEqual(["lots"]);
});
