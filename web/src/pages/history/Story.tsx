import { Button, SegmentedControl } from "@mantine/core";
import { useCallback, useEffect, useMemo, useRef } from "react";
import { useSearchParams } from "react-router";
import { knownFrom } from "~/parts/events/known";
import { type Event, sentence } from "~/parts/events/telling";
import { Panel } from "~/parts/Panel";
import { useRunWords } from "~/parts/runs/asking";
import { Happened } from "./Happened";
import classes from "./machine.module.css";
import { isPart, ofPart } from "./parts";
import type { Position } from "./position";
import { sortOf } from "./streams";

interface Props {
  readonly streamId: string;
  readonly events: readonly Event[];
  readonly listing: {
    readonly hasNextPage: boolean;
    readonly isFetchingNextPage: boolean;
    readonly fetchNextPage: () => unknown;
  };
  readonly position: Position;
}

const PARTS = [
  { value: "all", label: "All" },
  { value: "entry", label: "Entry" },
  { value: "exit", label: "Exit" },
];

/** All that happened, oldest first; each event leads to the state after it. */
export function Story({ streamId, events, listing, position }: Props) {
  const words = useRunWords();
  const known = useMemo(() => knownFrom(events, words), [events, words]);
  const [params, setParams] = useSearchParams();
  const part = isPart(params.get("part"));
  const shown = useMemo(() => ofPart(events, part, known), [events, part, known]);
  const told = useCallback(
    (stream: string, version: number) => {
      const found = events.find((event) => event.version === version && event.stream === stream);
      return found && sentence(found.topic, found.event, known);
    },
    [events, known],
  );
  const box = useFollowed(position.version, shown.length);
  const isRun = sortOf(streamId).name === "Run";
  return (
    <Panel
      title="What happened"
      side={
        isRun && (
          <SegmentedControl
            size="xs"
            aria-label="Which events"
            data={PARTS}
            value={part}
            onChange={(next) => setParams(next === "all" ? {} : { part: next }, { replace: true })}
          />
        )
      }
    >
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reached by keys */}
      <section className={classes.events} aria-label="Events" tabIndex={0} ref={box}>
        {listing.hasNextPage && (
          <Button
            size="compact-xs"
            variant="default"
            loading={listing.isFetchingNextPage}
            onClick={() => void listing.fetchNextPage()}
          >
            Show earlier events
          </Button>
        )}
        <ol className={classes.line}>
          {shown.map((event, at) => (
            <Happened
              key={event.version}
              event={event}
              before={shown[at - 1]}
              known={known}
              told={told}
              position={position}
            />
          ))}
        </ol>
      </section>
    </Panel>
  );
}

/** Keeps the event looked at within its box, without moving the page. */
function useFollowed(version: number, count: number) {
  const box = useRef<HTMLElement>(null);
  useEffect(() => {
    const inBox = box.current;
    const found =
      count > 0 ? inBox?.querySelector<HTMLElement>(`[data-version="${version}"]`) : null;
    if (inBox == null || found == null) return;
    const [top, bottom] = [found.offsetTop, found.offsetTop + found.offsetHeight];
    if (top < inBox.scrollTop) inBox.scrollTop = top;
    else if (bottom > inBox.scrollTop + inBox.clientHeight) {
      inBox.scrollTop = bottom - inBox.clientHeight;
    }
  }, [version, count]);
  return box;
}
