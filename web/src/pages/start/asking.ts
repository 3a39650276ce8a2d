import { useQuery } from "@tanstack/react-query";
import { api, got } from "~/api/client";
import { useAccounts, useBaskets, useStrategies } from "~/parts/trades/names";
import type { Beginning } from "./checklist";

/** What is there already, of a trader who has just begun. */
export function useBeginning() {
  const authenticator = useQuery({
    queryKey: ["users", "me", "authenticator"],
    queryFn: () => got(api.GET("/auth/totp")),
  });
  const accounts = useAccounts();
  const strategies = useStrategies();
  const baskets = useBaskets();
  const runs = useQuery({
    queryKey: ["runs", "begun"],
    queryFn: () => got(api.GET("/runs", { params: { query: { limit: 1, newest_first: true } } })),
  });
  const asked = [authenticator, accounts, strategies, baskets, runs];
  const known = authenticator.data && accounts.data && strategies.data && baskets.data && runs.data;
  const beginning: Beginning | undefined = known && {
    authenticator: authenticator.data.enrolled,
    accounts: accounts.data.items,
    strategies: strategies.data.items,
    baskets: baskets.data.items,
    runs: runs.data.items,
  };
  return {
    beginning,
    error: asked.find((each) => each.error !== null)?.error,
    again: () => Promise.all(asked.map((each) => each.refetch())),
  };
}
