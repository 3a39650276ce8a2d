import { QueryClient } from "@tanstack/react-query";
import { Unreachable } from "./problem";

/*
 * A query's key begins with the name of the view it shows, as `/stream` names it ("orders", "runs",
 * "positions", "strategies", "baskets", "broker_accounts", "users", "inbox", "daily_pnl"), so that a
 * change of that view finds it. What shows an id after it: ["orders", { account }], ["runs", runId].
 */
export function queries(): QueryClient {
  return new QueryClient({
    defaultOptions: {
      queries: {
        staleTime: 10_000,
        refetchOnWindowFocus: true,
        retry: (failures, failure) => failure instanceof Unreachable && failures < 3,
      },
      mutations: { retry: false },
    },
  });
}
