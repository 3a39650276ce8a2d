import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { api, got, gotEdition } from "~/api/client";
import type { Order, Run } from "~/api/types";

/** Rows of a basket's page that are read at once; more are asked for. */
const SOME = 10;
const PAGE = 50;

export function useBaskets() {
  return useInfiniteQuery({
    queryKey: ["baskets", "list"],
    initialPageParam: null as string | null,
    queryFn: ({ pageParam: cursor }) =>
      got(api.GET("/baskets", { params: { query: { limit: PAGE, newest_first: true, cursor } } })),
    getNextPageParam: (last) => last.next_cursor,
  });
}

/** A basket that is being deleted is not asked for: its answer could only be that it is gone. */
export function useBasket(basketId: string, deleting: boolean) {
  return useQuery({
    queryKey: ["baskets", basketId],
    enabled: !deleting,
    queryFn: () =>
      gotEdition(api.GET("/baskets/{basket_id}", { params: { path: { basket_id: basketId } } })),
  });
}

export function useRuns(basketId: string) {
  return useInfiniteQuery({
    queryKey: ["runs", "in", basketId],
    initialPageParam: null as string | null,
    queryFn: ({ pageParam: cursor }) =>
      got(
        api.GET("/runs", {
          params: { query: { basket_id: basketId, limit: SOME, newest_first: true, cursor } },
        }),
      ),
    getNextPageParam: (last) => last.next_cursor,
    meta: {
      newestFirst: {
        by: "due_at",
        takes: (row) => (row as unknown as Run).basket_id === basketId,
      },
    },
  });
}

export function useOrders(basketId: string) {
  return useInfiniteQuery({
    queryKey: ["orders", "in", basketId],
    initialPageParam: null as string | null,
    queryFn: ({ pageParam: cursor }) =>
      got(
        api.GET("/baskets/{basket_id}/orders", {
          params: {
            path: { basket_id: basketId },
            query: { limit: SOME, newest_first: true, cursor },
          },
        }),
      ),
    getNextPageParam: (last) => last.next_cursor,
    meta: {
      newestFirst: {
        by: "created_at",
        takes: (row) => (row as unknown as Order).basket_id === basketId,
      },
    },
  });
}
