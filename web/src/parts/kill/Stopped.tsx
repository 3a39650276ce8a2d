import { Alert, Button, Group, Stack, TextInput } from "@mantine/core";
import { IconHandStop } from "@tabler/icons-react";
import { useState } from "react";
import { Problem } from "~/api/problem";
import { useProfile, useTrades } from "~/api/profile";
import type { Account } from "~/api/types";
import { Trouble } from "~/parts/Trouble";
import { counted } from "~/words/money";
import { istMoment } from "~/words/time";
import { useRelease, useStanding } from "./asking";
import classes from "./kill.module.css";

/** An account that was stopped: why, since when, what is left there, and the way to go on. */
export function Stopped({ account }: { readonly account: Account }) {
  const trades = useTrades();
  const me = useProfile().data?.user_id;
  const { standing } = useStanding(account.account_id);
  const { block } = account;
  if (block === null) return null;
  const by = block.actor === me ? "by you" : `by ${block.actor}`;
  const open = standing?.runs.length ?? 0;
  return (
    <Alert
      color="red"
      icon={<IconHandStop size={18} />}
      title={`${account.account_name} is stopped`}
      role="region"
      classNames={{ title: classes.title ?? "" }}
    >
      <Stack gap="sm">
        <span>
          Since {istMoment(block.since)} {by}: {block.reason}.{" "}
          {standing !== undefined &&
            (open === 0
              ? "No run is open there."
              : `${counted(open, "run")} ${open === 1 ? "is" : "are"} still leaving.`)}
        </span>
        {trades && <Release account={account} />}
      </Stack>
    </Alert>
  );
}

function Release({ account }: { readonly account: Account }) {
  const [reason, setReason] = useState("");
  const release = useRelease(account);
  const fault = release.error instanceof Problem ? release.error.of("reason") : undefined;
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        release.mutate(reason);
      }}
    >
      <Stack gap="xs">
        <TextInput
          label="Why it may trade again"
          description="Active strategies enter there again when they are next due."
          required
          maxLength={500}
          value={reason}
          error={fault}
          onChange={(event) => setReason(event.currentTarget.value)}
        />
        {fault === undefined && <Trouble of={release.error} />}
        <Group justify="flex-end">
          <Button type="submit" size="xs" variant="default" loading={release.isPending}>
            Release {account.account_name}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
