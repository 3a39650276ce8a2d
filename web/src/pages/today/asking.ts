import { keepPreviousData, useQueries, useQuery } from "@tanstack/react-query";
import { api, got } from "~/api/client";
import type { Run, Schemas } from "~/api/types";
import { whole } from "~/parts/trades/names";

export type Triggers = Schemas["TriggersShown"];

/** Runs that were due on this day (IST). */
export function useRunsDue(day: string | undefined) {
  const since = `${day}T00:00:00+05:30`;
  return useQuery({
    queryKey: ["runs", { since }],
    enabled: day !== undefined,
    queryFn: () =>
      whole<Run>((cursor) =>
        got(api.GET("/runs", { params: { query: { since, limit: 200, cursor } } })),
      ),
  });
}

/** The runs with these ids. */
export function useRunsCalled(ids: readonly string[]): readonly Run[] {
  return useQueries({
    queries: ids.map((run_id) => ({
      queryKey: ["runs", run_id],
      queryFn: () => got(api.GET("/runs/{run_id}", { params: { path: { run_id } } })),
    })),
    combine: (asked) => asked.flatMap((each) => (each.data === undefined ? [] : [each.data])),
  });
}

/** At which P&L each open run leaves by itself; asked anew as one comes, or has entered. */
export function useTriggers(open: readonly Run[]): ReadonlyMap<string, Triggers> {
  const wanted = open.map((run) => `${run.run_id} ${run.net_premium}`).sort();
  const { data } = useQuery({
    queryKey: ["triggers", wanted],
    enabled: wanted.length > 0,
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 0,
    placeholderData: keepPreviousData,
    queryFn: () => got(api.GET("/pnl/limits")),
  });
  return new Map(data?.items.map((each) => [each.run_id, each]));
}
