import type { Account } from "~/api/types";
import { capital } from "~/words/definition";
import { istDay, istMinute, span } from "~/words/time";

/** Seconds before its end from which on a session wants to be thought of. */
const SOON_S = 30 * 60;

export interface Left {
  readonly until: string;
  readonly left: string;
  readonly soon: boolean;
}

/** How long a session lasts yet; undefined where none is open. */
export function sessionLeft(expires: string | null, now: Date): Left | undefined {
  if (expires === null) return undefined;
  const seconds = (Date.parse(expires) - now.getTime()) / 1000;
  if (seconds <= 0) return undefined;
  return {
    until: `${istMinute(expires)} IST, ${istDay(expires)}`,
    left: span(seconds),
    soon: seconds < SOON_S,
  };
}

const STATUSES: Readonly<Record<Account["status"], readonly [label: string, color: string]>> = {
  CONNECTED: ["Connected", "teal"],
  EXPIRED: ["Session over", "orange"],
  DISCONNECTED: ["Not logged in", "gray"],
  UNLINKED: ["Unlinked", "gray"],
};

export function statusOf(account: Account): readonly [label: string, color: string] {
  return account.block === null ? STATUSES[account.status] : ["Blocked", "red"];
}

/** Zerodha, Paper. */
export function brokerName(broker: string): string {
  return capital(broker);
}

/** Differences from the broker's books that nobody has explained. */
export function unexplained(account: Account): number {
  return account.drifts.filter((drift) => drift.explained === null).length;
}
