import { Button, Group, PasswordInput, Stack, Text } from "@mantine/core";
import { type FormEvent, useState } from "react";
import { useAction } from "~/api/action";
import { api, got } from "~/api/client";
import { Problem } from "~/api/problem";
import type { Account } from "~/api/types";
import { brokerName } from "~/parts/account";
import { Panel } from "~/parts/Panel";
import { Trouble } from "~/parts/Trouble";
import { useAccountsChanged } from "./asking";

/** The keys of the trader's own app at the broker: they go in, and never come out again. */
export function Keys({ account }: { readonly account: Account }) {
  const kept = account.secrets_ref !== null;
  const [replacing, setReplacing] = useState(false);
  const told = kept
    ? "They are in the vault, and never shown."
    : `From your app's page at ${brokerName(account.broker)}.`;
  const side = kept && !replacing && (
    <Button size="xs" variant="default" onClick={() => setReplacing(true)}>
      Replace
    </Button>
  );
  return (
    <Panel title="Keys of the app" told={told} side={side}>
      {(!kept || replacing) && (
        <Form account={account} kept={kept} onDone={() => setReplacing(false)} />
      )}
    </Panel>
  );
}

interface Secrets {
  readonly api_key: string;
  readonly api_secret: string;
}
const NONE: Secrets = { api_key: "", api_secret: "" };

interface FormProps {
  readonly account: Account;
  readonly kept: boolean;
  readonly onDone: () => void;
}

function Form({ account, kept, onDone }: FormProps) {
  const [secrets, setSecrets] = useState(NONE);
  const changed = useAccountsChanged();
  const keeping = useAction(
    (body: Secrets) =>
      got(
        api.PUT("/users/{user_id}/broker-accounts/{account_id}/secrets", {
          params: { path: { user_id: account.user_id, account_id: account.account_id } },
          body,
        }),
      ),
    () => {
      setSecrets(NONE);
      void changed();
      onDone();
    },
  );
  const refused = keeping.error instanceof Problem ? keeping.error : undefined;
  function submit(event: FormEvent): void {
    event.preventDefault();
    keeping.mutate(secrets);
  }
  const field = (name: keyof Secrets, label: string) => (
    <PasswordInput
      label={label}
      required
      autoComplete="off"
      data-1p-ignore
      value={secrets[name]}
      error={refused?.of(name)}
      onChange={(event) => setSecrets({ ...secrets, [name]: event.currentTarget.value })}
    />
  );
  return (
    <form onSubmit={submit} autoComplete="off">
      <Stack gap="sm">
        {refused?.faults.length === 0 && <Trouble of={keeping.error} />}
        {field("api_key", "API key")}
        {field("api_secret", "API secret")}
        {kept && (
          <Text size="sm" c="dimmed">
            A session that was opened with the old keys is over then.
          </Text>
        )}
        <Group justify="flex-end">
          {kept && (
            <Button variant="default" onClick={onDone}>
              Leave them
            </Button>
          )}
          <Button type="submit" loading={keeping.isPending}>
            Keep them
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
