import { Center, Loader, Stack, Text } from "@mantine/core";

export function Waiting({ for: what }: { readonly for: string }) {
  return (
    <Center mih="40vh">
      <Stack align="center" gap="xs">
        <Loader type="bars" size="sm" />
        <Text size="sm" c="dimmed" role="status">
          Waiting for {what} …
        </Text>
      </Stack>
    </Center>
  );
}
