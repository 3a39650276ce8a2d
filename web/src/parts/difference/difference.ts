import {
  clockWord,
  type Defined,
  type DefinedLeg,
  dteWord,
  expiryWord,
  legWord,
  lotsWord,
  offsetWord,
  percentWord,
  referenceWord,
  rupeesWord,
  said,
  sideWord,
  weekdaysWord,
} from "~/words/definition";
import { count, NOTHING, price } from "~/words/money";
import { istDate } from "~/words/time";
import { aligned } from "./aligned";

/** One field, in the trade's words; a side that has no such thing is undefined. */
export interface Change {
  readonly label: string;
  readonly before: string | undefined;
  readonly after: string | undefined;
}

/** What changed of one part: the strategy itself, a leg, the schedule, the risk, the orders. */
export interface Part {
  readonly title: string;
  readonly changes: readonly Change[];
}

type Field<T> = readonly [label: string, tell: (of: T) => string];

const ITSELF: readonly Field<Defined>[] = [
  ["Name", (of) => of.name],
  ["Shape", (of) => said(of.type)],
  ["Underlying", (of) => of.underlying ?? "by its legs"],
  ["Unbounded risk", (of) => (of.accept_unbounded_risk ? "accepted" : "not accepted")],
];
const SCHEDULE: readonly Field<Defined>[] = [
  ["Entry", (of) => `${clockWord(of.schedule.entry_time)} IST`],
  ["Exit", (of) => `${clockWord(of.schedule.exit_time)} IST`],
  ["Weekdays", (of) => weekdaysWord(of.schedule.weekdays)],
  ["Days to expiry", (of) => dteWord(of.schedule)],
  ["Dates left out", (of) => datesWord(of.schedule.skip_dates)],
  ["Holding", (of) => (of.holding === "POSITIONAL" ? "overnight" : "within the day")],
  ["Exit after", (of) => countedWord(of.exit_after_sessions, "sessions")],
  ["Exit before expiry", (of) => countedWord(of.exit_dte, "days")],
];
const RISK: readonly Field<Defined>[] = [
  ["Max loss", (of) => rupeesWord(of.risk_params?.max_loss)],
  ["Target profit", (of) => rupeesWord(of.risk_params?.target_profit)],
  ["Stop loss", (of) => percentWord(of.risk_params?.stop_loss_pct)],
];
const ORDERS: readonly Field<Defined>[] = [
  ["Product", (of) => of.product ?? "as its holding has it"],
  ["Order type", (of) => said(of.order_type ?? "LIMIT")],
  ["Without a spot price", (of) => (of.atm_fallback == null ? "skip" : "put–call parity")],
  ["Entry may be late by", (of) => countedWord(of.entry_grace_s, "s", "the usual time")],
  ["Hedges fill within", (of) => countedWord(of.hedge_timeout_s, "s", "the usual time")],
];
const LEG: readonly Field<DefinedLeg>[] = [
  ["Side", (of) => sideWord(of.action)],
  ["Option", (of) => of.option_type ?? NOTHING],
  ["Strike", strikeWord],
  ["Expiry", (of) => (of.selector == null ? NOTHING : expiryWord(of.selector.expiry))],
  ["Underlying", (of) => of.selector?.underlying ?? NOTHING],
  ["Contract", (of) => of.symbol ?? "chosen at entry"],
  ["Quantity", (of) => (of.lots == null ? `${count(of.qty)} units` : lotsWord(of.lots))],
  ["At the money", (of) => (of.selector == null ? NOTHING : referenceWord(of.selector.reference))],
];

/** Everything in which two definitions differ, by part and field; empty where they mean the same. */
export function difference(before: Defined, after: Defined): readonly Part[] {
  const parts: readonly Part[] = [
    { title: "Strategy", changes: fields(ITSELF, before, after) },
    ...legs(before.legs, after.legs),
    { title: "Schedule", changes: fields(SCHEDULE, before, after) },
    { title: "Risk", changes: fields(RISK, before, after) },
    { title: "Orders", changes: fields(ORDERS, before, after) },
  ];
  return parts.filter((part) => part.changes.length > 0);
}

/** How many fields differ. */
export function countOf(parts: readonly Part[]): number {
  return parts.reduce((sum, part) => sum + part.changes.length, 0);
}

function fields<T>(told: readonly Field<T>[], before: T, after: T): readonly Change[] {
  return told
    .map(([label, tell]) => ({ label, before: tell(before), after: tell(after) }))
    .filter((change) => change.before !== change.after);
}

function legs(before: readonly DefinedLeg[], after: readonly DefinedLeg[]): readonly Part[] {
  return aligned(before, after, sameLeg).map(([old, now], place) => ({
    title: `Leg ${place + 1}`,
    changes: legChanges(old, now),
  }));
}

function legChanges(old: DefinedLeg | undefined, now: DefinedLeg | undefined): readonly Change[] {
  if (old !== undefined && now !== undefined) return fields(LEG, old, now);
  if (now !== undefined) return [{ label: "Added", before: undefined, after: legWord(now) }];
  if (old !== undefined) return [{ label: "Removed", before: legWord(old), after: undefined }];
  return [];
}

function sameLeg(one: DefinedLeg, other: DefinedLeg): boolean {
  return fields(LEG, one, other).length === 0;
}

function strikeWord(leg: DefinedLeg): string {
  if (leg.selector != null) return offsetWord(leg.selector.atm_offset);
  return leg.strike == null ? NOTHING : price(Number(leg.strike));
}

function datesWord(dates: readonly string[] | undefined): string {
  if (dates === undefined || dates.length === 0) return "none";
  return [...dates].sort().map(istDate).join(", ");
}

function countedWord(amount: number | null | undefined, what: string, absent = "off"): string {
  return amount == null ? absent : `${amount} ${what}`;
}
