import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useAction } from "~/api/action";
import { api, got } from "~/api/client";
import type { Account, Position, Run, Schemas } from "~/api/types";
import { type DueToday, useDueToday } from "~/parts/runs/asking";

export type Scope = Schemas["FlattenScope"];

/** What is open on an account: its runs, what is held, and what would still enter today. */
export interface Standing {
  readonly runs: readonly Run[];
  readonly positions: readonly Position[];
  readonly coming: readonly DueToday[];
}

/** What stopping an account would meet there. */
export function useStanding(accountId: string) {
  const params = { query: { account_id: accountId } };
  const runs = useQuery({
    queryKey: ["runs", { account: accountId, unfinished: true }],
    queryFn: () =>
      got(api.GET("/runs", { params: { query: { account_id: accountId, unfinished: true } } })),
  });
  const positions = useQuery({
    queryKey: ["positions", { account: accountId }],
    queryFn: () => got(api.GET("/positions", { params })),
  });
  const due = useDueToday();
  const failure = runs.error ?? positions.error ?? due.error;
  if (!runs.data || !positions.data || !due.data) return { standing: undefined, failure };
  const standing: Standing = {
    runs: runs.data.items.filter((run) => run.stage !== "CLOSED" && run.stage !== "SKIPPED"),
    positions: positions.data.items.filter((each) => each.quantity !== 0),
    coming: due.data.items.filter(
      (item) =>
        item.reason === null &&
        item.entries.some(
          (each) => each.account_id === accountId && each.run_id === null && each.reason === null,
        ),
    ),
  };
  return { standing, failure };
}

export interface Asked {
  readonly accounts: readonly string[];
  readonly reason: string;
  readonly scope: Scope;
}

/** Stop these accounts, each by a request of its own; the same press stops none of them twice. */
export function useStop(onDone: () => void) {
  const client = useQueryClient();
  return useAction(
    ({ accounts, reason, scope }: Asked, key) =>
      Promise.all(
        accounts.map((account_id) =>
          got(
            api.POST("/accounts/{account_id}/block", {
              params: {
                path: { account_id },
                header: { "idempotency-key": `${key}-${account_id}` },
              },
              body: { reason, scope },
            }),
          ),
        ),
      ).finally(() => client.invalidateQueries({ queryKey: ["broker_accounts"] })),
    onDone,
  );
}

/** Let an account trade again. */
export function useRelease(account: Account) {
  const client = useQueryClient();
  const { account_id } = account;
  return useAction(
    (reason: string, key) =>
      got(
        api.POST("/accounts/{account_id}/release", {
          params: { path: { account_id }, header: { "idempotency-key": key } },
          body: { reason },
        }),
      ),
    () => void client.invalidateQueries({ queryKey: ["broker_accounts"] }),
  );
}
