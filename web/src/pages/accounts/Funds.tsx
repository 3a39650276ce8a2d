import { ActionIcon, Skeleton, Text } from "@mantine/core";
import { IconRefresh } from "@tabler/icons-react";
import type { Account } from "~/api/types";
import { Panel } from "~/parts/Panel";
import { Trouble } from "~/parts/Trouble";
import { rupees } from "~/words/money";
import classes from "./accounts.module.css";
import { useFunds } from "./asking";

/** The money there, as the broker tells it. */
export function Funds({ account }: { readonly account: Account }) {
  const { data, error, refetch, isFetching, isPending } = useFunds(account);
  const connected = account.status === "CONNECTED";
  const side = connected && (
    <ActionIcon
      variant="subtle"
      color="gray"
      aria-label="Ask for the funds anew"
      loading={isFetching}
      onClick={() => void refetch()}
    >
      <IconRefresh size={16} />
    </ActionIcon>
  );
  return (
    <Panel title="Funds" side={side}>
      {!connected && (
        <Text size="sm" c="dimmed">
          They are told while somebody is logged in.
        </Text>
      )}
      {connected && isPending && <Skeleton height={44} />}
      <Trouble of={error} again={refetch} />
      {connected && data !== undefined && (
        <dl className={`${classes.figures} figures`}>
          <Figure name="Available" amount={data.available} />
          <Figure name="Used" amount={data.used} />
          <Figure name="Cash" amount={data.cash} />
        </dl>
      )}
    </Panel>
  );
}

function Figure({ name, amount }: { readonly name: string; readonly amount: number }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{rupees(amount)}</dd>
    </div>
  );
}
