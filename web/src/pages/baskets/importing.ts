import { useQueries } from "@tanstack/react-query";
import { api, got } from "~/api/client";
import { Problem } from "~/api/problem";
import type { Definition, Schemas } from "~/api/types";
import type { BasketFile, Verdict } from "./file";

/** What the platform finds wrong with each strategy of a file; nothing is stored by asking. */
export function useVerdicts(file: BasketFile | undefined) {
  const strategies = file?.strategies ?? [];
  return useQueries({
    queries: strategies.map((definition) => ({
      queryKey: ["schedule", "verdict", definition],
      queryFn: () => verdict(definition),
    })),
  });
}

async function verdict(definition: Definition): Promise<Verdict> {
  try {
    const { faults } = await got(api.POST("/preview/schedule", { body: definition }));
    return { unreadable: false, faults };
  } catch (refused) {
    if (!(refused instanceof Problem) || refused.status !== 422) throw refused;
    return { unreadable: true, faults: refused.faults };
  }
}

export interface Import {
  readonly file: BasketFile;
  readonly accounts: readonly string[];
}

/** Compose it and draft its strategies; each step has a key, so that asked again it goes on. */
export async function importBasket(
  { file, accounts }: Import,
  key: string,
): Promise<Schemas["BasketShown"]> {
  const { name, description, multiplier } = file;
  const targets = accounts.map((account_id) => ({ account_id, multiplier }));
  const basket = await got(
    api.POST("/baskets", {
      params: { header: { "idempotency-key": `${key}:basket` } },
      body: { name, description, targets },
    }),
  );
  for (const [place, definition] of file.strategies.entries()) {
    const header = { "idempotency-key": `${key}:${place}` };
    const params = { path: { basket_id: basket.basket_id }, header };
    await got(api.POST("/baskets/{basket_id}/strategies", { params, body: definition }));
  }
  return basket;
}
