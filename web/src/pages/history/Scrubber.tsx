import { ActionIcon, Button, Group, Paper, Slider, Text } from "@mantine/core";
import { useInterval } from "@mantine/hooks";
import {
  IconPlayerPause,
  IconPlayerPlay,
  IconPlayerSkipBack,
  IconPlayerSkipForward,
  IconPlayerTrackNext,
  IconPlayerTrackPrev,
} from "@tabler/icons-react";
import { type ReactNode, useEffect, useState } from "react";
import type { Event } from "~/parts/events/telling";
import { istDay, istFine } from "~/words/time";
import type { Position } from "./position";

/** Milliseconds from one event to the next while it plays. */
const STEP_MS = 700;

interface Props {
  readonly events: readonly Event[];
  readonly newest: number;
  readonly position: Position;
}

/** Goes to any moment: by the slider, by its keys, step by step, or playing. */
export function Scrubber({ events, newest, position }: Props) {
  const { version, latest, go } = position;
  const now = events.find((event) => event.version === version);
  return (
    <Paper withBorder p="sm">
      <Group justify="space-between" gap="xs" mb="xs">
        <Text size="sm" className="figures" role="status" aria-label="The moment looked at">
          {now !== undefined && `${istDay(now.at)}, ${istFine(now.at)} · `}
          event {version} of {newest}
        </Text>
        <Group gap={4}>
          <Steps newest={newest} position={position} />
          <Button
            size="compact-xs"
            variant={latest ? "light" : "default"}
            onClick={() => go(newest)}
          >
            Now
          </Button>
        </Group>
      </Group>
      <Slider
        min={1}
        max={Math.max(newest, 2)}
        step={1}
        value={version}
        onChange={go}
        disabled={newest < 2}
        label={null}
        size="sm"
        thumbLabel="Moment"
        thumbProps={{ "aria-valuetext": `event ${version} of ${newest}` }}
      />
    </Paper>
  );
}

function Steps({ newest, position }: Omit<Props, "events">) {
  const { version, latest, go } = position;
  return (
    <>
      <Step label="To the first event" off={version <= 1} onClick={() => go(1)}>
        <IconPlayerSkipBack size={15} />
      </Step>
      <Step label="One event back" off={version <= 1} onClick={() => go(version - 1)}>
        <IconPlayerTrackPrev size={15} />
      </Step>
      <Play newest={newest} position={position} />
      <Step label="One event on" off={latest} onClick={() => go(version + 1)}>
        <IconPlayerTrackNext size={15} />
      </Step>
      <Step label="To the newest event" off={latest} onClick={() => go(newest)}>
        <IconPlayerSkipForward size={15} />
      </Step>
    </>
  );
}

/** Plays from here on; from the beginning where there is nothing after it. */
function Play({ newest, position }: Omit<Props, "events">) {
  const { version, latest, go } = position;
  const [playing, setPlaying] = useState(false);
  const { start, stop } = useInterval(() => go(version + 1), STEP_MS);
  useEffect(() => {
    if (!playing) return;
    start();
    return stop;
  }, [playing, start, stop]);
  useEffect(() => {
    if (latest) setPlaying(false);
  }, [latest]);
  function toggle() {
    if (!playing && latest) go(1);
    setPlaying(!playing);
  }
  return (
    <Step label={playing ? "Pause" : "Play"} off={newest < 2} onClick={toggle}>
      {playing ? <IconPlayerPause size={15} /> : <IconPlayerPlay size={15} />}
    </Step>
  );
}

function Step(props: {
  readonly label: string;
  readonly off: boolean;
  readonly onClick: () => void;
  readonly children: ReactNode;
}) {
  return (
    <ActionIcon
      variant="default"
      size="md"
      aria-label={props.label}
      disabled={props.off}
      onClick={props.onClick}
    >
      {props.children}
    </ActionIcon>
  );
}
