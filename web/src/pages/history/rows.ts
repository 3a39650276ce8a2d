import { isSaid, type Said, spelt, text } from "~/parts/events/said";
import { type DefinedLeg, legWord } from "~/words/definition";
import { count, NOTHING, rupees } from "~/words/money";
import { istDate, istMoment } from "~/words/time";
import type { Views } from "./run";
import type { Fact, Group } from "./sheet";

const TITLES: Readonly<Record<string, string>> = {
  strategies: "Strategy",
  baskets: "Basket",
  broker_accounts: "Account",
  users: "User",
  positions: "Positions",
  inbox: "Notices told",
};
/** Bookkeeping: when a strategy is due is told by its schedule. */
const HIDDEN_VIEWS = new Set(["due_slots", "daily_pnl"]);
const HIDDEN = new Set(["id", "edition", "user_id", "notice_id", "secrets_ref", "updated_at"]);
const LABELS: Readonly<Record<string, string>> = {
  dte_min: "Days to expiry, least",
  dte_max: "Days to expiry, most",
  dte_basis: "Days counted",
  definition_version: "Version",
  atm_offset: "Strikes from the money",
  qty: "Units",
  static_ip: "Address at the broker",
  risk_params: "Risk",
};
const RUPEES = new Set(["max_notional", "max_daily_loss", "max_loss", "target_profit", "price"]);
/** Lists of things that have words of their own. */
const LISTED: Readonly<Record<string, { label: string; line: (each: Said) => string }>> = {
  legs: { label: "Leg", line: (leg) => legWord(leg as unknown as DefinedLeg) },
  faults: { label: "Fault", line: (fault) => text(fault, "message") },
  targets: {
    label: "Target",
    line: (target) => `${text(target, "account_id")} × ${text(target, "multiplier")}`,
  },
};
const MOMENT = /^\d{4}-\d{2}-\d{2}T/;
const DAY = /^\d{4}-\d{2}-\d{2}$/;

export function labelOf(field: string): string {
  const words = spelt(field).replace(/ (id|at)$/, "");
  return LABELS[field] ?? words.charAt(0).toUpperCase() + words.slice(1);
}

/** Any value as one reads it. */
export function shown(field: string, value: unknown): string {
  if (value === null || value === undefined || value === "") return NOTHING;
  if (typeof value === "boolean") return value ? "yes" : "no";
  if (typeof value === "number") return RUPEES.has(field) ? rupees(value) : count(value);
  if (Array.isArray(value)) {
    return value.length === 0 ? "none" : value.map((each) => shown(field, each)).join(", ");
  }
  if (isSaid(value)) return line(value);
  const words = String(value);
  if (MOMENT.test(words)) return istMoment(words);
  if (DAY.test(words)) return istDate(words);
  return /^[A-Z]+(_[A-Z]+)+$/.test(words) ? spelt(words) : words;
}

/** All that something nested says, in one line. */
function line(said: Said): string {
  return Object.entries(said)
    .filter(([, value]) => value !== null && value !== undefined)
    .map(([field, value]) =>
      isSaid(value) ? line(value) : `${labelOf(field).toLowerCase()} ${shown(field, value)}`,
    )
    .join(", ");
}

function facts(row: Said, prefix = ""): readonly Fact[] {
  return Object.entries(row).flatMap(([field, value]): readonly Fact[] => {
    if (HIDDEN.has(field)) return [];
    const label = prefix === "" ? labelOf(field) : `${prefix}: ${labelOf(field).toLowerCase()}`;
    if (isSaid(value)) return facts(value, label);
    if (Array.isArray(value) && value.some(isSaid)) {
      const one = LISTED[field];
      return value.filter(isSaid).map((each, at) => ({
        label: `${one?.label ?? label} ${at + 1}`,
        text: one?.line(each) ?? shown(field, each),
      }));
    }
    return [{ label, text: shown(field, value) }];
  });
}

function notices(rows: readonly Said[]): readonly Fact[] {
  return rows.map((row) => ({ label: shown("at", row.at), text: shown("text", row.text) }));
}

function groupOf(view: string, rows: readonly Said[]): readonly Group[] {
  const title = TITLES[view] ?? labelOf(view);
  if (view === "inbox") return rows.length === 0 ? [] : [{ title, facts: notices(rows) }];
  return rows.map((row, at) => ({
    title: rows.length === 1 ? title : `${title} ${at + 1}`,
    facts: facts(row),
  }));
}

/** What was known of anything but a run. */
export function rowsThen(views: Views): readonly Group[] {
  return Object.entries(views)
    .filter(([view]) => !HIDDEN_VIEWS.has(view))
    .flatMap(([view, rows]) => groupOf(view, rows));
}
