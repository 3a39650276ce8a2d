import type { Paths } from "~/api/types";

/** All strikes of one expiry, as the market shows them. */
export type OptionChain =
  Paths["/market/chain/{underlying}"]["get"]["responses"][200]["content"]["application/json"];

/** A listed strike with both of its options: only these count as steps from the money. */
export interface Rung {
  readonly strike: number;
  readonly lot: number;
  readonly CE: string;
  readonly PE: string;
}

/** The strikes listed on one expiry, from the lowest. */
export type Ladder = readonly Rung[];

export function ladderOf(chain: OptionChain): Ladder {
  return chain.strikes.flatMap(({ strike, ce, pe }) =>
    ce === null || pe === null ? [] : [{ strike, lot: ce.lot, CE: ce.symbol, PE: pe.symbol }],
  );
}

/** The place of the listed strike nearest to a price; -1 where none is listed. */
export function nearest(ladder: Ladder, price: number): number {
  let best = -1;
  let least = Number.POSITIVE_INFINITY;
  for (const [place, { strike }] of ladder.entries()) {
    const distance = Math.abs(strike - price);
    if (distance < least) {
      best = place;
      least = distance;
    }
  }
  return best;
}

/** Rungs up or down, as far as strikes are listed. */
export function stepped(ladder: Ladder, place: number, steps: number): number {
  return Math.min(Math.max(place + steps, 0), ladder.length - 1);
}
