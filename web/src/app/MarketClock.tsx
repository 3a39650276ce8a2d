import { Badge, Group, Text, Tooltip } from "@mantine/core";
import { useMarketNow, useMarketSession } from "~/api/market";
import { istClock, istDay } from "~/words/time";
import classes from "./clock.module.css";

/** India's time as the platform has it, and whether options trade. */
export function MarketClock() {
  const now = useMarketNow();
  const { data: session } = useMarketSession();
  if (now === undefined || session === undefined) return null;
  const why = session.closed_because ?? `The next session is on ${istDay(session.next_session)}.`;
  return (
    <Group gap="xs" wrap="nowrap">
      <Text size="sm" className={classes.day}>
        {istDay(now)}
      </Text>
      <time className={`${classes.clock} figures`} dateTime={now.toISOString()}>
        {istClock(now)}
      </time>
      <Tooltip label={session.is_open ? "Options trade now." : why}>
        <Badge variant="light" color={session.is_open ? "teal" : "gray"} tabIndex={0}>
          {session.is_open ? "Open" : "Closed"}
        </Badge>
      </Tooltip>
    </Group>
  );
}
