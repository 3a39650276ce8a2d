import { counted } from "~/words/money";
import { istMinute } from "~/words/time";
import type { Scope, Standing } from "./asking";

/** What will happen on an account when it is stopped, each in a sentence. */
export function effectsOf(
  { runs, positions, coming }: Standing,
  scope: Scope,
  nameOf: (strategyId: string) => string,
): readonly string[] {
  const waiting = runs.filter((run) => run.stage === "PENDING");
  const open = runs.filter((run) => run.stage !== "PENDING");
  const own = positions.filter((position) => position.parts.some((part) => holds(part.kind)));
  const others = positions.filter((position) => position.parts.some((part) => !holds(part.kind)));
  const said = [
    open.length === 0
      ? "No run is open there."
      : `${counted(open.length, "open run")} ${open.length === 1 ? "leaves" : "leave"} at once ` +
        `(${open.map((run) => nameOf(run.strategy_id)).join(", ")}): orders are cancelled, shorts ` +
        `bought back first, then what covers them is sold; ${counted(own.length, "position")} ` +
        `${own.length === 1 ? "becomes" : "become"} flat.`,
  ];
  if (others.length > 0) {
    const what = counted(others.length, "position");
    said.push(
      scope === "all"
        ? `${what} that no run holds ${others.length === 1 ? "is" : "are"} closed as well.`
        : `${what} that no run holds ${others.length === 1 ? "stays" : "stay"} as ${others.length === 1 ? "it is" : "they are"}.`,
    );
  }
  const skipped = [
    ...waiting.map((run) => `${nameOf(run.strategy_id)} at ${istMinute(run.due_at)}`),
    ...coming.map((each) => `${each.name} at ${istMinute(each.due_at)}`),
  ];
  said.push(
    skipped.length === 0
      ? "Nothing is entered there until you release it."
      : `Nothing is entered there until you release it; today that skips ${skipped.join(", ")}.`,
  );
  return said;
}

/** Whether the kill switch counts it as the platform's own. */
function holds(kind: string): boolean {
  return kind === "RUN";
}
