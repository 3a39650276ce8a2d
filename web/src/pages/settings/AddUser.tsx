import { Button, Checkbox, Group, Modal, Stack, TextInput } from "@mantine/core";
import { type FormEvent, useState } from "react";
import { useAction } from "~/api/action";
import { api, got } from "~/api/client";
import type { Schemas } from "~/api/types";
import { Trouble } from "~/parts/Trouble";
import { useUsersChanged } from "./asking";
import { OneTime } from "./OneTime";
import { ROLES, rolesAmong } from "./roles";
import { faultOf, fieldFault } from "./saving";

type Sent = Schemas["NewUser"];

interface Props {
  readonly open: boolean;
  readonly onClose: () => void;
}

/** Admit somebody, and tell their one-time password once. */
export function AddUser({ open, onClose }: Props) {
  const changed = useUsersChanged();
  const adding = useAction(
    (body: Sent, key) =>
      got(api.POST("/users", { params: { header: { "idempotency-key": key } }, body })),
    () => void changed(),
  );
  function close(): void {
    adding.reset(); // the password is forgotten here, too
    onClose();
  }
  const added = adding.data;
  return (
    <Modal
      opened={open}
      onClose={close}
      title={added === undefined ? "Add a user" : `${added.email} may sign in`}
    >
      {added === undefined ? (
        <Form
          busy={adding.isPending}
          failure={adding.error}
          onSend={(sent) => adding.mutate(sent)}
        />
      ) : (
        <>
          <OneTime password={added.one_time_password} />
          <Group justify="flex-end" mt="md">
            <Button onClick={close}>Done</Button>
          </Group>
        </>
      )}
    </Modal>
  );
}

interface FormProps {
  readonly busy: boolean;
  readonly failure: unknown;
  readonly onSend: (sent: Sent) => void;
}

function Form({ busy, failure, onSend }: FormProps) {
  const [email, setEmail] = useState("");
  const [name, setName] = useState("");
  const [roles, setRoles] = useState<string[]>(["trader"]);
  function submit(event: FormEvent): void {
    event.preventDefault();
    onSend({ email, name, roles: rolesAmong(roles) });
  }
  return (
    <form onSubmit={submit} autoComplete="off">
      <Stack gap="sm">
        <Trouble of={faultOf(failure, "email", "name", "roles")} />
        <TextInput
          label="E-mail address"
          type="email"
          autoComplete="off"
          required
          value={email}
          error={fieldFault(failure, "email")}
          onChange={(event) => setEmail(event.currentTarget.value)}
        />
        <TextInput
          label="Name (optional)"
          autoComplete="off"
          value={name}
          error={fieldFault(failure, "name")}
          onChange={(event) => setName(event.currentTarget.value)}
        />
        <Checkbox.Group
          label="Roles"
          value={roles}
          onChange={setRoles}
          error={fieldFault(failure, "roles")}
        >
          <Group gap="sm" mt="xs">
            {ROLES.map((role) => (
              <Checkbox key={role} value={role} label={role} />
            ))}
          </Group>
        </Checkbox.Group>
        <Group justify="flex-end">
          <Button type="submit" loading={busy}>
            Add them
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
