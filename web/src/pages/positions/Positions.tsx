import { Alert, Anchor, SegmentedControl, Select, Switch, Title } from "@mantine/core";
import { useState } from "react";
import { Link, useSearchParams } from "react-router";
import type { Position } from "~/api/types";
import { Waiting } from "~/app/Waiting";
import { Failed } from "~/parts/trades/Failed";
import { useAccounts } from "~/parts/trades/names";
import { AccountPositions } from "./AccountPositions";
import { type By, total } from "./grouping";
import classes from "./positions.module.css";
import { usePositions } from "./reading";
import { Sums } from "./Sums";

const BY: { value: By; label: string }[] = [
  { value: "underlying", label: "By underlying" },
  { value: "strategy", label: "By strategy" },
];

/** What is held, account by account, and whether the brokers have the same. */
export function Positions() {
  const [address, setAddress] = useSearchParams();
  const [by, setBy] = useState<By>("underlying");
  const [withClosed, setWithClosed] = useState(false);
  const positions = usePositions(withClosed);
  const accounts = useAccounts();
  const chosen = address.get("account");

  if (positions.isPending || accounts.isPending) return <Waiting for="your positions" />;
  const failure = positions.data ? accounts.error : positions.error;
  if (positions.data === undefined || accounts.data === undefined) {
    return (
      <Failed what="your positions" failure={failure} again={() => void positions.refetch()} />
    );
  }
  const shown = accounts.data.items.filter((each) => [null, each.account_id].includes(chosen));
  const { items } = positions.data;
  return (
    <>
      <div className={classes.top}>
        <Title order={1} size="h2">
          Positions
        </Title>
        <Sums of={total(items.filter((each) => isOn(each, chosen)))} label="All that is shown" />
      </div>
      <div className={classes.tools}>
        <SegmentedControl
          size="xs"
          aria-label="Group positions"
          data={BY}
          value={by}
          onChange={(value) => setBy(value === "strategy" ? "strategy" : "underlying")}
        />
        <Select
          size="xs"
          aria-label="Account"
          placeholder="Every account"
          clearable
          data={accounts.data.items.map(({ account_id, account_name }) => ({
            value: account_id,
            label: account_name,
          }))}
          value={chosen}
          onChange={(account) => setAddress(account ? { account } : {}, { replace: true })}
        />
        <Switch
          size="xs"
          label="With those closed today"
          checked={withClosed}
          onChange={(event) => setWithClosed(event.currentTarget.checked)}
        />
      </div>
      {accounts.data.items.length === 0 && <NoAccount />}
      {shown.map((account) => (
        <AccountPositions
          key={account.account_id}
          account={account}
          positions={items.filter((each) => each.account_id === account.account_id)}
          by={by}
          alone={shown.length === 1}
        />
      ))}
    </>
  );
}

function isOn(position: Position, account: string | null): boolean {
  return account === null || position.account_id === account;
}

function NoAccount() {
  return (
    <Alert color="gray" title="You have no account yet">
      Positions are held on a broker account.{" "}
      <Anchor component={Link} to="/accounts" size="sm">
        Link one
      </Anchor>
      .
    </Alert>
  );
}
