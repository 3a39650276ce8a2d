import type { Account } from "~/api/types";
import { symbolOf } from "~/parts/trades/words";
import { count } from "~/words/money";

export type Drift = Account["drifts"][number];

/** What tells a difference from any other. */
export function driftKey(drift: Drift): string {
  return [drift.kind, drift.key, drift.product, drift.order].join(" ");
}

/** In what the broker and the platform differ, in a sentence. */
export function driftWords(drift: Drift): string {
  const of = `${symbolOf(drift.key)} (${drift.product})`;
  if (drift.kind === "TRADES") {
    return `Order ${drift.order} of ${of} filled ${count(drift.expected)} by the book, ${count(drift.found)} by its trades.`;
  }
  if (drift.kind === "ORDER") {
    return `No run knows order ${drift.order} over ${count(drift.found)} of ${of}.`;
  }
  return `The broker has ${count(drift.found)} of ${of}, we expected ${count(drift.expected)}.`;
}

/** Units that are there beyond what should be: what adopting, ignoring and trading away is about. */
export function beyond(drift: Drift): number {
  return drift.found - drift.expected;
}

/** Trades the difference away: what would be done. */
export function awayWords(drift: Drift): string {
  const units = beyond(drift);
  const verb = units > 0 ? "sells" : "buys";
  return `${verb} ${count(Math.abs(units))} units of ${symbolOf(drift.key)}`;
}

export type Way = "adopt" | "ignore" | "flatten" | "explain";

/** How a difference can be settled: only units that are there or missing can be counted or traded. */
export function waysOut(drift: Drift): readonly Way[] {
  return drift.kind === "NET" ? ["adopt", "ignore", "flatten", "explain"] : ["explain"];
}
