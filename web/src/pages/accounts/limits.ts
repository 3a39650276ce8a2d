import type { Schemas } from "~/api/types";
import { count, wholeRupees } from "~/words/money";

export type Limits = Schemas["LimitsShown"];

export interface Field {
  readonly name: keyof Limits;
  readonly label: string;
  readonly means: string;
  readonly rupees: boolean;
}

export const FIELDS: readonly Field[] = [
  { name: "max_lots", label: "Lots", means: "Of one entry, all legs together.", rupees: false },
  { name: "max_notional", label: "Notional", means: "Of one entry: units × strike.", rupees: true },
  { name: "max_orders_per_day", label: "Orders a day", means: "Each leg is one.", rupees: false },
  { name: "max_open_runs", label: "Open runs", means: "At the same time.", rupees: false },
  { name: "max_daily_loss", label: "Loss in a day", means: "No entry beyond it.", rupees: true },
];

/** A limit as it is read; without a number it is off. */
export function limitText(field: Field, limit: number | null): string {
  if (limit === null) return "off";
  return field.rupees ? wholeRupees(limit) : count(limit);
}
