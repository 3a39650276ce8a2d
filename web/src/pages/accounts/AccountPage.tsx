import { Alert, Anchor, Badge, Group, Skeleton, Stack, Text, Title } from "@mantine/core";
import { Link, useParams } from "react-router";
import { useTrades } from "~/api/profile";
import type { Account } from "~/api/types";
import { brokerName, statusOf } from "~/parts/account";
import { Trouble } from "~/parts/Trouble";
import { istMoment } from "~/words/time";
import classes from "./accounts.module.css";
import { useAccount, useNeedsLogin } from "./asking";
import { Details } from "./Details";
import { Drifts } from "./Drifts";
import { Funds } from "./Funds";
import { Keys } from "./Keys";
import { LimitsPanel } from "./LimitsPanel";
import { Release } from "./Release";
import { Session } from "./Session";

/** One login at a broker: its session, its money, and what it may do. */
export function AccountPage() {
  const { accountId = "" } = useParams();
  const { data, error, refetch } = useAccount(accountId);
  if (error !== null && data === undefined) return <Trouble of={error} again={refetch} />;
  if (data === undefined) return <Skeleton height={300} />;
  const account = data.shown;
  return (
    <Stack gap="md">
      <Head account={account} />
      <Blocked account={account} />
      <div className={classes.columns}>
        <div className={classes.column}>
          <Standing account={account} />
          <Funds account={account} />
          <Drifts account={account} />
        </div>
        <div className={classes.column}>
          <LimitsPanel account={account} />
          <Details edition={data} />
        </div>
      </div>
    </Stack>
  );
}

function Head({ account }: { readonly account: Account }) {
  const [label, color] = statusOf(account);
  return (
    <div>
      <Anchor component={Link} to="/accounts" size="sm">
        Accounts
      </Anchor>
      <Group gap="sm">
        <Title order={1} size="h2">
          {account.account_name}
        </Title>
        <Badge color={color} variant="light">
          {label}
        </Badge>
      </Group>
      <Text size="sm" c="dimmed">
        {brokerName(account.broker)} · {account.account_id}
      </Text>
    </div>
  );
}

function Blocked({ account }: { readonly account: Account }) {
  const trades = useTrades();
  const { block } = account;
  if (block === null) return null;
  return (
    <Alert color="red" title="Trading is stopped here" role="alert">
      <Group justify="space-between">
        <Text size="sm">
          {block.reason} Since {istMoment(block.since)}, by {block.actor}.
        </Text>
        {trades && <Release account={account} />}
      </Group>
    </Alert>
  );
}

function Standing({ account }: { readonly account: Account }) {
  const needsLogin = useNeedsLogin(account);
  const trades = useTrades();
  if (needsLogin !== true) return null;
  return (
    <>
      <Session account={account} />
      {trades && <Keys key={account.secrets_ref} account={account} />}
    </>
  );
}
