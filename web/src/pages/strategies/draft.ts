import type { Definition, Schemas, Strategy } from "~/api/types";

export type Side = Schemas["Side"];
export type OptionType = Schemas["OptionType"];
export type StrategyType = Schemas["StrategyType"];
export type Expiries = Schemas["ExpiriesShown"]["expiries"];
export type Leg = Required<Schemas["LegDefinition"]> & {
  readonly selector: Required<Schemas["LegSelector"]> | null;
};
/** A definition with every field told: two are equal where their JSON is. */
export type Draft = Omit<Required<Definition>, "legs" | "schedule" | "risk_params"> & {
  legs: Leg[];
  schedule: Required<Schemas["Schedule"]>;
  risk_params: Required<Schemas["RiskParams"]>;
};

const ALL_WEEK: readonly Schemas["Weekday"][] = ["MON", "TUE", "WED", "THU", "FRI"];

/** The definition in what the platform shows, or in what was sent: whole, in one order of fields. */
export function draftOf(told: Definition | Strategy): Draft {
  return {
    name: told.name,
    type: told.type,
    underlying: told.underlying ?? null,
    legs: told.legs.map((leg) => legOf(leg as Schemas["LegDefinition"])),
    schedule: scheduleOf(told.schedule as Schemas["Schedule"]),
    risk_params: {
      max_loss: told.risk_params?.max_loss ?? null,
      target_profit: told.risk_params?.target_profit ?? null,
      stop_loss_pct: told.risk_params?.stop_loss_pct ?? null,
    },
    holding: told.holding ?? "INTRADAY",
    exit_after_sessions: told.exit_after_sessions ?? null,
    exit_dte: told.exit_dte ?? null,
    product: told.product ?? null,
    order_type: (told.order_type ?? "LIMIT") as Draft["order_type"],
    accept_unbounded_risk: told.accept_unbounded_risk ?? false,
    atm_fallback: (told.atm_fallback ?? null) as Draft["atm_fallback"],
    entry_grace_s: told.entry_grace_s ?? null,
    hedge_timeout_s: told.hedge_timeout_s ?? null,
  };
}

function legOf(told: Schemas["LegDefinition"]): Leg {
  const { selector } = told;
  return {
    action: told.action,
    option_type: told.option_type ?? null,
    lots: told.lots ?? null,
    selector: selector
      ? {
          underlying: selector.underlying,
          expiry: selector.expiry,
          atm_offset: selector.atm_offset ?? 0,
          reference: selector.reference ?? "SPOT",
        }
      : null,
    symbol: told.symbol ?? null,
    qty: told.qty ?? null,
    strike: told.strike ?? null,
  };
}

function scheduleOf(told: Schemas["Schedule"]): Draft["schedule"] {
  return {
    entry_time: told.entry_time,
    exit_time: told.exit_time,
    weekdays: [...(told.weekdays ?? ALL_WEEK)],
    dte_min: told.dte_min ?? null,
    dte_max: told.dte_max ?? null,
    dte_basis: told.dte_basis ?? "CALENDAR",
    skip_dates: [...(told.skip_dates ?? [])],
  };
}

export function same(one: Draft, other: Draft): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}

/** What its legs are on, as far as they say; a leg by symbol does not. */
export function underlyingOf(draft: Draft): string | null {
  const told = draft.legs.find((leg) => leg.selector !== null)?.selector;
  return told?.underlying ?? draft.underlying;
}

/** What a new leg's expiry follows: the nearest week where weeks are listed, else the month. */
export function usualExpiry(expiries: Expiries): Schemas["ExpiryRule"] {
  return expiries.some((each) => !each.monthly) ? "WEEKLY" : "MONTHLY";
}

/** A leg that follows the money. */
export function selectorLeg(
  action: Side,
  optionType: OptionType,
  selector: { underlying: string; expiry: string; atm_offset: number },
  lots = 1,
): Leg {
  const { underlying, expiry, atm_offset } = selector;
  return legOf({
    action,
    option_type: optionType,
    lots,
    selector: { underlying, expiry, atm_offset, reference: "SPOT" },
  });
}

/** A leg in this very contract. */
export function symbolLeg(action: Side, optionType: OptionType, symbol: string, qty: number): Leg {
  return legOf({ action, option_type: optionType, symbol, qty });
}

export function withLeg(draft: Draft, place: number, change: (leg: Leg) => Leg): Draft {
  const legs = draft.legs.map((leg, i) => (i === place ? change(leg) : leg));
  return { ...draft, legs };
}

export function withoutLeg(draft: Draft, place: number): Draft {
  return { ...draft, legs: draft.legs.filter((_, i) => i !== place) };
}

/** How many lots, or units, a leg has: what its size is counted in. */
export function sizeOf(leg: Leg): number {
  return leg.selector === null ? (leg.qty ?? 0) : (leg.lots ?? 0);
}

export function sized(leg: Leg, size: number): Leg {
  return leg.selector === null ? { ...leg, qty: size } : { ...leg, lots: size };
}

function sameOption(one: Leg, other: Leg): boolean {
  const { selector: a } = one;
  const { selector: b } = other;
  if (a === null || b === null) return a === b && one.symbol === other.symbol;
  return (
    one.option_type === other.option_type &&
    a.underlying === b.underlying &&
    a.expiry === b.expiry &&
    a.atm_offset === b.atm_offset &&
    a.reference === b.reference
  );
}

/** A pick on the chain: more of a leg there is, less of one on the other side, or a new one. */
export function picked(draft: Draft, leg: Leg): Draft {
  const place = draft.legs.findIndex((each) => sameOption(each, leg));
  const held = draft.legs[place];
  if (held === undefined) return { ...draft, legs: [...draft.legs, leg] };
  const signed = held.action === leg.action ? sizeOf(leg) : -sizeOf(leg);
  const size = sizeOf(held) + signed;
  if (size === 0) return withoutLeg(draft, place);
  if (size > 0) return withLeg(draft, place, (each) => sized(each, size));
  return withLeg(draft, place, (each) => sized({ ...each, action: leg.action }, -size));
}

/** All legs on another underlying, as far from the money as they were; a name that tells it, too. */
export function onUnderlying(draft: Draft, underlying: string, expiries: Expiries): Draft {
  const usual = usualExpiry(expiries);
  const weekly = usual === "WEEKLY";
  const legs = draft.legs.map((leg) => {
    const was = leg.selector;
    const keeps = was !== null && (weekly || was.expiry.includes("MONTHLY")) && isRule(was.expiry);
    return legOf({
      action: leg.action,
      option_type: leg.option_type ?? "CE",
      lots: leg.lots ?? 1,
      selector: {
        underlying,
        expiry: keeps ? was.expiry : usual,
        atm_offset: was?.atm_offset ?? 0,
        reference: was?.reference ?? "SPOT",
      },
    });
  });
  const was = underlyingOf(draft);
  const name = was === null ? draft.name : draft.name.replace(was, underlying);
  return { ...draft, name, underlying: draft.underlying === null ? null : underlying, legs };
}

export function isRule(expiry: string): boolean {
  return expiry.endsWith("LY");
}
