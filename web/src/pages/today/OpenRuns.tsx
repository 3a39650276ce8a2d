import type { Run } from "~/api/types";
import type { PnlNow } from "~/parts/runs/asking";
import { useTriggers } from "./asking";
import type { Lane } from "./day";
import { RunCard } from "./RunCard";
import classes from "./today.module.css";

const OPEN: readonly Run["stage"][] = ["ENTERING", "OPEN", "EXITING"];

/** Each run that is in the market now. */
export function OpenRuns({
  lanes,
  pnl,
}: {
  readonly lanes: readonly Lane[];
  readonly pnl: PnlNow | undefined;
}) {
  const open = lanes.flatMap(({ run, why }) =>
    run !== undefined && OPEN.includes(run.stage) ? [{ run, why }] : [],
  );
  const limits = useTriggers(open.map(({ run }) => run));
  const gains = new Map(pnl?.runs.map((each) => [each.run_id, each]));
  if (open.length === 0) return null;
  return (
    <section className={classes.cards} aria-label="Open runs">
      {open.map(({ run, why }) => (
        <RunCard
          key={run.run_id}
          run={run}
          why={why}
          gain={gains.get(run.run_id)}
          limits={limits.get(run.run_id)}
        />
      ))}
    </section>
  );
}
