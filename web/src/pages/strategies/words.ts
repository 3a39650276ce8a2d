import type { Schemas } from "~/api/types";
import { istDate } from "~/words/time";
import { isRule, type Leg, type StrategyType } from "./draft";

export const TYPES: Readonly<Record<StrategyType, string>> = {
  IRON_CONDOR: "Iron condor",
  IRON_BUTTERFLY: "Iron butterfly",
  STRADDLE: "Straddle",
  STRANGLE: "Strangle",
  BULL_CALL_SPREAD: "Bull call spread",
  BEAR_CALL_SPREAD: "Bear call spread",
  BULL_PUT_SPREAD: "Bull put spread",
  BEAR_PUT_SPREAD: "Bear put spread",
  CALENDAR_SPREAD: "Calendar spread",
  BUTTERFLY: "Butterfly",
  CUSTOM: "Any shape",
};

export const RULES: Readonly<Record<Schemas["ExpiryRule"], string>> = {
  WEEKLY: "This week's",
  NEXT_WEEKLY: "Next week's",
  MONTHLY: "This month's",
  NEXT_MONTHLY: "Next month's",
};

export const WEEKDAYS: readonly (readonly [Schemas["Weekday"], string])[] = [
  ["MON", "Mon"],
  ["TUE", "Tue"],
  ["WED", "Wed"],
  ["THU", "Thu"],
  ["FRI", "Fri"],
];

/** Mon–Fri, or the days by name. */
export function weekdaysInWords(days: readonly string[]): string {
  const shown = WEEKDAYS.filter(([day]) => days.includes(day));
  if (shown.length === 5) return "Mon–Fri";
  return shown.map(([, name]) => name).join(", ") || "no day";
}

/** How a trader says a distance from the money: ATM, OTM 2, ITM 1. */
export function awayInWords(leg: Leg): string {
  if (leg.selector === null) return "";
  const { atm_offset: offset } = leg.selector;
  if (offset === 0) return "ATM";
  const out = offset > 0 === (leg.option_type === "CE");
  return `${out ? "OTM" : "ITM"} ${Math.abs(offset)}`;
}

export function expiryInWords(expiry: string): string {
  return isRule(expiry) ? RULES[expiry as Schemas["ExpiryRule"]] : istDate(`${expiry}T12:00:00Z`);
}
