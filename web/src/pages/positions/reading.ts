import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { api, got } from "~/api/client";
import { usePace } from "~/api/live";
import { useMarketSession } from "~/api/market";
import { istDayIso } from "~/words/time";

/** Milliseconds between two looks: prices move without events. */
const PRICES_MS = 1_000;

/** What is held; with what was closed today, if that is wanted. */
export function usePositions(withClosed: boolean) {
  const now = useMarketSession().data?.now;
  const closed_on = withClosed && now !== undefined ? istDayIso(now) : null;
  return useQuery({
    queryKey: ["positions", { closed_on }],
    queryFn: () => got(api.GET("/positions", { params: { query: { closed_on } } })),
    placeholderData: keepPreviousData,
    refetchInterval: usePace(PRICES_MS),
  });
}
