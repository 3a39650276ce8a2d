import { Group, Stack, Text, Title } from "@mantine/core";
import { useTrades } from "~/api/profile";
import { Waiting } from "~/app/Waiting";
import { Trouble } from "~/parts/Trouble";
import { useStrategies } from "~/parts/trades/names";
import { istDay } from "~/words/time";
import { Attention } from "./Attention";
import { Empty } from "./Empty";
import { Glance } from "./Glance";
import { OpenRuns } from "./OpenRuns";
import { StartNow } from "./StartNow";
import { Sums } from "./Sums";
import { Timeline } from "./Timeline";
import { useDay } from "./useDay";

/** The day: what ran, what runs, what comes, and what it made so far. */
export function Today() {
  const day = useDay();
  const trades = useTrades();
  const strategies = useStrategies().data?.items;
  if (day.failure !== null) return <Trouble of={day.failure} again={day.again} />;
  if (day.shown === undefined) return <Waiting for="today" />;
  const { lanes, hours, session, pnl } = day.shown;
  const empty = lanes.length === 0 && strategies?.length === 0;
  return (
    <Stack gap="md">
      <Group justify="space-between" align="end" gap="xs">
        <div>
          <Title order={1} size="h2">
            Today
          </Title>
          <Text size="sm" c="dimmed">
            {istDay(session.now)}
            {session.closed_because !== null && ` · no session: ${session.closed_because}`}
          </Text>
        </div>
        {trades && !empty && <StartNow />}
      </Group>
      <Attention lanes={lanes} />
      {empty ? (
        <Empty />
      ) : (
        <>
          <Glance lanes={lanes} session={session} pnl={pnl} />
          <Timeline lanes={lanes} hours={hours} pnl={pnl} />
          <OpenRuns lanes={lanes} pnl={pnl} />
          <Sums pnl={pnl} />
        </>
      )}
    </Stack>
  );
}
