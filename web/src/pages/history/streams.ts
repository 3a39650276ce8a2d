/** What sort of thing a stream is of, and which views tell of its changes. */
export interface Sort {
  readonly name: string;
  readonly views: readonly string[];
  /** Where it is shown as it is now. */
  readonly page?: string;
}

const SORTS: Readonly<Record<string, Sort>> = {
  RUN: { name: "Run", views: ["runs", "orders"] },
  STRAT: { name: "Strategy", views: ["strategies"], page: "/strategies" },
  BASK: { name: "Basket", views: ["baskets"], page: "/baskets" },
  ACC: { name: "Account", views: ["broker_accounts"], page: "/accounts" },
  USER: { name: "User", views: ["users"] },
  LIST: { name: "Listing", views: [] },
};
const UNKNOWN: Sort = { name: "Stream", views: [] };

export function sortOf(streamId: string): Sort {
  return SORTS[streamId.split("-")[0] ?? ""] ?? UNKNOWN;
}

const ORDER = /^(RUN-.+)-(ENTRY|EXIT)-\d+$/;

/** The run and the side of an order's id; undefined for what is no order. */
export function orderIn(id: string): { readonly run: string; readonly part: Part } | undefined {
  const found = ORDER.exec(id);
  if (found === null) return undefined;
  return { run: found[1] ?? "", part: found[2] === "EXIT" ? "exit" : "entry" };
}

/** What of a run's events is looked at. */
export type Part = "all" | "entry" | "exit";

/** Where an event is shown. */
export function addressOf(streamId: string, version?: number): string {
  const base = `/history/${encodeURIComponent(streamId)}`;
  return version === undefined ? base : `${base}?v=${version}`;
}

/** The address of what somebody typed or pasted, if it is the id of something. */
export function addressOfId(typed: string): string | undefined {
  const id = typed.trim();
  return /^(RUN|STRAT|BASK|ACC|USER|LIST)-\S+$/.test(id) ? addressOf(id) : undefined;
}

/** The version that an event names as its cause: `RUN-…:14`. */
export function causeOf(
  causation: string | null,
): { readonly stream: string; readonly version: number } | undefined {
  const found = /^([A-Z]+-.+):(\d+)$/.exec(causation ?? "");
  if (found === null) return undefined;
  return { stream: found[1] ?? "", version: Number(found[2]) };
}
