import { Anchor, Button, Modal, Skeleton, Text } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { Link } from "react-router";
import { useProfile } from "~/api/profile";
import type { Schemas } from "~/api/types";
import { actorName } from "~/parts/events/actors";
import moments from "~/parts/events/moments.module.css";
import type { Event } from "~/parts/events/telling";
import { When } from "~/parts/events/When";
import { Trouble } from "~/parts/Trouble";
import { capital } from "~/words/definition";
import { useCauses } from "./asking";
import { addressOf, sortOf } from "./streams";

type Cause = Schemas["CauseShown"];
/** The words of an event that is on the page already. */
export type Told = (stream: string, version: number) => string | undefined;

/** From a fill back to who or what caused it. */
export function Why({ event, told }: { readonly event: Event; readonly told: Told }) {
  const [open, { open: show, close }] = useDisclosure(false);
  return (
    <>
      <Button size="compact-xs" variant="default" onClick={show}>
        Why?
      </Button>
      <Modal opened={open} onClose={close} title="Why this filled" size="lg">
        <Chain event={event} told={told} onGone={close} />
      </Modal>
    </>
  );
}

function Chain(props: { readonly event: Event; readonly told: Told; readonly onGone: () => void }) {
  const { event, told, onGone } = props;
  const { data, error, refetch } = useCauses(event.stream, event.version);
  if (error !== null) return <Trouble of={error} again={refetch} />;
  if (data === undefined) return <Skeleton height={240} />;
  return (
    <>
      <Text size="sm" c="dimmed" mb="sm">
        Newest first: each line rests on those below it, back to the schedule and to whoever
        switched it on.
      </Text>
      <ol className={moments.moments} aria-label="Causes">
        {data.items.map((cause) => (
          <Caused
            key={`${cause.stream}:${cause.version}`}
            cause={cause}
            words={told(cause.stream, cause.version) ?? capital(cause.text)}
            onGone={onGone}
          />
        ))}
      </ol>
    </>
  );
}

function Caused(props: {
  readonly cause: Cause;
  readonly words: string;
  readonly onGone: () => void;
}) {
  const { cause, words, onGone } = props;
  const me = useProfile().data?.user_id;
  return (
    <li>
      <When at={cause.at} />
      <div>
        <Anchor
          component={Link}
          to={addressOf(cause.stream, cause.version)}
          size="sm"
          onClick={onGone}
        >
          {words}
        </Anchor>
        <Text size="xs" c="dimmed">
          {sortOf(cause.stream).name}, event {cause.version} · {actorName(cause.actor, me)}
        </Text>
      </div>
    </li>
  );
}
