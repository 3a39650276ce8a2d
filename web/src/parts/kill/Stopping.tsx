import { Button, Checkbox, Group, Radio, Stack, Text, TextInput } from "@mantine/core";
import { useState } from "react";
import { Problem } from "~/api/problem";
import { useTrades } from "~/api/profile";
import type { Account } from "~/api/types";
import { Trouble } from "~/parts/Trouble";
import { counted } from "~/words/money";
import { type Scope, useStop } from "./asking";
import { Effects } from "./Effects";
import classes from "./kill.module.css";
import { Stopped } from "./Stopped";

interface Props {
  readonly accounts: readonly Account[];
  readonly onClose: () => void;
}

/** The accounts that are stopped, and those that may be. */
export function Stopping({ accounts, onClose }: Props) {
  const trades = useTrades();
  const stopped = accounts.filter((account) => account.block !== null);
  const trading = accounts.filter((account) => account.block === null);
  return (
    <Stack gap="lg">
      {stopped.map((account) => (
        <Stopped key={account.account_id} account={account} />
      ))}
      {trades && trading.length > 0 && <StopForm accounts={trading} onClose={onClose} />}
    </Stack>
  );
}

function StopForm({ accounts, onClose }: Props) {
  const [left, setLeft] = useState<readonly string[]>([]);
  const [scope, setScope] = useState<Scope>("own");
  const [reason, setReason] = useState("");
  const stop = useStop(onClose);
  const chosen = accounts.map((each) => each.account_id).filter((id) => !left.includes(id));
  const fault = stop.error instanceof Problem ? stop.error.of("reason") : undefined;
  function choose(id: string, wanted: boolean): void {
    setLeft(wanted ? left.filter((each) => each !== id) : [...left, id]);
  }
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        stop.mutate({ accounts: chosen, reason, scope });
      }}
    >
      <Stack gap="md">
        <div className={classes.accounts}>
          {accounts.map((account) => (
            <div key={account.account_id} className={classes.account}>
              <Checkbox
                label={account.account_name}
                checked={!left.includes(account.account_id)}
                onChange={(event) => choose(account.account_id, event.currentTarget.checked)}
              />
              <Effects account={account} scope={scope} />
            </div>
          ))}
        </div>
        <WhatIsClosed scope={scope} onChange={setScope} />
        <TextInput
          label="Why"
          description="It is kept with the block, and told in the reason of each entry it skips."
          required
          maxLength={500}
          value={reason}
          error={fault}
          onChange={(event) => setReason(event.currentTarget.value)}
          data-autofocus
        />
        {fault === undefined && <Trouble of={stop.error} />}
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose}>
            Back
          </Button>
          <Button
            type="submit"
            color="red.9"
            loading={stop.isPending}
            disabled={chosen.length === 0}
          >
            Stop {counted(chosen.length, "account")}
          </Button>
        </Group>
        <Text size="xs" c="dimmed">
          Exits are tried until the close. Whoever blocks and releases, and why, stays in the
          record.
        </Text>
      </Stack>
    </form>
  );
}

interface Closed {
  readonly scope: Scope;
  readonly onChange: (scope: Scope) => void;
}

function WhatIsClosed({ scope, onChange }: Closed) {
  return (
    <Radio.Group
      label="What is closed"
      value={scope}
      onChange={(value) => onChange(value === "all" ? "all" : "own")}
    >
      <Stack gap={6} mt={6}>
        <Radio value="own" label="What runs of this platform hold" />
        <Radio value="all" label="Everything in the account, what you hold by hand included" />
      </Stack>
    </Radio.Group>
  );
}
