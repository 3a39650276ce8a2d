import { Anchor, Text, Title } from "@mantine/core";
import { Link, useParams, useSearchParams } from "react-router";
import { useTrades } from "~/api/profile";
import { Waiting } from "~/app/Waiting";
import { Panel } from "~/parts/Panel";
import { Trouble } from "~/parts/Trouble";
import { useStrategy, useVersions } from "./asking";
import { Compared } from "./Compared";
import { pairOf, type Version } from "./history";
import { VersionList } from "./VersionList";
import classes from "./versions.module.css";

/** Every version a strategy ever had: compared, and made the newest again. */
export function Versions() {
  const { strategyId = "" } = useParams();
  const strategy = useStrategy(strategyId);
  const { data, error, refetch } = useVersions(strategyId);
  const way = `/strategies/${strategyId}`;
  return (
    <>
      <Title order={1} size="h2">
        Versions
      </Title>
      <div className={classes.told}>
        <Anchor component={Link} to={way} size="sm">
          {strategy.data?.name ?? "The strategy"}
        </Anchor>
        <Anchor component={Link} to={`/history/${strategyId}`} size="sm">
          Walk through its history
        </Anchor>
        <Text size="sm" c="dimmed">
          Each edit is an event that is kept for ever; nothing is overwritten.
        </Text>
      </div>
      {error !== null && <Trouble of={error} again={refetch} />}
      {data === undefined && error === null && <Waiting for="the versions" />}
      {data !== undefined && <Both strategyId={strategyId} versions={data.items} />}
    </>
  );
}

function Both({
  strategyId,
  versions,
}: {
  readonly strategyId: string;
  readonly versions: readonly Version[];
}) {
  const [asked, ask] = useSearchParams();
  const trades = useTrades();
  const pair = pairOf(versions, asked);
  const compare = (from: number, to: number) =>
    ask({ from: String(from), to: String(to) }, { replace: true });
  return (
    <div className={classes.columns}>
      <VersionList
        strategyId={strategyId}
        versions={versions}
        pair={pair}
        trades={trades}
        onCompare={compare}
      />
      {pair === undefined ? (
        <Panel title="Nothing to compare yet">
          <Text size="sm">
            It has one version. Another is made whenever it is edited and saved.
          </Text>
        </Panel>
      ) : (
        <Compared versions={versions} pair={pair} onCompare={compare} />
      )}
    </div>
  );
}
