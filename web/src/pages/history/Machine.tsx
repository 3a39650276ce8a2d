import { Skeleton, Stack } from "@mantine/core";
import { useMemo } from "react";
import { Navigate, useParams } from "react-router";
import { Trouble } from "~/parts/Trouble";
import { story, useHead, useStory } from "./asking";
import { Heading } from "./Heading";
import classes from "./machine.module.css";
import { usePosition } from "./position";
import { Scrubber } from "./Scrubber";
import { Story } from "./Story";
import { addressOf, orderIn } from "./streams";
import { Then } from "./Then";

/** The time machine of anything that has a history; an order's is that of its run. */
export function Machine() {
  const { streamId = "" } = useParams();
  const order = orderIn(streamId);
  if (order !== undefined) {
    return <Navigate to={`${addressOf(order.run)}?part=${order.part}`} replace />;
  }
  return <OfStream key={streamId} streamId={streamId} />;
}

function OfStream({ streamId }: { readonly streamId: string }) {
  const { head, error, again } = useHead(streamId);
  const newest = head?.newest_version ?? 0;
  const position = usePosition(newest);
  const asked = useStory(streamId, newest, streamId.startsWith("RUN-") ? 1 : position.version);
  const events = useMemo(() => story(asked.data?.pages), [asked.data]);
  if (head === undefined) {
    return error === null ? <Skeleton height={400} /> : <Trouble of={error} again={again} />;
  }
  return (
    <Stack gap="md">
      <Heading streamId={streamId} head={head} />
      <Trouble of={error ?? asked.error} again={again} />
      <div className={classes.machine}>
        <div className={classes.scrubber}>
          <Scrubber events={events} newest={newest} position={position} />
        </div>
        <div className={classes.then}>
          <Then streamId={streamId} events={events} version={position.version} />
        </div>
        <div className={classes.story}>
          <Story streamId={streamId} events={events} listing={asked} position={position} />
        </div>
      </div>
    </Stack>
  );
}
