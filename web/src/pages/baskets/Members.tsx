import { Anchor, Button, Table, Text } from "@mantine/core";
import { IconPlus } from "@tabler/icons-react";
import { Link } from "react-router";
import type { Basket, Strategy } from "~/api/types";
import { Dot } from "~/parts/Dot";
import { Panel } from "~/parts/Panel";
import { useNextDue } from "~/parts/runs/asking";
import { Trouble } from "~/parts/Trouble";
import { useMembers } from "~/parts/trades/names";
import { Wide } from "~/parts/Wide";
import { said } from "~/words/definition";
import { counted } from "~/words/money";
import { istDay, istMinute } from "~/words/time";
import classes from "./baskets.module.css";
import { statusTone, statusWord } from "./words";

/** The strategies of a basket, and when each enters next. */
export function Members({ basket, trades }: { readonly basket: Basket; readonly trades: boolean }) {
  const { data, error, refetch } = useMembers(basket.basket_id);
  const strategies = data?.items ?? [];
  return (
    <Panel title="Strategies" side={trades && <Add basketId={basket.basket_id} />}>
      <Trouble of={error} again={refetch} />
      {data !== undefined && strategies.length === 0 && (
        <Text size="sm" c="dimmed">
          None yet: without strategies it trades nothing.
        </Text>
      )}
      {strategies.length > 0 && (
        <Wide of="Strategies of the basket, as a table">
          <Table aria-label="Strategies">
            <Table.Thead>
              <Table.Tr>
                <Table.Th>Strategy</Table.Th>
                <Table.Th>Status</Table.Th>
                <Table.Th>Enters next</Table.Th>
                <Table.Th>History</Table.Th>
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {strategies.map((strategy) => (
                <Member key={strategy.strategy_id} strategy={strategy} />
              ))}
            </Table.Tbody>
          </Table>
        </Wide>
      )}
    </Panel>
  );
}

function Add({ basketId }: { readonly basketId: string }) {
  return (
    <Button
      component={Link}
      to={`/strategies/new?basket=${basketId}`}
      size="xs"
      variant="default"
      leftSection={<IconPlus size={16} />}
    >
      Add one
    </Button>
  );
}

function Member({ strategy }: { readonly strategy: Strategy }) {
  const way = `/strategies/${strategy.strategy_id}`;
  const versions = counted(strategy.definition_version, "version", "versions");
  return (
    <Table.Tr>
      <Table.Td>
        <Anchor component={Link} to={way} fw={600} size="sm">
          {strategy.name}
        </Anchor>
        <Text size="xs" c="dimmed">
          {said(strategy.type)}, {counted(strategy.legs.length, "leg", "legs")}
        </Text>
      </Table.Td>
      <Table.Td>
        <Dot tone={statusTone(strategy.status)}>{statusWord(strategy.status)}</Dot>
        {strategy.faults.map((fault) => (
          <Text key={`${fault.field} ${fault.code}`} size="xs" className="loss">
            {fault.message}
          </Text>
        ))}
      </Table.Td>
      <Table.Td>
        <NextDue strategyId={strategy.strategy_id} />
      </Table.Td>
      <Table.Td>
        <Anchor
          component={Link}
          to={`${way}/versions`}
          size="sm"
          aria-label={`${versions} of ${strategy.name}`}
        >
          {versions}
        </Anchor>
      </Table.Td>
    </Table.Tr>
  );
}

/** The next entry, or all that keeps it from one. */
function NextDue({ strategyId }: { readonly strategyId: string }) {
  const { data } = useNextDue(strategyId);
  if (data === undefined) return null;
  if (data.next_due !== null) {
    return (
      <span className={classes.moment}>
        {istDay(data.next_due)}, {istMinute(data.next_due)}
      </span>
    );
  }
  const reasons = [...data.blockers, ...data.faults].map((each) => each.message);
  const first = data.days[0]?.reason?.message;
  return (
    <div className={classes.why}>{reasons.join("; ") || first || "on no day that is known"}</div>
  );
}
