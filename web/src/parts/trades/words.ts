import type { Schemas } from "~/api/types";
import type { DotTone } from "~/parts/Dot";
import { istDate } from "~/words/time";

const STATUSES: Readonly<Record<string, readonly [word: string, tone: DotTone]>> = {
  UNKNOWN: ["Unknown", "doubt"],
  OPEN: ["Open", "working"],
  PENDING: ["Waits its turn", "waiting"],
  PARTIAL: ["Partly filled", "working"],
  REJECTED: ["Rejected", "bad"],
  CANCELLED: ["Cancelled", "quiet"],
  COMPLETE: ["Filled", "good"],
  RELEASED: ["Being sent", "working"],
  UNSENT: ["Not sent", "quiet"],
  ABSENT: ["Never there", "quiet"],
};

export function statusWord(status: string): string {
  return STATUSES[status]?.[0] ?? status;
}

export function statusTone(status: string): DotTone {
  return STATUSES[status]?.[1] ?? "quiet";
}

export interface ContractFacts {
  readonly underlying: string;
  readonly expiry: string;
  readonly strike: number;
  readonly option_type: string;
}

const STRIKE = new Intl.NumberFormat("en-IN", { useGrouping: false, maximumFractionDigits: 2 });

/** NIFTY 24 Nov 2026 24500 CE; what is not listed any more goes by its symbol. */
export function contractWord(key: string, facts: ContractFacts | null): string {
  if (facts === null) return symbolOf(key);
  const strike = STRIKE.format(facts.strike);
  return `${facts.underlying} ${istDate(`${facts.expiry}T06:00:00Z`)} ${strike} ${facts.option_type}`;
}

/** `NFO:NIFTY26NOV24500CE` is shown without its exchange. */
export function symbolOf(key: string): string {
  return key.slice(key.indexOf(":") + 1);
}

/** The product as it can be traded; positions may be in others that the broker has. */
export function productOf(name: string): Schemas["Product"] | null {
  return name === "MIS" || name === "NRML" ? name : null;
}
