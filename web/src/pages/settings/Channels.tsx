import { Select, Stack, Switch } from "@mantine/core";
import type { Edition } from "~/parts/draft";
import { Panel } from "~/parts/Panel";
import { Trouble } from "~/parts/Trouble";
import type { User } from "./asking";
import { CHANNELS, type Channel, LEAST, type Told, telling, toldBy } from "./preferences";
import { useSaving } from "./saving";
import classes from "./settings.module.css";

/** Which kinds of places are told, and from which gravity on. */
export function Channels({ edition }: { readonly edition: Edition<User> }) {
  const user = edition.shown;
  const saving = useSaving(() => undefined);
  function use(channel: Channel, told: Told): void {
    const preferences = telling(user.preferences, channel, told);
    saving.mutate({ profile: { name: user.name, preferences }, etag: edition.etag });
  }
  return (
    <Panel title="What is told" told="The inbox always holds everything.">
      <Stack gap="sm">
        <Trouble of={saving.error} />
        {CHANNELS.map(({ name, label }) => (
          <OneChannel
            key={name}
            label={label}
            told={toldBy(user.preferences, name)}
            busy={saving.isPending}
            onChange={(told) => use(name, told)}
          />
        ))}
      </Stack>
    </Panel>
  );
}

interface Props {
  readonly label: string;
  readonly told: Told;
  readonly busy: boolean;
  readonly onChange: (told: Told) => void;
}

function OneChannel({ label, told, busy, onChange }: Props) {
  return (
    <div className={classes.channel}>
      <Switch
        label={label}
        checked={told.used}
        disabled={busy}
        onChange={(event) => onChange({ ...told, used: event.currentTarget.checked })}
      />
      <Select
        aria-label={`${label}: what is told`}
        data={LEAST}
        allowDeselect={false}
        disabled={busy || !told.used}
        value={told.least}
        onChange={(least) => {
          const known = LEAST.find((each) => each.value === least);
          if (known !== undefined) onChange({ ...told, least: known.value });
        }}
      />
    </div>
  );
}
