import { Button, Group, Text } from "@mantine/core";
import { useProfile } from "~/api/profile";
import { Panel } from "~/parts/Panel";
import { counted } from "~/words/money";
import { istMoment } from "~/words/time";
import { type Pair, summary, type Version } from "./history";
import { Restore } from "./Restore";
import classes from "./versions.module.css";

interface Props {
  readonly strategyId: string;
  readonly versions: readonly Version[];
  /** The two that are compared. */
  readonly pair: Pair | undefined;
  readonly trades: boolean;
  readonly onCompare: (from: number, to: number) => void;
}

/** The versions, the newest first: who made each and when, and what it changed. */
export function VersionList({ strategyId, versions, pair, trades, onCompare }: Props) {
  const newest = versions.at(-1);
  return (
    <Panel title={counted(versions.length, "version")}>
      <ol className={classes.list} reversed aria-label="Versions, the newest first">
        {[...versions].reverse().map((each) => {
          const before = versions.find((other) => other.version === each.version - 1);
          return (
            <li
              key={each.version}
              className={classes.version}
              data-shown={pair?.after === each || undefined}
            >
              <One version={each} before={before} newest={each === newest} />
              <Group gap="xs" wrap="nowrap">
                {before !== undefined && (
                  <Button
                    size="compact-xs"
                    variant="default"
                    aria-label={`Show what version ${each.version} changed`}
                    onClick={() => onCompare(before.version, each.version)}
                  >
                    Show
                  </Button>
                )}
                {trades && newest !== undefined && each !== newest && (
                  <Restore strategyId={strategyId} version={each} newest={newest} />
                )}
              </Group>
            </li>
          );
        })}
      </ol>
    </Panel>
  );
}

function One({
  version,
  before,
  newest,
}: {
  readonly version: Version;
  readonly before: Version | undefined;
  readonly newest: boolean;
}) {
  return (
    <div>
      <Text size="sm" fw={600}>
        Version {version.version}
        {newest && ", traded at the next entry"}
      </Text>
      <Text size="sm">
        {version.restored !== null && `Version ${version.restored} again. `}
        {summary(version, before)}
      </Text>
      <Text size="xs" c="dimmed">
        {istMoment(version.defined_at)} IST, by <Who id={version.defined_by} />
      </Text>
    </div>
  );
}

function Who({ id }: { readonly id: string }) {
  return id === useProfile().data?.user_id ? "you" : id;
}
