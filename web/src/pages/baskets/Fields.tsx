import { Stack, Textarea, TextInput } from "@mantine/core";
import type { Problem } from "~/api/problem";
import { useAccounts } from "~/parts/trades/names";
import type { Draft } from "./draft";
import { Targets } from "./Targets";

/** What of a basket is written by hand. */
export function Fields({
  draft,
  refused,
  disabled = false,
  onChange,
}: {
  readonly draft: Draft;
  readonly refused: Problem | undefined;
  readonly disabled?: boolean;
  readonly onChange: (changes: Partial<Draft>) => void;
}) {
  const accounts = useAccounts().data?.items ?? [];
  return (
    <Stack gap="sm">
      <TextInput
        label="Name"
        required
        value={draft.name}
        disabled={disabled}
        error={refused?.of("name")}
        onChange={(event) => onChange({ name: event.currentTarget.value })}
      />
      <Textarea
        label="Description (optional)"
        rows={2}
        value={draft.description}
        disabled={disabled}
        error={refused?.of("description")}
        onChange={(event) => onChange({ description: event.currentTarget.value })}
      />
      <Targets
        targets={draft.targets}
        accounts={accounts}
        refused={refused}
        disabled={disabled}
        onChange={(targets) => onChange({ targets })}
      />
    </Stack>
  );
}
