import { Alert, Button, Group, Stack } from "@mantine/core";
import { IconCheck, IconLink } from "@tabler/icons-react";
import { useMutation } from "@tanstack/react-query";
import { api, got } from "~/api/client";
import { Export } from "~/parts/events/Export";
import { Trouble } from "~/parts/Trouble";
import { counted } from "~/words/money";
import { chainInWords } from "./chain";

interface Props {
  readonly streamId: string;
  readonly version: number;
}

/** Whether the history is whole, and a copy of it to keep. */
export function Keeping({ streamId, version }: Props) {
  const verifying = useMutation({
    mutationFn: () =>
      got(api.GET("/streams/{stream_id}/verify", { params: { path: { stream_id: streamId } } })),
  });
  return (
    <Stack gap="xs" align="end">
      <Group gap="xs">
        <Button
          size="xs"
          variant="default"
          leftSection={<IconLink size={16} />}
          loading={verifying.isPending}
          onClick={() => verifying.mutate()}
        >
          Verify the chain
        </Button>
        <Export wanted={{ stream: streamId }} file={`${streamId}.jsonl`}>
          Export {counted(version, "event")}
        </Export>
      </Group>
      {verifying.data !== undefined && <Verdict of={verifying.data} />}
      <Trouble of={verifying.error} />
    </Stack>
  );
}

function Verdict({ of }: { readonly of: Parameters<typeof chainInWords>[0] }) {
  return (
    <Alert
      color={of.sound ? "teal" : "red"}
      icon={of.sound ? <IconCheck /> : undefined}
      role="status"
      py="xs"
    >
      {chainInWords(of)}
    </Alert>
  );
}
