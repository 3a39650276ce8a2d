import { Button, Code, CopyButton, Group, Stack, Text } from "@mantine/core";

/** A one-time password, told this once. */
export function OneTime({ password }: { readonly password: string | null }) {
  if (password === null) {
    return <Text size="sm">It was told before, and is not told again: reset it for another.</Text>;
  }
  return (
    <Stack gap="xs" role="status">
      <Text size="sm">
        Pass it on now: it is shown only this once, works once, and is changed at the first sign-in.
      </Text>
      <Group wrap="nowrap">
        <Code aria-label="One-time password">{password}</Code>
        <CopyButton value={password}>
          {({ copied, copy }) => (
            <Button size="compact-sm" variant="default" onClick={copy}>
              {copied ? "Copied" : "Copy"}
            </Button>
          )}
        </CopyButton>
      </Group>
    </Stack>
  );
}
