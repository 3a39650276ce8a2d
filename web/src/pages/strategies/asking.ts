import { keepPreviousData, useQueries, useQuery } from "@tanstack/react-query";
import { api, got } from "~/api/client";
import { usePace } from "~/api/live";
import { type Ladder, ladderOf } from "~/parts/payoff/ladder";
import { type Draft, draftOf } from "./draft";

/** Milliseconds between two looks at prices. */
const PRICES_MS = 2_000;
/** Listed strikes and expiries change from one day to the next. */
const LISTED_MS = 10 * 60_000;
/** Strikes each side of the money that the chain shows. */
export const AROUND = 15;

const NO_LIMITS: Draft["risk_params"] = {
  max_loss: null,
  target_profit: null,
  stop_loss_pct: null,
};

export function useStrategy(strategyId: string) {
  return useQuery({
    queryKey: ["strategies", strategyId],
    queryFn: () =>
      got(api.GET("/strategies/{strategy_id}", { params: { path: { strategy_id: strategyId } } })),
  });
}

export function useUnderlyings() {
  return useQuery({
    queryKey: ["market", "underlyings"],
    staleTime: LISTED_MS,
    queryFn: async () => (await got(api.GET("/market/underlyings"))).items,
  });
}

export function useExpiries(underlying: string | null) {
  return useQuery({
    queryKey: ["market", "expiries", underlying],
    enabled: underlying !== null,
    staleTime: LISTED_MS,
    queryFn: async () => {
      const params = { path: { underlying: underlying ?? "" } };
      return (await got(api.GET("/market/expiries/{underlying}", { params }))).expiries;
    },
  });
}

function chainOf(underlying: string, expiry: string, around: number, signal: AbortSignal) {
  const params = { path: { underlying }, query: { expiry, around } };
  return got(api.GET("/market/chain/{underlying}", { params, signal }));
}

/** Prices around the money, kept up to date while they are looked at. */
export function useChain(underlying: string | null, expiry: string) {
  return useQuery({
    queryKey: ["market", "chain", underlying, expiry],
    enabled: underlying !== null,
    placeholderData: keepPreviousData,
    refetchInterval: usePace(PRICES_MS),
    queryFn: ({ signal }) => chainOf(underlying ?? "", expiry, AROUND, signal),
  });
}

/** The strikes listed on each of these expiries. */
export function useLadders(
  underlying: string | null,
  expiries: readonly string[],
): ReadonlyMap<string, Ladder> {
  const wanted = [...new Set(expiries)].sort();
  return useQueries({
    queries: wanted.map((expiry) => ({
      queryKey: ["market", "ladder", underlying, expiry],
      enabled: underlying !== null,
      staleTime: LISTED_MS,
      queryFn: async ({ signal }: { signal: AbortSignal }) =>
        ladderOf(await chainOf(underlying ?? "", expiry, 200, signal)),
    })),
    combine: (answers) =>
      new Map(
        wanted.flatMap((expiry, i) => {
          const ladder = answers[i]?.data;
          return ladder === undefined ? [] : [[expiry, ladder] as const];
        }),
      ),
  });
}

/** What of a draft decides what its legs are worth: names, times and timeouts do not. */
function pricedPart(draft: Draft): Draft {
  const { legs, risk_params, underlying, holding, product, order_type, atm_fallback } = draft;
  const neutral = draftOf({
    name: "preview",
    type: "CUSTOM",
    legs: [],
    schedule: { entry_time: "09:20", exit_time: "15:00" },
  });
  return { ...neutral, legs, risk_params, underlying, holding, product, order_type, atm_fallback };
}

/** What the draft would be if it were entered now; the last picture stays until the next is there. */
export function usePayoff(draft: Draft, multiplier: number) {
  const definition = pricedPart(draft);
  return useQuery({
    queryKey: ["market", "payoff", definition, multiplier],
    enabled: draft.legs.length > 0,
    placeholderData: keepPreviousData,
    refetchInterval: usePace(PRICES_MS),
    gcTime: 30_000,
    retry: false,
    queryFn: async ({ signal }) => {
      const told = await got(
        api.POST("/preview/payoff", { body: { definition, multiplier }, signal }),
      );
      return { ...told, asked: definition.legs };
    },
  });
}

/** What the broker would block. */
export function useMargin(draft: Draft, multiplier: number, accountId: string | null) {
  const definition = { ...pricedPart(draft), risk_params: NO_LIMITS };
  return useQuery({
    queryKey: ["market", "margin", definition, multiplier, accountId],
    enabled: draft.legs.length > 0 && accountId !== null,
    placeholderData: keepPreviousData,
    staleTime: 30_000,
    gcTime: 30_000,
    retry: false,
    queryFn: ({ signal }) => {
      const body = { definition, multiplier, account_id: accountId };
      return got(api.POST("/preview/margin", { body, signal }));
    },
  });
}

/** When the draft would enter, and everything that keeps it from being activated. */
export function useDays(draft: Draft) {
  return useQuery({
    queryKey: ["schedule", "preview", draft],
    placeholderData: keepPreviousData,
    gcTime: 30_000,
    retry: false,
    queryFn: ({ signal }) =>
      got(api.POST("/preview/schedule", { body: draft, params: { query: { days: 10 } }, signal })),
  });
}
