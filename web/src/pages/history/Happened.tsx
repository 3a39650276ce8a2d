import { Anchor, UnstyledButton } from "@mantine/core";
import { Link } from "react-router";
import { useProfile } from "~/api/profile";
import { actorName } from "~/parts/events/actors";
import type { Known } from "~/parts/events/known";
import { RawEvent } from "~/parts/events/RawEvent";
import { amount } from "~/parts/events/said";
import { details, type Event, kindOf, sentence } from "~/parts/events/telling";
import { istDay, istFine } from "~/words/time";
import classes from "./machine.module.css";
import type { Position } from "./position";
import { addressOf, causeOf } from "./streams";
import { type Told, Why } from "./Why";

interface Props {
  readonly event: Event;
  readonly before: Event | undefined;
  readonly known: Known;
  readonly told: Told;
  readonly position: Position;
}

/** One event: when, what, by whom, because of what. */
export function Happened({ event, before, known, told, position }: Props) {
  const now = event.version === position.version;
  const said = sentence(event.topic, event.event, known);
  const day = istDay(event.at);
  return (
    <>
      {(before === undefined || istDay(before.at) !== day) && (
        <li className={classes.day}>{day}</li>
      )}
      <li
        className={classes.happened}
        data-kind={kindOf(event.topic)}
        data-version={event.version}
        data-now={now || undefined}
        data-later={event.version > position.version || undefined}
      >
        <time dateTime={event.at} className="figures">
          {istFine(event.at)}
        </time>
        <div className={classes.what}>
          <UnstyledButton
            className={classes.said}
            aria-current={now ? "step" : undefined}
            onClick={() => position.go(event.version)}
          >
            {said}
          </UnstyledButton>
          <More of={details(event.topic, event.event, known)} />
          <Because event={event} told={told} />
        </div>
      </li>
    </>
  );
}

function More({ of }: { readonly of: readonly string[] }) {
  if (of.length === 0) return null;
  return (
    <ul className={classes.more}>
      {of.map((line) => (
        <li key={line}>{line}</li>
      ))}
    </ul>
  );
}

function Because({ event, told }: Pick<Props, "event" | "told">) {
  const me = useProfile().data?.user_id;
  const cause = causeOf(event.causation_id);
  const fill = kindOf(event.topic) === "fill" && (amount(event.event, "filled") ?? 0) > 0;
  return (
    <div className={classes.because}>
      <span>
        {event.version} · {actorName(event.actor, me)}
      </span>
      {cause !== undefined && (
        <Anchor component={Link} to={addressOf(cause.stream, cause.version)} inherit>
          because of event {cause.version}
        </Anchor>
      )}
      {fill && <Why event={event} told={told} />}
      <RawEvent of={event} />
    </div>
  );
}
