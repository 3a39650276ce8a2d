import type { RunWords } from "~/parts/runs/words";
import { amount, each, inside, type Said, text } from "./said";

/** A leg as a run trades it. */
export interface KnownLeg {
  readonly symbol: string;
  readonly side: string;
  readonly quantity: number;
}

/** One order at the broker, as it was released. */
export interface KnownOrder extends KnownLeg {
  readonly price: number | undefined;
  readonly phase: string;
}

/** What earlier events of a run say, and later ones only refer to; and the words for its codes. */
export interface Known {
  readonly words: RunWords;
  readonly legs: readonly KnownLeg[];
  readonly orders: ReadonlyMap<string, KnownOrder>;
}

export const NOTHING_KNOWN: Known = { words: undefined, legs: [], orders: new Map() };

interface Told {
  readonly topic: string;
  readonly event: Said;
}

/** The legs and orders that these events of one run tell of. */
export function knownFrom(events: readonly Told[], words: RunWords): Known {
  const planned = events.find((event) => event.topic === "run.planned");
  const legs = planned === undefined ? [] : each(planned.event, "legs").map(legOf);
  const orders = new Map<string, KnownOrder>();
  for (const { topic, event } of events) {
    if (topic !== "run.phase_released") continue;
    for (const slice of each(event, "slices")) {
      orders.set(text(slice, "tag"), orderOf(slice, legs));
    }
  }
  return { words, legs, orders };
}

function legOf(leg: Said): KnownLeg {
  return {
    symbol: text(inside(leg, "contract"), "tradingsymbol"),
    side: text(leg, "side"),
    quantity: amount(leg, "quantity") ?? 0,
  };
}

export function orderOf(slice: Said, legs: readonly KnownLeg[]): KnownOrder {
  const leg = amount(slice, "leg") ?? 0;
  return {
    symbol: legs[leg]?.symbol ?? `leg ${leg + 1}`,
    side: text(slice, "side"),
    quantity: amount(slice, "quantity") ?? 0,
    price: amount(slice, "price"),
    phase: text(slice, "phase"),
  };
}
