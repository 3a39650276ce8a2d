import type { Schemas } from "~/api/types";
import type { Placed } from "~/parts/payoff/Handles";
import type { Ladder } from "~/parts/payoff/ladder";
import { type Draft, type Leg, sizeOf, withLeg } from "./draft";
import { awayInWords } from "./words";

export type Priced = Schemas["LegPreview"];

/** Legs as the platform found them: what was asked, and the contract each one meant. */
export interface Told {
  readonly asked: readonly Leg[];
  readonly legs: readonly Priced[];
  readonly spot: number | null;
}

/** What the platform said of this leg, if it is still on the same expiry. */
export function pricedAt(told: Told | undefined, legs: readonly Leg[], i: number) {
  const [leg, asked, priced] = [legs[i], told?.asked[i], told?.legs[i]];
  if (leg === undefined || asked === undefined || priced === undefined) return undefined;
  if (told?.asked.length !== legs.length) return undefined;
  const steady =
    leg.selector?.underlying === asked.selector?.underlying &&
    leg.selector?.expiry === asked.selector?.expiry &&
    (leg.selector === null) === (asked.selector === null);
  return steady ? { leg, asked, priced } : undefined;
}

/** Where the money is on the ladder, by where the platform found a leg that counts from it. */
function moneyOf(ladder: Ladder, asked: Leg, priced: Priced): number {
  const found = ladder.findIndex((rung) => rung.strike === priced.strike);
  return found - (asked.selector?.atm_offset ?? 0);
}

/** The legs on their ladders, those the platform has not placed yet left out. */
export function placedLegs(
  legs: readonly Leg[],
  told: Told | undefined,
  ladders: ReadonlyMap<string, Ladder>,
): readonly Placed[] {
  return legs.flatMap((leg, i) => {
    const known = pricedAt(told, legs, i);
    const ladder = known && ladders.get(known.priced.expiry);
    if (known === undefined || ladder === undefined) return [];
    const place = placeOf(leg, known.asked, known.priced, ladder);
    const option = leg.option_type ?? known.priced.option_type;
    if (ladder[place] === undefined) return [];
    const sign = leg.action === "BUY" ? "+" : "\u2212";
    const size = `${sign}${sizeOf(leg)}`;
    return [{ leg: i, side: leg.action, option, size, away: awayInWords(leg), ladder, place }];
  });
}

function placeOf(leg: Leg, asked: Leg, priced: Priced, ladder: Ladder): number {
  if (leg.selector !== null) return moneyOf(ladder, asked, priced) + leg.selector.atm_offset;
  return ladder.findIndex((rung) => rung.CE === leg.symbol || rung.PE === leg.symbol);
}

/** The leg at another rung: by its distance from the money, or in the contract listed there. */
export function moved(
  draft: Draft,
  told: Told | undefined,
  ladders: ReadonlyMap<string, Ladder>,
  i: number,
  place: number,
): Draft {
  const known = pricedAt(told, draft.legs, i);
  const ladder = known && ladders.get(known.priced.expiry);
  const rung = ladder?.[place];
  if (known === undefined || ladder === undefined || rung === undefined) return draft;
  const { asked, priced } = known;
  return withLeg(draft, i, (leg) => {
    if (leg.selector !== null) {
      const atm_offset = place - moneyOf(ladder, asked, priced);
      return { ...leg, selector: { ...leg.selector, atm_offset } };
    }
    const symbol = rung[leg.option_type ?? priced.option_type];
    return { ...leg, symbol, strike: leg.strike === null ? null : rung.strike };
  });
}

/** The leg in the contract it means now, whatever the money does. */
export function pinned(leg: Leg, known: { asked: Leg; priced: Priced }, ladder: Ladder): Leg {
  const rung = ladder[placeOf(leg, known.asked, known.priced, ladder)];
  if (rung === undefined || leg.selector === null) return leg;
  const qty = (leg.lots ?? 1) * rung.lot;
  const symbol = rung[leg.option_type ?? "CE"];
  return { ...leg, selector: null, lots: null, symbol, qty, strike: null };
}

/** The leg at its distance from the money, which it follows from now on. */
export function following(
  leg: Leg,
  priced: Priced,
  ladder: Ladder,
  spot: number,
  on: { underlying: string; expiry: string },
): Leg {
  const money = ladder.reduce(
    (best, rung, i) =>
      Math.abs(rung.strike - spot) < Math.abs((ladder[best]?.strike ?? 0) - spot) ? i : best,
    0,
  );
  const place = ladder.findIndex((rung) => rung.strike === priced.strike);
  const lots = Math.max(Math.round((leg.qty ?? 0) / (ladder[place]?.lot ?? 1)), 1);
  return {
    ...leg,
    symbol: null,
    qty: null,
    strike: null,
    option_type: priced.option_type,
    lots,
    selector: { ...on, atm_offset: place - money, reference: "SPOT" },
  };
}
