import { useQuery } from "@tanstack/react-query";
import { api, got } from "~/api/client";
import { useProfile } from "~/api/profile";
import type { Beginning } from "./checklist";

/** What is there already, of a trader who has just begun. */
export function useBeginning() {
  const userId = useProfile().data?.user_id;
  const authenticator = useQuery({
    queryKey: ["users", "me", "authenticator"],
    queryFn: () => got(api.GET("/auth/totp")),
  });
  const accounts = useQuery({
    queryKey: ["broker_accounts", "begun", userId],
    enabled: userId !== undefined,
    queryFn: () =>
      got(
        api.GET("/users/{user_id}/broker-accounts", {
          params: { path: { user_id: userId ?? "" } },
        }),
      ),
  });
  const strategies = useQuery({
    queryKey: ["strategies", "begun"],
    queryFn: () => got(api.GET("/strategies")),
  });
  const baskets = useQuery({
    queryKey: ["baskets", "begun"],
    queryFn: () => got(api.GET("/baskets")),
  });
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
