import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { useEffect, useMemo } from "react";
import { api, got, gotEdition } from "~/api/client";
import type { Order } from "~/api/types";
import { type Selection, wanted } from "./selection";

const PAGE = 200;
/** Orders that are read without being asked for; older ones are by "Show more". */
const READ_AHEAD = 1_000;

/** One page of an account's orders, of a strategy's, or of all, newest first. */
function page(selection: Selection, cursor: string | null) {
  const query = { limit: PAGE, newest_first: true, cursor };
  if (selection.strategy !== null) {
    const path = { strategy_id: selection.strategy };
    return got(api.GET("/strategies/{strategy_id}/orders", { params: { path, query } }));
  }
  const account_id = selection.account;
  return got(api.GET("/orders", { params: { query: { ...query, account_id } } }));
}

/** The orders of a selection, newest first, as many as have been read. */
export function useOrders(selection: Selection) {
  const { account, strategy } = selection;
  const whose: Selection = { account: strategy === null ? account : null, strategy, status: null };
  const read = useInfiniteQuery({
    queryKey: ["orders", "list", whose],
    initialPageParam: null as string | null,
    queryFn: ({ pageParam }) => page(whose, pageParam),
    getNextPageParam: (last) => last.next_cursor,
    meta: {
      newestFirst: { by: "created_at", takes: (row) => wanted(row as unknown as Order, whose) },
    },
  });
  const { data, hasNextPage, isFetching, isFetchNextPageError, fetchNextPage } = read;
  const loaded = data?.pages.reduce((sum, each) => sum + each.items.length, 0) ?? 0;
  useEffect(() => {
    const more = hasNextPage && loaded < READ_AHEAD;
    if (more && !isFetching && !isFetchNextPageError) void fetchNextPage();
  }, [hasNextPage, isFetching, isFetchNextPageError, fetchNextPage, loaded]);

  const orders = useMemo(
    () => data?.pages.flatMap((each) => each.items).filter((each) => wanted(each, selection)) ?? [],
    [data, selection],
  );
  return { ...read, orders, loaded };
}

export function useOrder(orderId: string) {
  return useQuery({
    queryKey: ["orders", orderId],
    queryFn: () => got(api.GET("/orders/{order_id}", { params: { path: { order_id: orderId } } })),
  });
}

/** The edition a change of an order begins with: it stays what it was when the change was begun. */
export function useEdition(orderId: string) {
  return useQuery({
    queryKey: ["edition", orderId],
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 0,
    queryFn: () =>
      gotEdition(api.GET("/orders/{order_id}", { params: { path: { order_id: orderId } } })),
  });
}

/** The run an order is of: what may be asked of the order depends on how far that is. */
export function useRun(runId: string, enabled = true) {
  return useQuery({
    queryKey: ["runs", runId],
    enabled,
    queryFn: () => got(api.GET("/runs/{run_id}", { params: { path: { run_id: runId } } })),
  });
}
