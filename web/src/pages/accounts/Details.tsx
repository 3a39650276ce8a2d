import { Button, Group, Stack, Text, TextInput } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import type { FormEvent } from "react";
import { useAction } from "~/api/action";
import { api, got } from "~/api/client";
import { Problem } from "~/api/problem";
import { useTrades } from "~/api/profile";
import type { Account } from "~/api/types";
import { differing, type Edition, useDraft } from "~/parts/draft";
import { Panel } from "~/parts/Panel";
import { Stale } from "~/parts/Stale";
import { Trouble } from "~/parts/Trouble";
import { useAccountsChanged, useNeedsLogin } from "./asking";
import { Unlink } from "./Unlink";

interface Named {
  readonly account_name: string;
  readonly static_ip: string;
}
const LABELS: Readonly<Record<keyof Named, string>> = {
  account_name: "Name",
  static_ip: "Static IP address",
};

/** What the account is called, and where its orders leave from. */
export function Details({ edition }: { readonly edition: Edition<Account> }) {
  const trades = useTrades();
  const account = edition.shown;
  const capable = `It trades ${account.capabilities.join(", ").toLowerCase() || "nothing"}.`;
  return (
    <Panel title="Details" told={capable}>
      {trades ? (
        <Form account={account} etag={edition.etag} />
      ) : (
        <Text size="sm">Static IP address: {account.static_ip ?? "none declared"}</Text>
      )}
    </Panel>
  );
}

function Form({ account, etag }: { readonly account: Account; readonly etag: string | null }) {
  const latest: Edition<Named> = {
    shown: { account_name: account.account_name, static_ip: account.static_ip ?? "" },
    etag,
  };
  const form = useDraft(latest);
  const [unlinking, { open, close }] = useDisclosure(false);
  const needsLogin = useNeedsLogin(account) === true;
  const changed = useAccountsChanged();
  const saving = useAction(
    (named: Named) =>
      got(
        api.PUT("/users/{user_id}/broker-accounts/{account_id}", {
          params: {
            path: { user_id: account.user_id, account_id: account.account_id },
            header: { "if-match": form.etag },
          },
          body: {
            account_name: named.account_name,
            static_ip: named.static_ip || null,
            secrets_ref: account.secrets_ref,
          },
        }),
      ),
    () => {
      form.saved();
      void changed();
    },
  );
  const refused = saving.error instanceof Problem ? saving.error : undefined;
  function submit(event: FormEvent): void {
    event.preventDefault();
    saving.mutate(form.draft, { onError: () => void changed() });
  }
  const field = (name: keyof Named) => (
    <TextInput
      label={LABELS[name]}
      value={form.draft[name]}
      error={refused?.of(name)}
      onChange={(event) => form.change({ [name]: event.currentTarget.value })}
    />
  );
  return (
    <form onSubmit={submit}>
      <Stack gap="sm">
        {form.stale && (
          <Stale
            of={differing(form.draft, latest.shown).map((name) => ({
              name: LABELS[name],
              mine: form.draft[name],
              theirs: latest.shown[name],
            }))}
            onMine={form.keepMine}
            onTheirs={form.takeTheirs}
          />
        )}
        {refused?.status !== 412 && refused?.faults.length !== 1 && <Trouble of={saving.error} />}
        {field("account_name")}
        {needsLogin && field("static_ip")}
        <Group justify="space-between">
          <Button variant="subtle" color="red" onClick={open}>
            Unlink
          </Button>
          <Button type="submit" loading={saving.isPending} disabled={!form.touched || form.stale}>
            Save details
          </Button>
        </Group>
      </Stack>
      <Unlink account={account} etag={etag} open={unlinking} onClose={close} />
    </form>
  );
}
