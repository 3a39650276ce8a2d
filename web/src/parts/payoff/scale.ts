import type { Schemas } from "~/api/types";

export type Point = Schemas["PointShown"];

/** The part of the horizontal axis that is shown, in even steps. */
export interface Frame {
  readonly low: number;
  readonly step: number;
  readonly count: number;
}

/** A place on the picture: ₹ at expiry, and now. */
export interface Sample {
  readonly spot: number;
  readonly profit: number;
  readonly today: number | null;
}

const STEPS: readonly number[] = [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 25, 50, 100, 250, 500];
/** At most so many places; more than a screen has room for. */
const MOST = 400;
/** Room on either side, as a part of what is shown, and of the price. */
const ROOM = 0.4;
const LEAST_ROOM = 0.012;
/** A frame wider than this many times what is needed is drawn anew. */
const TOO_WIDE = 2.4;

export function highOf(frame: Frame): number {
  return frame.low + frame.step * (frame.count - 1);
}

/** What has to be seen: strikes, breakevens that are near them, and where the market is. */
export function needed(
  strikes: readonly number[],
  breakevens: readonly number[],
  spot: number | null,
): readonly [number, number] {
  const core = spot === null ? strikes : [...strikes, spot];
  const [low, high] = [Math.min(...core), Math.max(...core)];
  const reach = Math.max(high - low, low * 0.03);
  const near = breakevens.filter((each) => each > low - reach && each < high + reach);
  return [Math.min(low, ...near), Math.max(high, ...near)];
}

/** A frame around what is needed, within the points there are. */
export function frameOf(
  [low, high]: readonly [number, number],
  points: readonly Point[],
): Frame | undefined {
  const first = points[0]?.spot;
  const last = points.at(-1)?.spot;
  if (first === undefined || last === undefined) return undefined;
  const room = Math.max((high - low) * ROOM, high * LEAST_ROOM);
  const from = Math.max(low - room, first);
  const to = Math.min(high + room, last);
  const step = STEPS.find((each) => (to - from) / each <= MOST) ?? (to - from) / MOST;
  const begin = Math.ceil(from / step) * step;
  const count = Math.max(Math.floor((to - begin) / step) + 1, 2);
  return { low: rounded(begin), step, count };
}

/** The frame there is, as long as it serves: a picture that does not jump while one edits. */
export function steady(
  shown: Frame | undefined,
  need: readonly [number, number],
  points: readonly Point[],
): Frame | undefined {
  const fresh = frameOf(need, points);
  if (shown === undefined || fresh === undefined) return fresh;
  const room = (highOf(fresh) - fresh.low) * 0.08;
  const holds = shown.low + room <= need[0] && highOf(shown) - room >= need[1];
  const wide = highOf(shown) - shown.low > TOO_WIDE * (highOf(fresh) - fresh.low);
  const told = shown.low >= (points[0]?.spot ?? 0) && highOf(shown) <= (points.at(-1)?.spot ?? 0);
  return holds && !wide && told ? shown : fresh;
}

/**
 * The platform's points at even steps: straight between two of them at expiry, where every corner is
 * a point, and a smooth curve today.
 */
export function sampled(points: readonly Point[], frame: Frame): readonly Sample[] {
  const slopes = slopesOf(points);
  let at = 0;
  return Array.from({ length: frame.count }, (_, i) => {
    const spot = rounded(frame.low + i * frame.step);
    while (at < points.length - 2 && (points[at + 1]?.spot ?? spot) <= spot) at += 1;
    return between(points, slopes, at, spot);
  });
}

function between(
  points: readonly Point[],
  slopes: readonly number[],
  at: number,
  spot: number,
): Sample {
  const a = points[at];
  const b = points[at + 1] ?? a;
  if (a === undefined || b === undefined) return { spot, profit: 0, today: null };
  const width = b.spot - a.spot || 1;
  const t = (spot - a.spot) / width;
  const profit = a.profit + (b.profit - a.profit) * t;
  if (a.today === null || b.today === null) return { spot, profit, today: null };
  const [ma, mb] = [(slopes[at] ?? 0) * width, (slopes[at + 1] ?? 0) * width];
  const today =
    (1 + 2 * t) * (1 - t) ** 2 * a.today +
    t * (1 - t) ** 2 * ma +
    t * t * (3 - 2 * t) * b.today +
    t * t * (t - 1) * mb;
  return { spot, profit, today };
}

/** How steep today's curve is at each point, by its neighbours. */
function slopesOf(points: readonly Point[]): readonly number[] {
  const steep = points.slice(1).map((b, i) => {
    const a = points[i] ?? b;
    return ((b.today ?? 0) - (a.today ?? 0)) / (b.spot - a.spot || 1);
  });
  return points.map((point, i) => {
    const [left, right] = [steep[i - 1], steep[i]];
    if (left === undefined || right === undefined) return left ?? right ?? 0;
    const before = point.spot - (points[i - 1]?.spot ?? point.spot);
    const after = (points[i + 1]?.spot ?? point.spot) - point.spot;
    return (after * left + before * right) / (before + after || 1);
  });
}

function rounded(price: number): number {
  return Math.round(price * 100) / 100;
}

/** The row each label takes so that none covers another: labels `width` wide at these places. */
export function rows(places: readonly number[], width: number): readonly number[] {
  const ends: number[] = [];
  const order = places.map((_, i) => i).sort((a, b) => (places[a] ?? 0) - (places[b] ?? 0));
  const found: number[] = places.map(() => 0);
  for (const i of order) {
    const from = (places[i] ?? 0) - width / 2;
    const free = ends.findIndex((end) => end <= from);
    const row = free < 0 ? ends.length : free;
    ends[row] = from + width;
    found[i] = row;
  }
  return found;
}
