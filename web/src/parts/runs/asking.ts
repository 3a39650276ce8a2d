import { useQuery } from "@tanstack/react-query";
import { api, got } from "~/api/client";
import { useLink, usePace } from "~/api/live";
import type { Schemas } from "~/api/types";
import type { RunWords } from "./words";

export type DueToday = Schemas["DueTodayShown"];
export type PnlNow = Schemas["PnlNowShown"];

/** Milliseconds between two looks: at prices, and at what time alone changes. */
const PRICES_MS = 1_000;
const PRICES_ASKED_MS = 4_000;
const TIMES_MS = 10_000;
/** Days of the calendar in which a strategy's next entry is looked for. */
const AHEAD = 10;

/** What stages of runs are called, and what codes of skips, exits and alarms mean. */
export function useRunWords(): RunWords {
  return useQuery({
    queryKey: ["reasons"],
    staleTime: Number.POSITIVE_INFINITY,
    queryFn: () => got(api.GET("/runs/reasons")),
  }).data;
}

/** Today's entries, and what speaks against them. */
export function useDueToday() {
  return useQuery({
    queryKey: ["schedule", "today"],
    refetchInterval: usePace(TIMES_MS),
    queryFn: () => got(api.GET("/runs/due")),
  });
}

/** When a strategy enters next, and what keeps it from doing so. */
export function useNextDue(strategyId: string, enabled = true) {
  return useQuery({
    queryKey: ["schedule", strategyId],
    enabled,
    queryFn: () =>
      got(
        api.GET("/strategies/{strategy_id}/schedule", {
          params: { path: { strategy_id: strategyId }, query: { days: AHEAD } },
        }),
      ),
  });
}

/** What today made so far, by run, by account and by basket. */
export function usePnlNow() {
  const asked = useLink() === "asking";
  return useQuery({
    queryKey: ["daily_pnl", "now"],
    refetchInterval: usePace(asked ? PRICES_ASKED_MS : PRICES_MS),
    queryFn: () => got(api.GET("/pnl/now")),
  });
}
