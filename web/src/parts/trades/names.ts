import { useQuery } from "@tanstack/react-query";
import { api, got } from "~/api/client";
import { useProfile } from "~/api/profile";
import type { Account, Basket, Strategy } from "~/api/types";

interface Listed<T> {
  readonly items: readonly T[];
  readonly next_cursor: string | null;
}

/** Everything of a listing, page by page. */
export async function whole<T>(
  page: (cursor: string | null) => Promise<Listed<T>>,
): Promise<{ readonly items: readonly T[] }> {
  const items: T[] = [];
  let cursor: string | null = null;
  do {
    const next: Listed<T> = await page(cursor);
    items.push(...next.items);
    cursor = next.next_cursor;
  } while (cursor !== null);
  return { items };
}

/** The caller's accounts. */
export function useAccounts() {
  const userId = useProfile().data?.user_id;
  return useQuery({
    queryKey: ["broker_accounts", "mine", userId],
    enabled: userId !== undefined,
    queryFn: () =>
      whole<Account>((cursor) =>
        got(
          api.GET("/users/{user_id}/broker-accounts", {
            params: { path: { user_id: userId ?? "" }, query: { limit: 200, cursor } },
          }),
        ),
      ),
  });
}

/** The caller's strategies. */
export function useStrategies() {
  return useQuery({
    queryKey: ["strategies", "mine"],
    queryFn: () =>
      whole<Strategy>((cursor) =>
        got(api.GET("/strategies", { params: { query: { limit: 200, cursor } } })),
      ),
  });
}

/** The caller's baskets. */
export function useBaskets() {
  return useQuery({
    queryKey: ["baskets", "mine"],
    queryFn: () =>
      whole<Basket>((cursor) =>
        got(api.GET("/baskets", { params: { query: { limit: 200, cursor } } })),
      ),
  });
}

/** The strategies of a basket. */
export function useMembers(basketId: string) {
  return useQuery({
    queryKey: ["strategies", "in", basketId],
    queryFn: () =>
      whole<Strategy>((cursor) =>
        got(
          api.GET("/baskets/{basket_id}/strategies", {
            params: { path: { basket_id: basketId }, query: { limit: 200, cursor } },
          }),
        ),
      ),
  });
}

/** What accounts and strategies are called; what is not known any more is called by its id. */
export interface Names {
  readonly account: (id: string) => string;
  readonly strategy: (id: string) => string;
}

export function useNames(): Names {
  const accounts = useAccounts().data?.items ?? [];
  const strategies = useStrategies().data?.items ?? [];
  return {
    account: (id) => accounts.find((each) => each.account_id === id)?.account_name ?? id,
    strategy: (id) => strategies.find((each) => each.strategy_id === id)?.name ?? unnamed(id),
  };
}

/** Runs of the kill switch, of positions left by hand and of drift have no strategy. */
export const FLATTEN = "FLATTEN";

function unnamed(id: string): string {
  return id === FLATTEN ? "Flattening" : id;
}
