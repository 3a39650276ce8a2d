import { Button, Group, PasswordInput, Stack, TextInput } from "@mantine/core";
import { type FormEvent, useState } from "react";
import { useAction } from "~/api/action";
import { api, got } from "~/api/client";
import { Trouble } from "~/parts/Trouble";
import { useUsersChanged } from "./asking";
import { faultOf, fieldFault } from "./saving";

const NONE = { name: "", url: "" };

/** One more place to be told at; a name that is there already leads elsewhere from then on. */
export function AddTarget({ etag }: { readonly etag: string | null }) {
  const [target, setTarget] = useState(NONE);
  const changed = useUsersChanged();
  const adding = useAction(
    ({ name, url }: typeof NONE) =>
      got(
        api.PUT("/notifications/targets/{name}", {
          params: { path: { name }, header: { "if-match": etag } },
          body: { url },
        }),
      ),
    () => {
      setTarget(NONE);
      void changed();
    },
  );
  function submit(event: FormEvent): void {
    event.preventDefault();
    adding.mutate(target);
  }
  return (
    <form onSubmit={submit} autoComplete="off">
      <Stack gap="sm">
        <Trouble of={faultOf(adding.error, "name", "url")} again={changed} />
        <TextInput
          label="Name of the new target"
          placeholder="phone"
          required
          value={target.name}
          error={fieldFault(adding.error, "name")}
          onChange={(event) => setTarget({ ...target, name: event.currentTarget.value })}
        />
        <PasswordInput
          label="Address"
          description="As Apprise writes it: tgram://…, mailtos://…, ntfy://…"
          autoComplete="off"
          required
          value={target.url}
          error={fieldFault(adding.error, "url")}
          onChange={(event) => setTarget({ ...target, url: event.currentTarget.value })}
        />
        <Group justify="flex-end">
          <Button type="submit" variant="default" loading={adding.isPending}>
            Add it
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
