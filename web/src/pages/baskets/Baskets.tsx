import { Anchor, Button, Group, Table, Text, Title } from "@mantine/core";
import { IconFileImport, IconPlus } from "@tabler/icons-react";
import { Link } from "react-router";
import { useTrades } from "~/api/profile";
import type { Account, Basket } from "~/api/types";
import { Waiting } from "~/app/Waiting";
import { Dot } from "~/parts/Dot";
import { More } from "~/parts/More";
import { Panel } from "~/parts/Panel";
import { usePnlNow } from "~/parts/runs/asking";
import { Trouble } from "~/parts/Trouble";
import { useAccounts } from "~/parts/trades/names";
import { Wide } from "~/parts/Wide";
import { count, counted, profit, tone } from "~/words/money";
import { useBaskets } from "./asking";
import { targetsWord } from "./draft";
import { statusTone, statusWord } from "./words";

/** All baskets, the newest first. */
export function Baskets() {
  const trades = useTrades();
  return (
    <>
      <Group justify="space-between" mb="md">
        <Title order={1} size="h2">
          Baskets
        </Title>
        {trades && (
          <Group gap="xs">
            <Button
              component={Link}
              to="/baskets/import"
              variant="default"
              size="xs"
              leftSection={<IconFileImport size={16} />}
            >
              Import
            </Button>
            <Button
              component={Link}
              to="/baskets/new"
              size="xs"
              leftSection={<IconPlus size={16} />}
            >
              New basket
            </Button>
          </Group>
        )}
      </Group>
      <Listed />
    </>
  );
}

function Listed() {
  const read = useBaskets();
  if (read.isPending) return <Waiting for="your baskets" />;
  if (read.isError) return <Trouble of={read.error} again={read.refetch} />;
  const baskets = read.data.pages.flatMap((page) => page.items);
  if (baskets.length === 0) return <NoneYet />;
  return (
    <>
      <List baskets={baskets} />
      <More of={read} />
    </>
  );
}

function NoneYet() {
  const trades = useTrades();
  return (
    <Panel title="No baskets yet">
      <Text size="sm">
        A basket holds strategies that belong together, and says on which accounts they trade and
        how large.{" "}
        {trades && (
          <>
            <Anchor component={Link} to="/baskets/new" inherit underline="always">
              Compose one
            </Anchor>
            , or{" "}
            <Anchor component={Link} to="/strategies/new" inherit underline="always">
              build a strategy
            </Anchor>{" "}
            and let it make its own.
          </>
        )}
      </Text>
    </Panel>
  );
}

function List({ baskets }: { readonly baskets: readonly Basket[] }) {
  const accounts = useAccounts().data?.items ?? [];
  const gains = usePnlNow().data?.baskets ?? [];
  return (
    <Panel title={counted(baskets.length, "basket")}>
      <Wide of="Baskets, as a table">
        <Table aria-label="Baskets" highlightOnHover>
          <Table.Thead>
            <Table.Tr>
              <Table.Th>Basket</Table.Th>
              <Table.Th>Status</Table.Th>
              <Table.Th>Trades on</Table.Th>
              <Table.Th ta="right">Strategies</Table.Th>
              <Table.Th ta="right">Today</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {baskets.map((basket) => (
              <Row
                key={basket.basket_id}
                basket={basket}
                accounts={accounts}
                net={gains.find((each) => each.basket_id === basket.basket_id)?.net}
              />
            ))}
          </Table.Tbody>
        </Table>
      </Wide>
    </Panel>
  );
}

function Row({
  basket,
  accounts,
  net,
}: {
  readonly basket: Basket;
  readonly accounts: readonly Account[];
  /** What it made today, in ₹. */
  readonly net: number | undefined;
}) {
  return (
    <Table.Tr>
      <Table.Td>
        <Anchor component={Link} to={`/baskets/${basket.basket_id}`} fw={600} size="sm">
          {basket.name}
        </Anchor>
        {basket.description !== "" && (
          <Text size="xs" c="dimmed" lineClamp={1}>
            {basket.description}
          </Text>
        )}
      </Table.Td>
      <Table.Td>
        <Dot tone={statusTone(basket.status)}>{statusWord(basket.status)}</Dot>
        {basket.faults.length > 0 && (
          <Text size="xs" className="loss">
            {counted(basket.faults.length, "fault", "faults")}
          </Text>
        )}
      </Table.Td>
      <Table.Td>{targetsWord(basket.targets, accounts)}</Table.Td>
      <Table.Td ta="right">{count(basket.strategies.length)}</Table.Td>
      <Table.Td ta="right" className={tone(net)}>
        {profit(net)}
      </Table.Td>
    </Table.Tr>
  );
}
