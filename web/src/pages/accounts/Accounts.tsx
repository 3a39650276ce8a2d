import {
  Alert,
  Anchor,
  Badge,
  Button,
  Group,
  Skeleton,
  Stack,
  Table,
  Text,
  Title,
} from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { Link, useSearchParams } from "react-router";
import { useMarketNow } from "~/api/market";
import { useTrades } from "~/api/profile";
import type { Account } from "~/api/types";
import { brokerName, sessionLeft, statusOf, unexplained } from "~/parts/account";
import { Panel } from "~/parts/Panel";
import { Trouble } from "~/parts/Trouble";
import { useAccounts } from "~/parts/trades/names";
import { Wide } from "~/parts/Wide";
import { LinkAccount } from "./LinkAccount";
import { useBegun } from "./login";

/** Every login at a broker, and how it stands. */
export function Accounts() {
  const { data, error, refetch, isPending } = useAccounts();
  const trades = useTrades();
  const [linking, { open, close }] = useDisclosure(false);
  return (
    <Stack gap="md">
      <Group justify="space-between">
        <Title order={1} size="h2">
          Accounts
        </Title>
        {trades && <Button onClick={open}>Link an account</Button>}
      </Group>
      <Refused />
      <Trouble of={error} again={refetch} />
      {isPending && <Skeleton height={140} />}
      {data !== undefined && (
        <Panel title="At your brokers" told="The paper account needs no login; others do each day.">
          {data.items.length === 0 ? <None trades={trades} /> : <Listed accounts={data.items} />}
        </Panel>
      )}
      <LinkAccount open={linking} onClose={close} />
    </Stack>
  );
}

/** The broker sent the browser back, and it was not let in. */
function Refused() {
  const [search, setSearch] = useSearchParams();
  const [begun, forget] = useBegun();
  const why = search.get("refused");
  if (why === null || begun === null) return null;
  function close(): void {
    forget();
    setSearch({}, { replace: true });
  }
  return (
    <Alert
      color="red"
      role="alert"
      title="The login was refused"
      withCloseButton
      onClose={close}
      closeButtonLabel="Close"
    >
      <Stack gap="xs" align="start">
        <Text size="sm">{why}</Text>
        <Anchor component={Link} to={`/accounts/${begun}`} size="sm">
          Log in again
        </Anchor>
      </Stack>
    </Alert>
  );
}

function None({ trades }: { readonly trades: boolean }) {
  return (
    <Text size="sm" c="dimmed">
      {trades
        ? "None is linked. Link one to trade: a paper account is there at once."
        : "None is linked, and your role links none."}
    </Text>
  );
}

function Listed({ accounts }: { readonly accounts: readonly Account[] }) {
  return (
    <Wide of="Accounts, as a table">
      <Table aria-label="Accounts" highlightOnHover miw={560}>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>Account</Table.Th>
            <Table.Th>Broker</Table.Th>
            <Table.Th>Standing</Table.Th>
            <Table.Th>Session ends</Table.Th>
            <Table.Th>Differences</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {accounts.map((account) => (
            <Row key={account.account_id} account={account} />
          ))}
        </Table.Tbody>
      </Table>
    </Wide>
  );
}

function Row({ account }: { readonly account: Account }) {
  const now = useMarketNow(1000);
  const [label, color] = statusOf(account);
  const left = now && sessionLeft(account.session_expires_at, now);
  const drifts = unexplained(account);
  return (
    <Table.Tr>
      <Table.Td>
        <Anchor component={Link} to={`/accounts/${account.account_id}`} fw={600} size="sm">
          {account.account_name}
        </Anchor>
      </Table.Td>
      <Table.Td>{brokerName(account.broker)}</Table.Td>
      <Table.Td>
        <Badge color={color} variant="light">
          {label}
        </Badge>
      </Table.Td>
      <Table.Td className="figures">{left ? `in ${left.left}` : "–"}</Table.Td>
      <Table.Td className={drifts > 0 ? "loss" : ""}>
        {drifts > 0 ? `${drifts} to resolve` : "none"}
      </Table.Td>
    </Table.Tr>
  );
}
