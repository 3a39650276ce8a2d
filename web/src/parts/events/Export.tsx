import { Button } from "@mantine/core";
import { IconDownload } from "@tabler/icons-react";
import { useMutation } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { Trouble } from "~/parts/Trouble";
import { exportAudit, type Wanted } from "./exporting";

/** Keeps the events that match as a file of the browser's. */
export function Export({
  wanted,
  file,
  children,
}: {
  readonly wanted: Wanted;
  readonly file: string;
  readonly children: ReactNode;
}) {
  const exporting = useMutation({ mutationFn: () => exportAudit(wanted, file) });
  return (
    <>
      <Button
        size="xs"
        variant="default"
        leftSection={<IconDownload size={16} />}
        loading={exporting.isPending}
        onClick={() => exporting.mutate()}
      >
        {children}
      </Button>
      <Trouble of={exporting.error} />
    </>
  );
}
