import { useMarketSession } from "~/api/market";
import type { Schemas } from "~/api/types";
import { type PnlNow, useDueToday, usePnlNow, useRunWords } from "~/parts/runs/asking";
import { useRunsCalled, useRunsDue } from "./asking";
import { type Hours, hoursOf, type Lane, lanesOf } from "./day";

export interface Day {
  readonly session: Schemas["SessionShown"];
  readonly hours: Hours;
  readonly lanes: readonly Lane[];
  readonly pnl: PnlNow | undefined;
}

/** The day as it now is; undefined until enough of it is known. */
export function useDay(): {
  readonly shown: Day | undefined;
  readonly failure: Error | null;
  readonly again: () => void;
} {
  const market = useMarketSession();
  const runs = useRunsDue(market.data?.day);
  const due = useDueToday();
  const pnl = usePnlNow();
  const words = useRunWords();
  const asked = [market, runs, due];
  const listed = new Set(runs.data?.items.map((run) => run.run_id));
  // A run of an earlier day that still holds something is told of by its P&L.
  const earlier = (runs.data && pnl.data ? pnl.data.runs : [])
    .map((each) => each.run_id)
    .filter((id) => !listed.has(id));
  const carried = useRunsCalled(earlier);
  const failed = asked.find((each) => each.data === undefined && each.error !== null);

  function again(): void {
    for (const each of asked) void each.refetch();
  }
  return {
    shown:
      market.data && runs.data && due.data
        ? {
            session: market.data,
            hours: hoursOf(market.data.day, market.data.open, market.data.close),
            lanes: lanesOf(
              [...carried, ...runs.data.items],
              due.data.items,
              words,
              market.data.day,
            ),
            pnl: pnl.data,
          }
        : undefined,
    failure: failed?.error ?? null,
    again,
  };
}
