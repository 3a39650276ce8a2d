import { Anchor, Button, Modal, Skeleton, Text } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { Link } from "react-router";
import { useProfile } from "~/api/profile";
import type { Schemas } from "~/api/types";
import { actorName } from "~/parts/events/actors";
import type { Event } from "~/parts/events/telling";
import { Trouble } from "~/parts/Trouble";
import { istDay, istFine } from "~/words/time";
import { useCauses } from "./asking";
import classes from "./machine.module.css";
import { addressOf, sortOf } from "./streams";

/** From a fill back to who or what caused it. */
export function Why({ event }: { readonly event: Event }) {
  const [open, { open: show, close }] = useDisclosure(false);
  return (
    <>
      <Button size="compact-xs" variant="light" onClick={show}>
        Why?
      </Button>
      <Modal opened={open} onClose={close} title="Why this filled" size="lg">
        <Chain event={event} onGone={close} />
      </Modal>
    </>
  );
}

function Chain({ event, onGone }: { readonly event: Event; readonly onGone: () => void }) {
  const { data, error, refetch } = useCauses(event.stream, event.version);
  if (error !== null) return <Trouble of={error} again={refetch} />;
  if (data === undefined) return <Skeleton height={240} />;
  return (
    <>
      <Text size="sm" c="dimmed" mb="sm">
        Newest first: each line rests on those below it, back to the schedule and to whoever
        switched it on.
      </Text>
      <ol className={classes.causes} aria-label="Causes">
        {data.items.map((cause) => (
          <Cause key={`${cause.stream}:${cause.version}`} cause={cause} onGone={onGone} />
        ))}
      </ol>
    </>
  );
}

function Cause({
  cause,
  onGone,
}: {
  readonly cause: Schemas["CauseShown"];
  readonly onGone: () => void;
}) {
  const me = useProfile().data?.user_id;
  return (
    <li>
      <time dateTime={cause.at} className="figures">
        {istFine(cause.at)}
        <span>{istDay(cause.at)}</span>
      </time>
      <div>
        <Anchor
          component={Link}
          to={addressOf(cause.stream, cause.version)}
          size="sm"
          onClick={onGone}
        >
          {capital(cause.text)}
        </Anchor>
        <Text size="xs" c="dimmed">
          {sortOf(cause.stream).name}, event {cause.version} · {actorName(cause.actor, me)}
        </Text>
      </div>
    </li>
  );
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
