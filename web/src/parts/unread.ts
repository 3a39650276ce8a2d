import { useQuery } from "@tanstack/react-query";
import { api, got } from "~/api/client";
import { usePace } from "~/api/live";
import type { Notice } from "~/api/types";

/** Notices that are counted one by one; beyond there are just "more". */
export const COUNTED = 99;
/** Milliseconds: another device may have read some, of which nothing tells. */
const LOOK_MS = 30_000;

export interface Unread {
  readonly count: string;
  readonly any: boolean;
  readonly alarming: boolean;
}

/** How many notices nobody has acknowledged, in the words of a badge. */
export function unreadOf(items: readonly Notice[], more: boolean): Unread {
  const many = items.length > COUNTED || (more && items.length > 0);
  return {
    count: many ? `${Math.min(items.length, COUNTED)}+` : String(items.length),
    any: items.length > 0,
    alarming: items.some((notice) => notice.gravity === "ALARM"),
  };
}

/** The unread notices of whoever is signed in, counted. */
export function useUnread(): Unread | undefined {
  const { data } = useQuery({
    queryKey: ["inbox", "unread"],
    queryFn: () =>
      got(api.GET("/inbox", { params: { query: { unread: true, limit: COUNTED + 1 } } })),
    refetchInterval: usePace(LOOK_MS),
  });
  return data === undefined ? undefined : unreadOf(data.items, data.next_cursor !== null);
}
