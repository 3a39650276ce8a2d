import { Badge, Button, Group, Skeleton, Stack, Text, TextInput } from "@mantine/core";
import type { FormEvent } from "react";
import { differing, type Edition, useDraft } from "~/parts/draft";
import { Panel } from "~/parts/Panel";
import { Stale } from "~/parts/Stale";
import { Trouble } from "~/parts/Trouble";
import { istMoment } from "~/words/time";
import { type User, useOwnEdition } from "./asking";
import { Frame } from "./Frame";
import { faultOf, fieldFault, overtaken, useSaving } from "./saving";
import classes from "./settings.module.css";

/** Who one is here. */
export function ProfilePage() {
  const { data, error, refetch } = useOwnEdition();
  return (
    <Frame title="Settings">
      <div className={classes.narrow}>
        <Trouble of={error} again={refetch} />
        {data === undefined && error === null && <Skeleton height={220} />}
        {data !== undefined && <Profile edition={data} />}
      </div>
    </Frame>
  );
}

interface Named {
  readonly name: string;
  readonly timezone: string;
}

function Profile({ edition }: { readonly edition: Edition<User> }) {
  const user = edition.shown;
  return (
    <Panel title="Profile" told={user.email}>
      <Stack gap="sm">
        <Group gap="xs" role="group" aria-label="Roles">
          {user.roles.map((role) => (
            <Badge key={role} variant="light" color="gray">
              {role}
            </Badge>
          ))}
        </Group>
        <Form edition={edition} />
        {user.last_signed_in_at !== null && (
          <Text size="sm" c="dimmed">
            Last signed in {istMoment(user.last_signed_in_at)}.
          </Text>
        )}
      </Stack>
    </Panel>
  );
}

function Form({ edition }: { readonly edition: Edition<User> }) {
  const user = edition.shown;
  const latest: Edition<Named> = {
    shown: { name: user.name, timezone: user.preferences.timezone ?? "" },
    etag: edition.etag,
  };
  const form = useDraft(latest);
  const saving = useSaving(form.saved);
  function submit(event: FormEvent): void {
    event.preventDefault();
    const { name, timezone } = form.draft;
    const profile = { name, preferences: { ...user.preferences, timezone } };
    saving.mutate({ profile, etag: form.etag });
  }
  return (
    <form onSubmit={submit}>
      <Stack gap="sm">
        {form.stale && (
          <Stale
            of={differing(form.draft, latest.shown).map((name) => ({
              name: name === "name" ? "Name" : "Time zone",
              mine: form.draft[name],
              theirs: latest.shown[name],
            }))}
            onMine={form.keepMine}
            onTheirs={form.takeTheirs}
          />
        )}
        {!overtaken(saving.error) && (
          <Trouble of={faultOf(saving.error, "name", "preferences.timezone")} />
        )}
        <TextInput
          label="Name"
          autoComplete="name"
          value={form.draft.name}
          error={fieldFault(saving.error, "name")}
          onChange={(event) => form.change({ name: event.currentTarget.value })}
        />
        <TextInput
          label="Time zone"
          description="Schedules are IST whatever is set here; e-mails tell times in it."
          value={form.draft.timezone}
          error={fieldFault(saving.error, "preferences.timezone")}
          onChange={(event) => form.change({ timezone: event.currentTarget.value })}
        />
        <Group justify="flex-end">
          {saving.isSuccess && !form.touched && (
            <Text size="sm" role="status">
              Saved.
            </Text>
          )}
          <Button type="submit" loading={saving.isPending} disabled={!form.touched || form.stale}>
            Save profile
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
