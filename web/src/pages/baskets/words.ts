import type { Run, Schemas } from "~/api/types";
import type { DotTone } from "~/parts/Dot";
import { said } from "~/words/definition";
import { summed } from "~/words/money";

type Status = Schemas["BasketStatus"] | Schemas["StrategyStatus"];

const STATUSES: Readonly<Record<Status, string>> = {
  DRAFT: "Draft",
  ACTIVE: "Active",
  INACTIVE: "Inactive",
  DELETED: "Deleted",
};
const TONES: Readonly<Record<Status, DotTone>> = {
  DRAFT: "waiting",
  ACTIVE: "good",
  INACTIVE: "quiet",
  DELETED: "bad",
};

export function statusWord(status: Status): string {
  return STATUSES[status];
}

export function statusTone(status: Status): DotTone {
  return TONES[status];
}

/** What a run made after charges, once that is known. */
export function made(run: Pick<Run, "realised" | "charges">): number | null {
  return run.realised === null ? null : summed([run.realised, -(run.charges ?? 0)]);
}

/** The part of a basket that a fault is in. */
export function fieldWord(field: string): string {
  return field.startsWith("targets") ? "Accounts" : "Strategies";
}

export function entryWord(order: { readonly txn_type: string }): string {
  return said(order.txn_type);
}
