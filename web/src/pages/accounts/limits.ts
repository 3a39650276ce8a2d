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
  { name: "max_lots", label: "Lots of one entry", means: "In any one leg.", rupees: false },
  { name: "max_notional", label: "Notional of one entry", means: "₹", rupees: true },
  { name: "max_orders_per_day", label: "Orders a day", means: "Entries and exits.", rupees: false },
  { name: "max_open_runs", label: "Runs open at once", means: "", rupees: false },
  { name: "max_daily_loss", label: "Loss in a day", means: "₹", rupees: true },
];

/** A limit as it is read; without a number it is off. */
export function limitText(field: Field, limit: number | null): string {
  if (limit === null) return "off";
  return field.rupees ? wholeRupees(limit) : count(limit);
}
