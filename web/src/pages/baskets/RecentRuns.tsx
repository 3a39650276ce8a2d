import { Anchor, Table, Text } from "@mantine/core";
import { Link } from "react-router";
import type { Run } from "~/api/types";
import { Dot } from "~/parts/Dot";
import { More } from "~/parts/More";
import { Panel } from "~/parts/Panel";
import { useRunWords } from "~/parts/runs/asking";
import { stageTone, stageWord, whyInFull } from "~/parts/runs/words";
import { Trouble } from "~/parts/Trouble";
import { useNames } from "~/parts/trades/names";
import { Wide } from "~/parts/Wide";
import { capital } from "~/words/definition";
import { profit, tone } from "~/words/money";
import { istDay, istMinute } from "~/words/time";
import { useRuns } from "./asking";
import classes from "./baskets.module.css";
import { made } from "./words";

/** What became of its slots, the newest first. */
export function RecentRuns({ basketId }: { readonly basketId: string }) {
  const read = useRuns(basketId);
  const runs = read.data?.pages.flatMap((page) => page.items) ?? [];
  return (
    <Panel title="Runs">
      <Trouble of={read.error} again={read.refetch} />
      {read.isSuccess && runs.length === 0 && (
        <Text size="sm" c="dimmed">
          None yet: each entry on each account will stand here.
        </Text>
      )}
      {runs.length > 0 && <List runs={runs} />}
      <More of={read} />
    </Panel>
  );
}

function List({ runs }: { readonly runs: readonly Run[] }) {
  const names = useNames();
  const words = useRunWords();
  return (
    <Wide of="Runs of the basket, as a table">
      <Table aria-label="Runs">
        <Table.Thead>
          <Table.Tr>
            <Table.Th>Due</Table.Th>
            <Table.Th>Strategy</Table.Th>
            <Table.Th>Account</Table.Th>
            <Table.Th>Stage</Table.Th>
            <Table.Th ta="right">Made</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {runs.map((run) => (
            <Table.Tr key={run.run_id}>
              <Table.Td className={classes.moment ?? ""}>
                <Anchor component={Link} to={`/history/${run.run_id}`} size="sm">
                  {istDay(run.due_at)}, {istMinute(run.due_at)}
                </Anchor>
              </Table.Td>
              <Table.Td>{names.strategy(run.strategy_id)}</Table.Td>
              <Table.Td>
                {names.account(run.account_id)} × {run.multiplier}
              </Table.Td>
              <Table.Td>
                <Dot tone={stageTone(run.stage)}>{stageWord(run.stage, words)}</Dot>
                <Why of={whyInFull(run, words)} />
              </Table.Td>
              <Table.Td ta="right" className={`${classes.moment} ${tone(made(run))}`}>
                {profit(made(run))}
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Wide>
  );
}

function Why({ of }: { readonly of: string | undefined }) {
  return of === undefined ? null : <div className={classes.why}>{capital(of)}</div>;
}
