import { keepPreviousData, useQueries, useQuery } from "@tanstack/react-query";
import { api, got } from "~/api/client";
import { useLink, usePace } from "~/api/live";
import type { Run, Schemas } from "~/api/types";
import { whole } from "~/parts/trades/names";

export type DueToday = Schemas["DueTodayShown"];
export type PnlNow = Schemas["PnlNowShown"];
export type Triggers = Schemas["TriggersShown"];

/** Milliseconds between two looks: at prices, and at what time alone changes. */
const PRICES_MS = 1_000;
const PRICES_ASKED_MS = 4_000;
const TIMES_MS = 10_000;

/** Today's entries, and what speaks against them. */
export function useDue() {
  return useQuery({
    queryKey: ["schedule", "today"],
    refetchInterval: usePace(TIMES_MS),
    queryFn: () => got(api.GET("/runs/due")),
  });
}

/** What today made so far. */
export function usePnlNow() {
  const asked = useLink() === "asking";
  return useQuery({
    queryKey: ["daily_pnl", "now"],
    refetchInterval: usePace(asked ? PRICES_ASKED_MS : PRICES_MS),
    queryFn: () => got(api.GET("/pnl/now")),
  });
}

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
