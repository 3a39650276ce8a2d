import { Anchor, Paper, Text, Title } from "@mantine/core";
import { Link } from "react-router";
import type { Account, Position } from "~/api/types";
import { AccountDrifts } from "./AccountDrifts";
import { Comparing } from "./Comparing";
import { type By, grouped, total } from "./grouping";
import { PositionTable } from "./PositionTable";
import classes from "./positions.module.css";
import { Sums } from "./Sums";

const CONNECTIONS: Readonly<Record<Account["status"], string>> = {
  CONNECTED: "connected",
  EXPIRED: "the session is over: log in again",
  DISCONNECTED: "not connected",
  UNLINKED: "unlinked",
};

/** One account: what it holds, and whether its broker has the same. */
export function AccountPositions({
  account,
  positions,
  by,
  alone,
}: {
  readonly account: Account;
  readonly positions: readonly Position[];
  readonly by: By;
  /** Nothing else is shown: its sums stand above. */
  readonly alone: boolean;
}) {
  return (
    <Paper withBorder component="section" aria-label={account.account_name} mb="md" p="sm">
      <div className={classes.accountHead}>
        <div>
          <Title order={2} size="h4">
            <Anchor component={Link} to={`/accounts/${account.account_id}`} inherit>
              {account.account_name}
            </Anchor>
          </Title>
          <Text size="xs" c="dimmed">
            {account.broker}, {CONNECTIONS[account.status]}
            {account.block && `, blocked: ${account.block.reason}`}
          </Text>
        </div>
        <Comparing account={account} />
        {positions.length > 0 && !alone && (
          <Sums of={total(positions)} label={account.account_name} />
        )}
      </div>
      {account.drifts.length > 0 && <AccountDrifts account={account} />}
      {positions.length === 0 ? (
        <Text size="sm" c="dimmed">
          Nothing is held here.
        </Text>
      ) : (
        <PositionTable positions={positions} groups={grouped(positions, by)} by={by} />
      )}
    </Paper>
  );
}
