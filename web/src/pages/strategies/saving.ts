import { api, got } from "~/api/client";
import { Problem } from "~/api/problem";
import type { Basket, Strategy } from "~/api/types";
import { type Draft, draftOf, same } from "./draft";

/** Where a new strategy goes: a basket there is, or one to be made for these accounts. */
export type Home =
  | { readonly kind: "there"; readonly basketId: string }
  | { readonly kind: "new"; readonly name: string; readonly accounts: readonly string[] };

/** A strategy as it was when its editing began. */
export type Base = Pick<Strategy, "strategy_id" | "edition"> & { readonly draft: Draft };

export interface Wish {
  readonly draft: Draft;
  readonly activate: boolean;
  /** Where a new one goes. */
  readonly home?: Home;
  /** What is edited. */
  readonly base?: Base;
}

export interface Saved {
  readonly strategy: Strategy;
  /** It is saved; to activate it was refused. */
  readonly refused?: Problem;
}

/** What stood there first when two edited the same strategy. */
export class EditedMeanwhile extends Error {
  readonly theirs: Strategy;

  constructor(theirs: Strategy) {
    super("This strategy was changed elsewhere while you were editing it.");
    this.name = "EditedMeanwhile";
    this.theirs = theirs;
  }
}

/** Baskets that were made by an attempt whose next step failed: another does not make them again. */
export type Made = Map<string, string>;

/** Save it, and activate it with its basket where that is wished; each step has a key of its own. */
export async function save(wish: Wish, key: string, made: Made): Promise<Saved> {
  const stored =
    wish.base === undefined ? await drafted(wish, key, made) : await edited(wish.base, wish.draft);
  if (!wish.activate) return { strategy: stored };
  try {
    return { strategy: await activated(stored, key) };
  } catch (refused) {
    if (!(refused instanceof Problem)) throw refused;
    return { strategy: stored, refused };
  }
}

async function drafted({ draft, home }: Wish, key: string, made: Made): Promise<Strategy> {
  if (home === undefined) throw new Error("a new strategy needs a basket");
  const basket = home.kind === "there" ? home.basketId : await composed(home, key, made);
  const params = {
    path: { basket_id: basket },
    header: { "idempotency-key": `${key}:strategy` },
  };
  return got(api.POST("/baskets/{basket_id}/strategies", { params, body: draft }));
}

async function composed(
  home: Extract<Home, { kind: "new" }>,
  key: string,
  made: Made,
): Promise<string> {
  const words = JSON.stringify(home);
  const known = made.get(words);
  if (known !== undefined) return known;
  const body = {
    name: home.name,
    targets: home.accounts.map((account_id) => ({ account_id, multiplier: 1 })),
  };
  const params = { header: { "idempotency-key": `${key}:basket` } };
  const basket = await got(api.POST("/baskets", { params, body }));
  made.set(words, basket.basket_id);
  return basket.basket_id;
}

/** Put the draft in the place of what was read; where only the status moved on, nothing is lost. */
async function edited(base: Base, draft: Draft): Promise<Strategy> {
  try {
    return await put(base, draft);
  } catch (refused) {
    if (!(refused instanceof Problem && refused.status === 412)) throw refused;
    const theirs = await strategyNow(base.strategy_id);
    if (!same(draftOf(theirs), base.draft)) throw new EditedMeanwhile(theirs);
    return put({ ...base, edition: theirs.edition }, draft);
  }
}

async function put(base: Pick<Base, "strategy_id" | "edition">, draft: Draft): Promise<Strategy> {
  const params = {
    path: { strategy_id: base.strategy_id },
    header: { "if-match": `"${base.edition}"` },
  };
  return got(api.PUT("/strategies/{strategy_id}", { params, body: draft }));
}

function strategyNow(strategyId: string): Promise<Strategy> {
  return got(
    api.GET("/strategies/{strategy_id}", { params: { path: { strategy_id: strategyId } } }),
  );
}

/** Let it enter at its times: the strategy, and its basket where that is not active yet. */
export async function activated(strategy: Strategy, key: string): Promise<Strategy> {
  const now = await got(
    api.POST("/strategies/{strategy_id}/activate", {
      params: {
        path: { strategy_id: strategy.strategy_id },
        header: { "idempotency-key": `${key}:activate` },
      },
    }),
  );
  const basket = await basketNow(strategy.basket_id);
  if (basket.status !== "ACTIVE") {
    const params = {
      path: { basket_id: basket.basket_id },
      header: { "idempotency-key": `${key}:basket-on` },
    };
    await got(api.POST("/baskets/{basket_id}/activate", { params }));
  }
  return now;
}

function basketNow(basketId: string): Promise<Basket> {
  return got(api.GET("/baskets/{basket_id}", { params: { path: { basket_id: basketId } } }));
}

export function deactivated(strategyId: string, key: string): Promise<Strategy> {
  const params = { path: { strategy_id: strategyId }, header: { "idempotency-key": key } };
  return got(api.POST("/strategies/{strategy_id}/deactivate", { params }));
}

export function duplicated(strategyId: string, key: string): Promise<Strategy> {
  const params = { path: { strategy_id: strategyId }, header: { "idempotency-key": key } };
  return got(api.POST("/strategies/{strategy_id}/duplicate", { params, body: {} }));
}

export async function deleted(strategy: Strategy): Promise<void> {
  const params = {
    path: { strategy_id: strategy.strategy_id },
    header: { "if-match": `"${strategy.edition}"` },
  };
  await got(api.DELETE("/strategies/{strategy_id}", { params }));
}
