import type { Draft, Leg } from "./draft";
import { awayInWords, expiryInWords, TYPES, weekdaysInWords } from "./words";

/** A field that differs, in words. */
export interface Difference {
  readonly field: string;
  readonly yours: string;
  readonly theirs: string;
}

const NONE = "–";

/** Where two definitions of a strategy differ. */
export function differences(yours: Draft, theirs: Draft): readonly Difference[] {
  const [mine, other] = [told(yours), told(theirs)];
  const fields = [...new Set([...mine.keys(), ...other.keys()])];
  return fields.flatMap((field) => {
    const pair = { yours: mine.get(field) ?? NONE, theirs: other.get(field) ?? NONE };
    return pair.yours === pair.theirs ? [] : [{ field, ...pair }];
  });
}

function told(draft: Draft): ReadonlyMap<string, string> {
  const { schedule, risk_params: risk } = draft;
  const fields: (readonly [string, unknown])[] = [
    ["Name", draft.name],
    ["Shape", TYPES[draft.type]],
    ["Underlying", draft.underlying],
    ...draft.legs.map((leg, i) => [`Leg ${i + 1}`, legInWords(leg)] as const),
    ["Entry", schedule.entry_time],
    ["Exit", schedule.exit_time],
    ["Weekdays", weekdaysInWords(schedule.weekdays ?? [])],
    ["DTE from", schedule.dte_min],
    ["DTE to", schedule.dte_max],
    ["DTE in", schedule.dte_basis === "TRADING" ? "sessions" : "days"],
    ["Dates to skip", schedule.skip_dates?.join(", ") || null],
    ["Max loss", risk.max_loss],
    ["Target profit", risk.target_profit],
    ["Stop loss, %", risk.stop_loss_pct],
    ["Accepts unlimited loss", draft.accept_unbounded_risk ? "yes" : "no"],
    ["Held", draft.holding === "POSITIONAL" ? "overnight" : "within the day"],
    ["Leaves after sessions", draft.exit_after_sessions],
    ["Leaves at DTE", draft.exit_dte],
    ["Product", draft.product],
    ["Order type", draft.order_type],
    ["Without a spot", draft.atm_fallback],
    ["Late entry until, s", draft.entry_grace_s],
    ["Hedges within, s", draft.hedge_timeout_s],
  ];
  return new Map(fields.map(([field, value]) => [field, value == null ? NONE : String(value)]));
}

function legInWords(leg: Leg): string {
  const { selector } = leg;
  if (selector === null) return `${leg.action} ${leg.qty ?? 0} ${leg.symbol ?? ""}`;
  const reference = selector.reference === "SPOT" ? "" : `, by ${selector.reference.toLowerCase()}`;
  const what = `${selector.underlying} ${leg.option_type ?? ""} ${awayInWords(leg)}`;
  return `${leg.action} ${leg.lots ?? 0} × ${what}, ${expiryInWords(selector.expiry)}${reference}`;
}
