import { Badge, Skeleton, Stack, Text } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { useMemo } from "react";
import { knownFrom } from "~/parts/events/known";
import { type Event, sentence } from "~/parts/events/telling";
import { Panel } from "~/parts/Panel";
import { useRunWords } from "~/parts/runs/asking";
import type { RunWords } from "~/parts/runs/words";
import { Trouble } from "~/parts/Trouble";
import { type Stream, useThen } from "./asking";
import { GroupShown } from "./GroupShown";
import classes from "./machine.module.css";
import { rowsThen } from "./rows";
import { runThen } from "./run";
import { type Difference, difference, type Group, NO_DIFFERENCE } from "./sheet";

interface Props {
  readonly streamId: string;
  readonly events: readonly Event[];
  readonly version: number;
}

/** Milliseconds that a moment is looked at before its state is asked for. */
const GLANCE_MS = 60;

/** The state as it was after an event, with what that event changed. */
export function Then({ streamId, events, version }: Props) {
  const [settled] = useDebouncedValue(version, GLANCE_MS);
  const now = useThen(streamId, settled);
  const before = useThen(streamId, settled - 1);
  const words = useRunWords();
  const groups = useMemo(() => groupsOf(streamId, now.data, words), [streamId, now.data, words]);
  const changed = useMemo(() => {
    // What is kept on the screen meanwhile is of other moments: they tell no difference.
    const fit = now.data?.version === settled && before.data?.version === settled - 1;
    return fit ? difference(groupsOf(streamId, before.data, words), groups) : NO_DIFFERENCE;
  }, [streamId, settled, now.data, before.data, groups, words]);
  const waits = now.data?.version !== version;
  return (
    <Panel
      title="As it was then"
      told={<After events={events} version={version} />}
      side={now.data?.deleted === true ? <Badge color="gray">Deleted</Badge> : undefined}
    >
      <Trouble of={now.error} again={now.refetch} />
      {now.data === undefined && now.error === null && <Skeleton height={300} />}
      <div aria-busy={waits}>
        <Changed by={changed} first={settled === 1} />
        <Stack gap="md">
          {groups.map((group) => (
            <GroupShown key={group.title} group={group} changed={changed} />
          ))}
        </Stack>
        {now.data !== undefined && groups.length === 0 && (
          <Text size="sm">Nothing was there at this moment.</Text>
        )}
      </div>
    </Panel>
  );
}

function groupsOf(streamId: string, shown: Stream | undefined, words: RunWords): readonly Group[] {
  if (shown === undefined) return [];
  return streamId.startsWith("RUN-") ? runThen(shown.views, words) : rowsThen(shown.views);
}

function After({ events, version }: Omit<Props, "streamId">) {
  const words = useRunWords();
  const found = events.find((event) => event.version === version);
  if (found === undefined) return <>After event {version}</>;
  return <>After: {sentence(found.topic, found.event, knownFrom(events, words))}</>;
}

function Changed({ by, first }: { readonly by: Difference; readonly first: boolean }) {
  if (first || by.lines.length === 0) return null;
  return (
    <ul className={classes.changes} aria-label="What this event changed">
      {by.lines.map((line) => (
        <li key={line}>{line}</li>
      ))}
    </ul>
  );
}
