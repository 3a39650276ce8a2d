import { Button, Text } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useAction } from "~/api/action";
import { Confirm } from "~/parts/Confirm";
import { Difference } from "~/parts/difference/Difference";
import { restored } from "./asking";
import type { Version } from "./history";

/** Makes a former version the newest, once it was shown what that changes. */
export function Restore({
  strategyId,
  version,
  newest,
}: {
  readonly strategyId: string;
  readonly version: Version;
  readonly newest: Version;
}) {
  const [open, setOpen] = useState(false);
  const client = useQueryClient();
  const action = useAction(
    (number: number, key) => restored(strategyId, number, key),
    () => {
      setOpen(false);
      void client.invalidateQueries({ queryKey: ["strategies"] });
    },
  );
  return (
    <>
      <Button
        size="compact-xs"
        variant="default"
        aria-label={`Restore version ${version.version}`}
        onClick={() => {
          action.reset();
          setOpen(true);
        }}
      >
        Restore
      </Button>
      <Confirm
        open={open}
        title={`Restore version ${version.version}?`}
        verb="Restore it"
        busy={action.isPending}
        failure={action.error}
        onConfirm={() => action.mutate(version.version)}
        onClose={() => setOpen(false)}
      >
        <Text size="sm">
          The next run trades as version {version.version} says; what is open keeps the version it
          entered with. It becomes a new version, and all of these stay. If the market no longer has
          what it trades, the strategy becomes inactive and says why.
        </Text>
        <Difference
          before={newest}
          after={version}
          was="Now"
          is="Then"
          nothing="It says the same as the newest: nothing would change."
        />
      </Confirm>
    </>
  );
}
