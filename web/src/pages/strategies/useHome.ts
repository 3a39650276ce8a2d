import type { Account, Basket } from "~/api/types";
import { Unsaved } from "~/api/unsaved";
import { useAccounts, useBaskets } from "~/parts/trades/names";
import { useUnsaved } from "~/parts/unsaved";
import type { Home } from "./saving";

export const NEW = "new";

export interface HomeShown {
  readonly home: Home;
  readonly baskets: readonly Basket[];
  readonly accounts: readonly Account[];
  readonly chosen: string;
  readonly name: string;
  readonly targets: readonly string[];
  readonly choose: (basketId: string) => void;
  readonly rename: (name: string) => void;
  readonly retarget: (accounts: readonly string[]) => void;
}

interface Chosen {
  readonly choice?: string;
  readonly named?: string;
  readonly told?: readonly string[];
}

const CHOSEN = new Unsaved<Chosen>();

/** Where a new strategy goes: the basket asked for, else a new one of its name on the first account. */
export function useHome(suggested: string | null, strategyName: string): HomeShown {
  const baskets = useBaskets().data?.items ?? [];
  const accounts = useAccounts().data?.items ?? [];
  const [{ choice, named, told }, set] = useUnsaved<Chosen>(CHOSEN, () => ({}));
  const known = baskets.some((each) => each.basket_id === suggested);
  const chosen = choice ?? (known && suggested !== null ? suggested : NEW);
  const name = named ?? strategyName;
  const targets = told ?? accounts.slice(0, 1).map((each) => each.account_id);
  const home: Home =
    chosen === NEW ? { kind: "new", name, accounts: targets } : { kind: "there", basketId: chosen };
  return {
    home,
    baskets,
    accounts,
    chosen,
    name,
    targets,
    choose: (choice) => set((now) => ({ ...now, choice })),
    rename: (named) => set((now) => ({ ...now, named })),
    retarget: (told) => set((now) => ({ ...now, told })),
  };
}
