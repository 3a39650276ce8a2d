import { useInfiniteQuery } from "@tanstack/react-query";
import { api, got } from "~/api/client";
import type { Basket, Order, Run, Strategy } from "~/api/types";

interface Listed<T> {
  readonly items: readonly T[];
  readonly next_cursor: string | null;
}

/** A listing read page by page, newest first; a new row of the view comes in at its head. */
function useListing<T>(
  view: string,
  by: string,
  page: (cursor: string | null) => Promise<Listed<T>>,
) {
  return useInfiniteQuery({
    queryKey: [view, "history"],
    queryFn: ({ pageParam }) => page(pageParam),
    initialPageParam: null as string | null,
    getNextPageParam: (last) => last.next_cursor,
    meta: { newestFirst: { by, takes: () => true } },
  });
}

const paging = (cursor: string | null) => ({
  params: { query: { limit: 50, newest_first: true, cursor } },
});

export const useRuns = () =>
  useListing<Run>("runs", "due_at", (cursor) => got(api.GET("/runs", paging(cursor))));
export const useOrders = () =>
  useListing<Order>("orders", "created_at", (cursor) => got(api.GET("/orders", paging(cursor))));
export const useStrategyList = () =>
  useListing<Strategy>("strategies", "created_at", (cursor) =>
    got(api.GET("/strategies", paging(cursor))),
  );
export const useBaskets = () =>
  useListing<Basket>("baskets", "created_at", (cursor) => got(api.GET("/baskets", paging(cursor))));
