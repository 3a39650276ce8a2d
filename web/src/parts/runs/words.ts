import type { Run, Schemas } from "~/api/types";
import type { DotTone } from "~/parts/Dot";
import { spelt } from "~/parts/events/said";
import { capital } from "~/words/definition";

/** What the server calls stages, reasons and alarms; undefined until they were read. */
export type RunWords = Schemas["ReasonsShown"] | undefined;
type Said = Schemas["ReasonsShown"]["exits"];

/** Where a run stands, as a word of its own. */
export function stageWord(stage: string, words: RunWords): string {
  return words?.stages[stage] ?? capital(spelt(stage));
}

export function stageTone(stage: Run["stage"]): DotTone {
  if (stage === "PENDING") return "waiting";
  return stage === "SKIPPED" || stage === "CLOSED" ? "quiet" : "working";
}

export function skipMeans(code: string, words: RunWords): string {
  return means(words?.skips, code);
}

export function exitMeans(code: string, words: RunWords): string {
  return means(words?.exits, code);
}

export function alertMeans(kind: string, words: RunWords): string {
  return means(words?.alerts, kind);
}

function means(words: Said | undefined, code: string): string {
  return words?.[code]?.means ?? spelt(code);
}

type Ended = Pick<Run, "skip_reason" | "exit_reason" | "exit_detail" | "outcome">;

/** Why a run was not entered, or is left; undefined where it is neither. */
export function whyOf(run: Ended, words: RunWords): string | undefined {
  if (run.skip_reason !== null) return skipMeans(run.skip_reason, words);
  const code = run.outcome ?? run.exit_reason;
  return code === null ? undefined : exitMeans(code, words);
}

/** The same, with what is said of it besides. */
export function whyInFull(run: Ended, words: RunWords): string | undefined {
  const why = whyOf(run, words);
  return why === undefined || !run.exit_detail ? why : `${why} (${run.exit_detail})`;
}

/** What an alarm of a run means, and what can be done. */
export function alertOf(kind: string, words: RunWords): string {
  const what = alertMeans(kind, words);
  const todo = words?.alerts[kind]?.do;
  return todo ? `${what}: ${todo}` : what;
}
