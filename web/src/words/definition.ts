import type { Schemas } from "~/api/types";
import { count, NOTHING, wholeRupees } from "./money";
import { istDate } from "./time";

/** A definition as it is sent, as it is shown, and as one of its versions. */
export type Defined = Schemas["Definition"] | Schemas["StrategyShown"] | Schemas["VersionShown"];
export type DefinedLeg = Defined["legs"][number];

type Amount = number | string | null | undefined;

const EXPIRIES: Readonly<Record<string, string>> = {
  WEEKLY: "this week's expiry",
  NEXT_WEEKLY: "next week's expiry",
  MONTHLY: "this month's expiry",
  NEXT_MONTHLY: "next month's expiry",
};
const REFERENCES: Readonly<Record<string, string>> = {
  SPOT: "of the spot",
  FUTURE: "of the future",
  SYNTHETIC: "by put–call parity",
};
const WEEKDAYS: Readonly<Record<string, string>> = {
  MON: "Mon",
  TUE: "Tue",
  WED: "Wed",
  THU: "Thu",
  FRI: "Fri",
};

/** IRON_CONDOR as one says it: Iron condor. */
export function said(name: string): string {
  return capital(name.toLowerCase().replaceAll("_", " "));
}

/** As a sentence begins. */
export function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

export function sideWord(side: string): string {
  return side === "BUY" ? "Buy" : "Sell";
}

/** A strike by its distance from the money, in listed strikes. */
export function offsetWord(offset: number | undefined): string {
  if (offset === undefined || offset === 0) return "ATM";
  return offset > 0 ? `ATM + ${offset}` : `ATM \u2212 ${-offset}`;
}

/** An expiry by its rule, or by its day. */
export function expiryWord(expiry: string): string {
  return EXPIRIES[expiry] ?? `expiry of ${istDate(expiry)}`;
}

export function referenceWord(reference: string | undefined): string {
  return REFERENCES[reference ?? "SPOT"] ?? said(reference ?? "");
}

export function lotsWord(lots: number | null | undefined): string {
  if (lots == null) return NOTHING;
  return lots === 1 ? "1 lot" : `${count(lots)} lots`;
}

export function rupeesWord(amount: Amount): string {
  return amount == null ? "off" : wholeRupees(Number(amount));
}

export function percentWord(amount: Amount): string {
  return amount == null ? "off" : `${Number(amount)} % of the premium`;
}

/** 09:20, with its seconds only where there are any. */
export function clockWord(clock: string): string {
  return clock.endsWith(":00") && clock.length === 8 ? clock.slice(0, 5) : clock;
}

/** Mon–Fri, or the days by name. */
export function weekdaysWord(days: readonly string[] | undefined): string {
  const all = Object.keys(WEEKDAYS);
  const named = all.filter((day) => days === undefined || days.includes(day));
  if (named.length === 0) return "never";
  if (named.length === all.length) return "Mon–Fri";
  return named.map((day) => WEEKDAYS[day]).join(", ");
}

/** Which days to expiry it enters at. */
export function dteWord(schedule: Defined["schedule"]): string {
  const { dte_min: low, dte_max: high } = schedule;
  if (low == null && high == null) return "any";
  const what = schedule.dte_basis === "TRADING" ? "sessions" : "days";
  if (high == null) return `${low} ${what} or more`;
  return `${low ?? 0} to ${high} ${what}`;
}

/** A leg in one line: Sell 1 lot NIFTY CE, ATM + 3, this week's expiry. */
export function legWord(leg: DefinedLeg): string {
  const side = sideWord(leg.action);
  if (leg.selector == null) return `${side} ${count(leg.qty)} ${leg.symbol ?? ""}`;
  const { underlying, expiry, atm_offset } = leg.selector;
  const option = `${underlying} ${leg.option_type ?? ""}`;
  return `${side} ${lotsWord(leg.lots)} ${option}, ${offsetWord(atm_offset)}, ${expiryWord(expiry)}`;
}
