import type { Account, Basket, Schemas } from "~/api/types";
import { differing } from "~/parts/draft";
import type { Difference } from "~/parts/Stale";
import { NOTHING } from "~/words/money";

type Target = Schemas["Target"];

/** What of a basket is edited in one form. */
export interface Draft {
  readonly name: string;
  readonly description: string;
  readonly targets: readonly Target[];
}

export const EMPTY: Draft = { name: "", description: "", targets: [] };

const CALLED: Readonly<Record<keyof Draft, string>> = {
  name: "Name",
  description: "Description",
  targets: "Accounts",
};

export function draftOf({ name, description, targets }: Basket): Draft {
  return { name, description, targets };
}

/** What is sent of a draft. */
export function sentOf(draft: Draft) {
  return { name: draft.name, description: draft.description, targets: [...draft.targets] };
}

/** An account among the targets or no more; a new one trades once its own size. */
export function switched(targets: readonly Target[], accountId: string): readonly Target[] {
  const rest = targets.filter((each) => each.account_id !== accountId);
  return rest.length < targets.length
    ? rest
    : [...targets, { account_id: accountId, multiplier: 1 }];
}

export function multiplied(
  targets: readonly Target[],
  accountId: string,
  multiplier: number,
): readonly Target[] {
  return targets.map((each) => (each.account_id === accountId ? { ...each, multiplier } : each));
}

/** Where a basket trades, and how much: Practice × 2, Zerodha × 1. */
export function targetsWord(targets: readonly Target[], accounts: readonly Account[]): string {
  if (targets.length === 0) return accounts.length === 1 ? "the only account" : NOTHING;
  return targets.map((each) => `${nameOf(each, accounts)} × ${each.multiplier ?? 1}`).join(", ");
}

function nameOf(target: Target, accounts: readonly Account[]): string {
  const found = accounts.find((each) => each.account_id === target.account_id);
  return found?.account_name ?? target.account_id;
}

/** In what a draft differs from what stands there now, field by field. */
export function differences(
  mine: Draft,
  theirs: Draft,
  accounts: readonly Account[],
): readonly Difference[] {
  const word = (of: Draft, field: keyof Draft) =>
    field === "targets" ? targetsWord(of.targets, accounts) : of[field];
  return differing(mine, theirs).map((field) => ({
    name: CALLED[field],
    mine: word(mine, field) || NOTHING,
    theirs: word(theirs, field) || NOTHING,
  }));
}
