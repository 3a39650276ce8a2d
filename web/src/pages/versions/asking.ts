import { useQuery } from "@tanstack/react-query";
import { api, got } from "~/api/client";
import type { Strategy } from "~/api/types";

/** A strategy as it now is. */
export function useStrategy(strategyId: string) {
  return useQuery({
    queryKey: ["strategies", strategyId, "now"],
    queryFn: () =>
      got(api.GET("/strategies/{strategy_id}", { params: { path: { strategy_id: strategyId } } })),
  });
}

/** Every definition it ever had, oldest first. */
export function useVersions(strategyId: string) {
  return useQuery({
    queryKey: ["strategies", strategyId, "versions"],
    queryFn: () =>
      got(
        api.GET("/strategies/{strategy_id}/versions", {
          params: { path: { strategy_id: strategyId } },
        }),
      ),
  });
}

export function restored(strategyId: string, version: number, key: string): Promise<Strategy> {
  const path = { strategy_id: strategyId, version };
  const header = { "idempotency-key": key };
  return got(
    api.POST("/strategies/{strategy_id}/versions/{version}/restore", { params: { path, header } }),
  );
}
