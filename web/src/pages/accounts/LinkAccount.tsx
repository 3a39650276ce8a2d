import { Button, Group, Modal, Select, Stack, TextInput } from "@mantine/core";
import { type FormEvent, useState } from "react";
import { useNavigate } from "react-router";
import { useAction } from "~/api/action";
import { api, got } from "~/api/client";
import { Problem } from "~/api/problem";
import { useProfile } from "~/api/profile";
import { brokerName } from "~/parts/account";
import { Trouble } from "~/parts/Trouble";
import { useAccountsChanged, useBrokers } from "./asking";

interface Sent {
  readonly broker: string;
  readonly account_name: string;
  readonly static_ip: string | null;
}

/** Name a login at a broker; its keys are asked for on its own page. */
export function LinkAccount({
  open,
  onClose,
}: {
  readonly open: boolean;
  readonly onClose: () => void;
}) {
  return (
    <Modal opened={open} onClose={onClose} title="Link an account">
      <Form onClose={onClose} />
    </Modal>
  );
}

function useLinking() {
  const userId = useProfile().data?.user_id ?? "";
  const changed = useAccountsChanged();
  const go = useNavigate();
  return useAction(
    (body: Sent, key) =>
      got(
        api.POST("/users/{user_id}/broker-accounts", {
          params: { path: { user_id: userId }, header: { "idempotency-key": key } },
          body,
        }),
      ),
    (account) => {
      void changed();
      void go(`/accounts/${account.account_id}`);
    },
  );
}

function Form({ onClose }: { readonly onClose: () => void }) {
  const [broker, setBroker] = useState<string | null>(null);
  const [name, setName] = useState("");
  const [address, setAddress] = useState("");
  const brokers = useBrokers().data?.brokers ?? [];
  const linking = useLinking();
  const refused = linking.error instanceof Problem ? linking.error : undefined;
  const needsLogin = brokers.some((each) => each.broker === broker && each.login);

  function submit(event: FormEvent): void {
    event.preventDefault();
    if (broker === null) return;
    const static_ip = needsLogin && address !== "" ? address : null;
    linking.mutate({ broker, account_name: name, static_ip });
  }

  return (
    <form onSubmit={submit}>
      <Stack>
        {(refused === undefined || refused.faults.length === 0) && <Trouble of={linking.error} />}
        <Select
          label="Broker"
          required
          allowDeselect={false}
          data={brokers.map((each) => ({ value: each.broker, label: brokerName(each.broker) }))}
          value={broker}
          error={refused?.of("broker")}
          onChange={setBroker}
        />
        <TextInput
          label="Name"
          description="What you call it."
          required
          value={name}
          error={refused?.of("account_name")}
          onChange={(event) => setName(event.currentTarget.value)}
        />
        {needsLogin && (
          <TextInput
            label="Static IP address (optional)"
            description="The address that is registered with the broker; orders leave from there only."
            value={address}
            error={refused?.of("static_ip")}
            onChange={(event) => setAddress(event.currentTarget.value.trim())}
          />
        )}
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose}>
            Back
          </Button>
          <Button type="submit" loading={linking.isPending} disabled={broker === null}>
            Link it
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
