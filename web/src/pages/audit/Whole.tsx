import { Alert, Button, Stack } from "@mantine/core";
import { IconCheck, IconLink } from "@tabler/icons-react";
import { useMutation } from "@tanstack/react-query";
import { api, got } from "~/api/client";
import type { Schemas } from "~/api/types";
import { Trouble } from "~/parts/Trouble";
import { counted } from "~/words/money";

/** Whether the whole record is as it was written. */
export function Whole() {
  const verifying = useMutation({ mutationFn: () => got(api.GET("/audit/verify")) });
  return (
    <Stack gap="xs" align="end" maw="36rem">
      <Button
        size="xs"
        variant="default"
        leftSection={<IconLink size={16} />}
        loading={verifying.isPending}
        onClick={() => verifying.mutate()}
      >
        Verify every chain
      </Button>
      {verifying.data !== undefined && <Report of={verifying.data} />}
      <Trouble of={verifying.error} />
    </Stack>
  );
}

function Report({ of }: { readonly of: Schemas["ReportShown"] }) {
  const looked = `${counted(of.events, "event")} in ${counted(of.streams, "history", "histories")}`;
  if (of.sound) {
    return (
      <Alert color="teal" icon={<IconCheck />} role="status" py="xs">
        Nothing was altered: {looked}, each linked to the one before.
      </Alert>
    );
  }
  return (
    <Alert color="red" role="status" title={`Not as it was recorded, of ${looked}`}>
      <ul>
        {of.findings.map((finding) => (
          <li key={finding.stream}>
            {finding.stream}, event {finding.version}: {finding.kind}, {finding.detail}
          </li>
        ))}
        {of.seal_faults.map((fault) => (
          <li key={fault}>{fault}</li>
        ))}
      </ul>
    </Alert>
  );
}
