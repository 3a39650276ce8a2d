import type { InfiniteData, QueryClient, QueryKey } from "@tanstack/react-query";

/** A row that changed, as `/stream` tells it; `row` is null when it is gone. */
export interface Change {
  readonly view: string;
  readonly id: string;
  readonly version: number;
  readonly row: Readonly<Record<string, unknown>> | null;
}

/** Views whose rows the lists show as they are told; the others are asked for anew. */
const IDS: Readonly<Record<string, string>> = {
  orders: "order_id",
  runs: "run_id",
  strategies: "strategy_id",
  baskets: "basket_id",
};
/** What is made of rows of another view as well: sums over them, or which notices a user has read. */
const ALSO: Readonly<Record<string, readonly string[]>> = {
  runs: ["daily_pnl", "schedule"],
  orders: ["positions"],
  strategies: ["schedule"],
  baskets: ["schedule"],
  broker_accounts: ["drift", "schedule"],
  users: ["inbox"],
};
/** Milliseconds over which changes are gathered before anything is asked for. */
const GATHERED_MS = 150;

type Row = Readonly<Record<string, unknown>>;

interface Page {
  readonly items: readonly Row[];
}

/** How a list that is read page by page, newest first, takes a row it does not hold yet. */
export interface NewestFirst {
  /** The moment by which the list is sorted. */
  readonly by: string;
  /** Whether the row is one of those that the list is of. */
  readonly takes: (row: Row) => boolean;
}

declare module "@tanstack/react-query" {
  interface Register {
    queryMeta: { newestFirst?: NewestFirst };
  }
}

function isPage(held: unknown): held is Page {
  return typeof held === "object" && held !== null && "items" in held && Array.isArray(held.items);
}

function isPaged(held: unknown): held is InfiniteData<Page> {
  return typeof held === "object" && held !== null && "pages" in held && Array.isArray(held.pages);
}

/** The pages with a row that is newer than all of them; the same pages where it is not of the list. */
function withNewest(held: InfiniteData<Page>, row: Row, { by, takes }: NewestFirst): unknown {
  if (!takes(row)) return held;
  const [first, ...rest] = held.pages;
  const newest = first?.items[0]?.[by];
  if (first === undefined || (newest !== undefined && String(row[by]) < String(newest))) {
    return undefined;
  }
  return { ...held, pages: [{ ...first, items: [row, ...first.items] }, ...rest] };
}

/** The data with this row where it belongs; undefined where only the platform knows. */
export function withRow(held: unknown, change: Change, newestFirst?: NewestFirst): unknown {
  const name = IDS[change.view];
  const { row } = change;
  if (name === undefined || row === null) return undefined;
  if (isPaged(held)) {
    for (const [at, page] of held.pages.entries()) {
      const next = withRow(page, change);
      if (next !== undefined) return { ...held, pages: held.pages.with(at, next as Page) };
    }
    return newestFirst && withNewest(held, row, newestFirst);
  }
  if (isPage(held)) {
    const place = held.items.findIndex((item) => item[name] === change.id);
    return place < 0 ? undefined : { ...held, items: held.items.with(place, row) };
  }
  const alone = held as Row | undefined;
  if (alone?.[name] === undefined) return undefined;
  return alone[name] === change.id ? row : held;
}

/** Brings what the screen holds up to date with each change; gathers what has to be asked anew. */
export class Changes {
  readonly #client: QueryClient;
  readonly #stale = new Set<string>();
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(client: QueryClient) {
    this.#client = client;
  }

  take(change: Change): void {
    for (const query of this.#client.getQueryCache().findAll({ queryKey: [change.view] })) {
      const next = withRow(query.state.data, change, query.meta?.newestFirst);
      if (next === undefined) this.#stale.add(change.view);
      else this.#client.setQueryData(query.queryKey, next);
    }
    for (const other of ALSO[change.view] ?? []) this.#stale.add(other);
    this.#timer ??= setTimeout(() => this.#ask(), GATHERED_MS);
  }

  /** Changes were lost: everything is asked for anew. */
  lost(): void {
    void this.#client.invalidateQueries();
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  #ask(): void {
    const stale = [...this.#stale];
    this.#stale.clear();
    this.#timer = undefined;
    for (const view of stale) void this.#client.invalidateQueries({ queryKey: [view] as QueryKey });
  }
}
