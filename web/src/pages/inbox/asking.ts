import { useInfiniteQuery, useQueryClient } from "@tanstack/react-query";
import { useAction } from "~/api/action";
import { api, got } from "~/api/client";

/** The platform takes so many at once. */
const AT_ONCE = 200;

/** Notices, newest first, page by page. */
export function useInbox(unread: boolean) {
  return useInfiniteQuery({
    queryKey: ["inbox", "listed", unread],
    initialPageParam: null as string | null,
    queryFn: ({ pageParam }) =>
      got(
        api.GET("/inbox", {
          params: { query: { unread, ...(pageParam === null ? {} : { cursor: pageParam }) } },
        }),
      ),
    getNextPageParam: (page) => page.next_cursor,
  });
}

/** Remember that these were read. */
export function useAcknowledge() {
  const client = useQueryClient();
  return useAction(
    (notices: readonly string[], key) =>
      got(
        api.POST("/inbox/acknowledge", {
          params: { header: { "idempotency-key": key } },
          body: { notices: notices.slice(0, AT_ONCE) },
        }),
      ),
    () => void client.invalidateQueries({ queryKey: ["inbox"] }),
  );
}
