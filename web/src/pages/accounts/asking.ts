import { useQuery, useQueryClient } from "@tanstack/react-query";
import { api, got, gotEdition } from "~/api/client";
import { usePace } from "~/api/live";
import { useProfile } from "~/api/profile";
import type { Account } from "~/api/types";

/** Milliseconds between two looks at the money at a broker. */
const FUNDS_MS = 30_000;

export function useAccount(accountId: string) {
  const userId = useProfile().data?.user_id;
  return useQuery({
    queryKey: ["broker_accounts", accountId, userId],
    enabled: userId !== undefined,
    queryFn: () =>
      gotEdition(
        api.GET("/users/{user_id}/broker-accounts/{account_id}", {
          params: { path: { user_id: userId ?? "", account_id: accountId } },
        }),
      ),
  });
}

export function useBrokers() {
  return useQuery({
    queryKey: ["brokers"],
    staleTime: Number.POSITIVE_INFINITY,
    queryFn: () => got(api.GET("/brokers")),
  });
}

/** Whether this account needs keys and a login each day. */
export function useNeedsLogin(account: Account): boolean | undefined {
  const known = useBrokers().data?.brokers;
  return known?.find((each) => each.broker === account.broker)?.login;
}

export function useLimits(accountId: string) {
  return useQuery({
    queryKey: ["broker_accounts", accountId, "limits"],
    queryFn: () =>
      gotEdition(
        api.GET("/accounts/{account_id}/limits", { params: { path: { account_id: accountId } } }),
      ),
  });
}

export function useFunds(account: Account) {
  return useQuery({
    // Not of the account's view: it tells nothing of money, and of a session's end before we know.
    queryKey: ["funds", account.account_id],
    enabled: account.status === "CONNECTED",
    refetchInterval: usePace(FUNDS_MS),
    queryFn: () =>
      got(
        api.GET("/accounts/{account_id}/funds", {
          params: { path: { account_id: account.account_id } },
        }),
      ),
  });
}

/** Ask for accounts anew, once something of them was changed. */
export function useAccountsChanged(): () => Promise<void> {
  const client = useQueryClient();
  return () => client.invalidateQueries({ queryKey: ["broker_accounts"] });
}
