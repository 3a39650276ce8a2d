/** A pair of what was and what is; one side is missing where something was added or removed. */
export type Pair<T> = readonly [before: T | undefined, after: T | undefined];

/**
 * Two lists beside each other: what stayed the same keeps its place in both, and what lies between
 * is paired in order, so that one removed leg does not make all that follow it look changed.
 */
export function aligned<T>(
  before: readonly T[],
  after: readonly T[],
  same: (one: T, other: T) => boolean,
): readonly Pair<T>[] {
  const pairs: Pair<T>[] = [];
  let [from, to] = [0, 0];
  for (const [i, j] of [...kept(before, after, same), [before.length, after.length] as const]) {
    const between = Math.max(i - from, j - to);
    for (let n = 0; n < between; n += 1) {
      pairs.push([
        from + n < i ? before[from + n] : undefined,
        to + n < j ? after[to + n] : undefined,
      ]);
    }
    if (i < before.length) pairs.push([before[i], after[j]]);
    [from, to] = [i + 1, j + 1];
  }
  return pairs;
}

/** Places of the longest run of elements that both lists have in the same order. */
function kept<T>(
  before: readonly T[],
  after: readonly T[],
  same: (one: T, other: T) => boolean,
): readonly (readonly [number, number])[] {
  const alike = (i: number, j: number) => same(before[i] as T, after[j] as T);
  const longest = before.map(() => after.map(() => 0));
  const at = (i: number, j: number) => longest[i]?.[j] ?? 0;
  for (let i = before.length - 1; i >= 0; i -= 1) {
    const row = longest[i] as number[];
    for (let j = after.length - 1; j >= 0; j -= 1) {
      row[j] = alike(i, j) ? 1 + at(i + 1, j + 1) : Math.max(at(i + 1, j), at(i, j + 1));
    }
  }
  const found: (readonly [number, number])[] = [];
  for (let i = 0, j = 0; i < before.length && j < after.length; ) {
    if (alike(i, j)) found.push([i++, j++]);
    else if (at(i + 1, j) >= at(i, j + 1)) i += 1;
    else j += 1;
  }
  return found;
}
