import { Anchor, Group, Skeleton, Text, UnstyledButton } from "@mantine/core";
import { useInfiniteQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { Link } from "react-router";
import { api, got } from "~/api/client";
import { actorName } from "~/parts/events/actors";
import { Export } from "~/parts/events/Export";
import { type Known, knownFrom } from "~/parts/events/known";
import moments from "~/parts/events/moments.module.css";
import { RawEvent } from "~/parts/events/RawEvent";
import { type Event, sentence } from "~/parts/events/telling";
import { When } from "~/parts/events/When";
import { More } from "~/parts/More";
import { Panel } from "~/parts/Panel";
import { useRunWords } from "~/parts/runs/asking";
import type { RunWords } from "~/parts/runs/words";
import { Trouble } from "~/parts/Trouble";
import classes from "./audit.module.css";
import { asked, type Search } from "./search";

interface Props {
  readonly search: Search;
  readonly me: string;
  readonly onNarrow: (field: keyof Search, value: string) => void;
}

function useHits(search: Search) {
  const wanted = asked(search);
  return useInfiniteQuery({
    queryKey: ["audit", wanted],
    queryFn: ({ pageParam }) => {
      const query = { ...wanted, newest_first: true, cursor: pageParam };
      return got(api.GET("/audit", { params: { query } }));
    },
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next_cursor,
  });
}

/** The events that match, newest first. */
export function Hits({ search, me, onNarrow }: Props) {
  const hits = useHits(search);
  const events = useMemo(() => hits.data?.pages.flatMap((page) => page.items) ?? [], [hits.data]);
  const words = useRunWords();
  const known = useMemo(() => knownIn(events, words), [events, words]);
  return (
    <Panel
      title="Found"
      told={hits.isPending ? "…" : `${events.length}${hits.hasNextPage ? " and more" : ""}`}
      side={
        <Export wanted={asked(search)} file="audit.jsonl">
          Export what matches
        </Export>
      }
    >
      <Trouble of={hits.error} again={hits.refetch} />
      {hits.isPending && <Skeleton height={200} />}
      {hits.isSuccess && events.length === 0 && !hits.hasNextPage && (
        <Text size="sm">Nothing matches. Widen the times, or leave a field empty.</Text>
      )}
      <ul className={moments.moments} aria-label="Events">
        {events.map((event) => (
          <Hit
            key={`${event.stream}:${event.version}`}
            {...{ event, me, onNarrow }}
            known={known.get(event.stream)}
          />
        ))}
      </ul>
      <More of={hits} />
    </Panel>
  );
}

function Hit({
  event,
  me,
  known,
  onNarrow,
}: Omit<Props, "search"> & { readonly event: Event; readonly known: Known | undefined }) {
  return (
    <li>
      <When at={event.at} />
      <div>
        <Anchor
          component={Link}
          to={`/history/${encodeURIComponent(event.stream)}?v=${event.version}`}
          size="sm"
        >
          {sentence(event.topic, event.event, known)}
        </Anchor>
        <Group gap="0.1rem 0.8rem" className={classes.because ?? ""}>
          <Narrow to={() => onNarrow("actor", event.actor)} what="Only by">
            {actorName(event.actor, me)}
          </Narrow>
          <Narrow to={() => onNarrow("topic", event.topic)} what="Only">
            {event.topic}
          </Narrow>
          <Narrow to={() => onNarrow("stream", event.stream)} what="Only of">
            {event.stream}
          </Narrow>
          <Narrow to={() => onNarrow("correlation", event.correlation_id)} what="Only with">
            {event.correlation_id}
          </Narrow>
          <RawEvent of={event} />
        </Group>
      </div>
    </li>
  );
}

/** A word that narrows the search to what shares it. */
function Narrow(props: {
  readonly what: string;
  readonly to: () => void;
  readonly children: string;
}) {
  return (
    <UnstyledButton
      className={classes.narrow}
      title={`${props.what} ${props.children}`}
      onClick={props.to}
    >
      {props.children}
    </UnstyledButton>
  );
}

/** What the events found of each run tell of it. */
function knownIn(events: readonly Event[], words: RunWords): ReadonlyMap<string, Known> {
  const streams = grouped(events);
  return new Map([...streams].map(([stream, own]) => [stream, knownFrom(own, words)]));
}

function grouped(events: readonly Event[]): ReadonlyMap<string, readonly Event[]> {
  const streams = new Map<string, Event[]>();
  for (const event of events) {
    streams.set(event.stream, [...(streams.get(event.stream) ?? []), event]);
  }
  return streams;
}
