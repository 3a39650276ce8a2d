import type { Run } from "~/api/types";
import type { DueToday } from "~/parts/runs/asking";
import { type RunWords, stageWord, whyInFull, whyOf } from "~/parts/runs/words";
import { istClock, istDay, istDayIso, istMinute } from "~/words/time";

export type Kind =
  | "due"
  | "not-due"
  | "entering"
  | "open"
  | "exiting"
  | "closed"
  | "skipped"
  | "pending";

/** One line of the day: a run, or an entry that has none yet. */
export interface Lane {
  readonly key: string;
  readonly kind: Kind;
  /** What it is called as it stands. */
  readonly word: string;
  readonly strategyId: string;
  readonly basketId: string;
  readonly accountId: string;
  readonly run?: Run;
  readonly from: Date;
  /** Whether it was entered on an earlier day. */
  readonly carried: boolean;
  /** When it ended; undefined while it goes on. */
  readonly ended?: Date;
  /** When it leaves by itself. */
  readonly leaves?: Date;
  /** Why it is not entered, or was left, in words. */
  readonly why?: string;
}

const KINDS: Readonly<Record<Run["stage"], Kind>> = {
  PENDING: "pending",
  ENTERING: "entering",
  OPEN: "open",
  EXITING: "exiting",
  CLOSED: "closed",
  SKIPPED: "skipped",
};

/** The day from its first line to its last: runs, and entries still to come or kept from it. */
export function lanesOf(
  runs: readonly Run[],
  due: readonly DueToday[],
  words: RunWords,
  day: string,
): readonly Lane[] {
  const known = new Set(runs.map((run) => run.run_id));
  const lanes = [
    ...runs.map((run) => laneOf(run, words, day)),
    ...due.flatMap((entry) => ahead(entry, known)),
  ];
  return lanes.sort(
    (one, other) =>
      one.from.getTime() - other.from.getTime() || one.key.localeCompare(other.key, "en"),
  );
}

function laneOf(run: Run, words: RunWords, day: string): Lane {
  const ended = run.stage === "CLOSED" || run.stage === "SKIPPED";
  const why = run.stage === "SKIPPED" ? whyInFull(run, words) : whyOf(run, words);
  return {
    key: run.run_id,
    kind: KINDS[run.stage],
    word: stageWord(run.stage, words),
    strategyId: run.strategy_id,
    basketId: run.basket_id,
    accountId: run.account_id,
    run,
    from: new Date(run.due_at),
    carried: istDayIso(run.due_at) < day,
    ...(ended && { ended: new Date(run.updated_at) }),
    ...(run.exit_at !== null && { leaves: new Date(run.exit_at) }),
    ...(why !== undefined && { why }),
  };
}

const DUE = { kind: "due", word: "Due" } as const;
const NOT_TODAY = { kind: "not-due", word: "Not today" } as const;

/** Entries on accounts whose run was not opened yet. */
function ahead(entry: DueToday, known: ReadonlySet<string>): readonly Lane[] {
  const common = {
    strategyId: entry.strategy_id,
    basketId: entry.basket_id,
    from: new Date(entry.due_at),
    carried: false,
    ...(entry.exit_at !== null && { leaves: new Date(entry.exit_at) }),
  };
  if (entry.entries.length === 0) {
    const why = { why: entry.reason?.message ?? "" };
    return [{ ...common, ...why, key: entry.strategy_id, ...NOT_TODAY, accountId: "" }];
  }
  return entry.entries
    .filter((each) => each.run_id === null || !known.has(each.run_id))
    .map((each) => {
      const reason = entry.reason ?? each.reason;
      return {
        ...common,
        key: `${entry.strategy_id}@${each.account_id}`,
        ...(reason === null ? DUE : NOT_TODAY),
        accountId: each.account_id,
        ...(reason !== null && { why: reason.message }),
      };
    });
}

/** What a line says of itself in one breath; also to whoever does not see it. */
export function told(lane: Lane): string {
  const { from, word, ended, leaves, why = "" } = lane;
  const began = lane.carried ? `${istDay(from)}, ${istMinute(from)}` : istMinute(from);
  const until = leaves === undefined ? "" : `, leaves by ${istMinute(leaves)}`;
  switch (lane.kind) {
    case "due":
      return `Enters at ${istMinute(from)}${until}`;
    case "not-due":
      return `No entry at ${istMinute(from)}: ${why}`;
    case "pending":
      return `${word} at ${istMinute(from)}`;
    case "entering":
      return `${word} since ${istClock(from)}`;
    case "open":
      return `${word} since ${began}${until}`;
    case "exiting":
      return `${word}: ${why}`;
    case "closed":
      return `${began} to ${ended === undefined ? "" : istMinute(ended)}: ${why}`;
    case "skipped":
      return `${word} at ${istMinute(from)}: ${why}`;
  }
}

export interface Hours {
  readonly open: Date;
  readonly close: Date;
}

/** The hours of a session; on a day without one, those it would have. */
export function hoursOf(day: string, open: string | null, close: string | null): Hours {
  return {
    open: new Date(open ?? `${day}T09:15:00+05:30`),
    close: new Date(close ?? `${day}T15:30:00+05:30`),
  };
}

/** Where a moment lies between the open (0) and the close (1), in %. */
export function placeOf(at: Date, { open, close }: Hours): number {
  const part = (at.getTime() - open.getTime()) / (close.getTime() - open.getTime());
  return Math.min(1, Math.max(0, part)) * 100;
}

const HALF_HOUR_MS = 30 * 60_000;

/** The open, the full and half hours between, and the close. */
export function ticksOf({ open, close }: Hours): readonly Date[] {
  const first = Math.ceil((open.getTime() + 1) / HALF_HOUR_MS) * HALF_HOUR_MS;
  const ticks = [open];
  for (let at = first; at < close.getTime(); at += HALF_HOUR_MS) ticks.push(new Date(at));
  return [...ticks, close];
}

export interface Next {
  readonly lane: Lane;
  readonly at: Date;
  readonly what: "enters" | "leaves";
}

/** What happens next of itself, if anything does today. */
export function nextOf(lanes: readonly Lane[], now: Date): Next | undefined {
  return lanes
    .flatMap(coming)
    .filter((each) => each.at.getTime() > now.getTime())
    .sort((one, other) => one.at.getTime() - other.at.getTime())[0];
}

function coming(lane: Lane): readonly Next[] {
  if (lane.kind === "due" || lane.kind === "pending") {
    return [{ lane, at: lane.from, what: "enters" }];
  }
  const goes = lane.kind === "open" || lane.kind === "entering";
  return goes && lane.leaves ? [{ lane, at: lane.leaves, what: "leaves" }] : [];
}

/** Where a P&L lies between the loss (0) and the profit (1) at which a run leaves, in %. */
export function gaugeOf(gross: number, loss: number | null, target: number | null): number {
  const low = loss ?? Math.min(-Math.abs(target ?? 1), gross);
  const high = target ?? Math.max(Math.abs(loss ?? 1), gross);
  return Math.min(1, Math.max(0, (gross - low) / (high - low))) * 100;
}

/** The loss at which it leaves first: the one nearer to nought. */
export function nearerLoss(maxLoss: number | null, stopLoss: number | null): number | null {
  if (maxLoss === null || stopLoss === null) return maxLoss ?? stopLoss;
  return Math.max(maxLoss, stopLoss);
}
