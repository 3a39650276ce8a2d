import { keepPreviousData, useInfiniteQuery, useQueries, useQuery } from "@tanstack/react-query";
import { useEffect } from "react";
import { api, got } from "~/api/client";
import { usePace } from "~/api/live";
import type { Schemas } from "~/api/types";
import type { Event } from "~/parts/events/telling";
import { sortOf } from "./streams";

export type Stream = Schemas["StreamShown"];

const AT_ONCE = 200;
/** Milliseconds between two looks at what the stream of changes does not tell of. */
const SELDOM_MS = 10_000;
/** Milliseconds after which events are asked for again that the audit does not have yet. */
const SOON_MS = 150;

function streamAt(streamId: string, version: number | null): Promise<Stream> {
  const params = { path: { stream_id: streamId }, query: { version } };
  return got(api.GET("/streams/{stream_id}", { params }));
}

/** The stream as it is now. It is asked for anew whenever one of the views made from it changes. */
export function useHead(streamId: string) {
  const pace = usePace(SELDOM_MS);
  const { views } = sortOf(streamId);
  return useQueries({
    queries: (views.length === 0 ? ["streams"] : views).map((view) => ({
      queryKey: [view, "head", streamId],
      queryFn: () => streamAt(streamId, null),
      refetchInterval: pace,
    })),
    combine: (asked) => ({
      head: asked
        .map((each) => each.data)
        .reduce((one, other) => ((other?.version ?? 0) > (one?.version ?? 0) ? other : one)),
      error: asked.find((each) => each.error !== null)?.error ?? null,
      again: () => Promise.all(asked.map((each) => each.refetch())),
    }),
  });
}

/**
 * Its events, newest pages first; those that the head knows of already are waited for.
 *
 * All of them are read where the later ones are not understood without the first, as a run's; else as
 * far back as is looked at.
 */
export function useStory(streamId: string, newest: number, from: number) {
  const asked = useInfiniteQuery({
    queryKey: ["streams", streamId, "events"],
    queryFn: ({ pageParam }) =>
      got(
        api.GET("/audit", {
          params: {
            query: { stream: streamId, newest_first: true, limit: AT_ONCE, cursor: pageParam },
          },
        }),
      ),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next_cursor,
    staleTime: Number.POSITIVE_INFINITY,
  });
  const { data, error, isFetching, refetch, hasNextPage, fetchNextPage } = asked;
  const seen = data?.pages[0]?.items[0]?.version ?? 0;
  const behind = data !== undefined && error === null && !isFetching && seen < newest;
  useEffect(() => {
    if (!behind) return;
    const timer = setTimeout(() => void refetch(), SOON_MS);
    return () => clearTimeout(timer);
  }, [behind, refetch]);
  const oldest = data?.pages.at(-1)?.items.at(-1)?.version ?? 0;
  const further = newest > 0 && hasNextPage && !isFetching && error === null && oldest > from;
  useEffect(() => {
    if (further) void fetchNextPage();
  }, [further, fetchNextPage]);
  return asked;
}

/** Pages of newest first as one story, oldest first. */
export function story(
  pages: readonly { readonly items: readonly Event[] }[] | undefined,
): readonly Event[] {
  return (pages ?? []).flatMap((page) => page.items).toReversed();
}

/** The stream as it was after a version; the past does not change. */
export function useThen(streamId: string, version: number) {
  return useQuery({
    queryKey: ["streams", streamId, "then", version],
    queryFn: () => streamAt(streamId, version),
    enabled: version > 0,
    staleTime: Number.POSITIVE_INFINITY,
    placeholderData: keepPreviousData,
  });
}

/** How the stream began: the first event says what it is of. */
export function useBeginning(streamId: string) {
  return useQuery({
    queryKey: ["streams", streamId, "first"],
    queryFn: async () => {
      const query = { stream: streamId, limit: 1 };
      const page = await got(api.GET("/audit", { params: { query } }));
      return page.items[0] ?? null;
    },
    staleTime: Number.POSITIVE_INFINITY,
  });
}

/** From an event of a stream back to what caused it. */
export function useCauses(streamId: string, version: number) {
  return useQuery({
    queryKey: ["streams", streamId, "why", version],
    queryFn: () => got(api.GET("/audit/why", { params: { query: { stream: streamId, version } } })),
    staleTime: Number.POSITIVE_INFINITY,
  });
}
