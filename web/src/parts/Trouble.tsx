import { Alert, Button, Group } from "@mantine/core";
import { IconAlertTriangle } from "@tabler/icons-react";
import { inWords } from "~/api/problem";

/** What went wrong, where it belongs; with a way to ask again where that may help. */
export function Trouble({
  of,
  again,
}: {
  readonly of: unknown;
  readonly again?: (() => unknown) | undefined;
}) {
  if (of === undefined || of === null) return null;
  return (
    <Alert color="red" icon={<IconAlertTriangle />} role="alert" py="xs">
      <Group justify="space-between" gap="xs">
        <span>{inWords(of)}</span>
        {again !== undefined && (
          <Button size="compact-xs" variant="default" onClick={() => again()}>
            Ask again
          </Button>
        )}
      </Group>
    </Alert>
  );
}
