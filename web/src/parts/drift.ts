import type { Account } from "~/api/types";

/** Differences from the broker's books that nobody has explained. */
export function unexplained(account: Account): number {
  return account.drifts.filter((drift) => drift.explained === null).length;
}
