import { Skeleton } from "@mantine/core";
import { Trouble } from "~/parts/Trouble";
import { useOwnEdition } from "./asking";
import { Channels } from "./Channels";
import { Frame } from "./Frame";
import classes from "./settings.module.css";
import { Targets } from "./Targets";

/** How and where one is told, besides the inbox. */
export function NotificationsPage() {
  const { data, error, refetch } = useOwnEdition();
  return (
    <Frame title="Notifications">
      <Trouble of={error} again={refetch} />
      {data === undefined && error === null && <Skeleton height={220} />}
      {data !== undefined && (
        <div className={classes.columns}>
          <Targets />
          <Channels edition={data} />
        </div>
      )}
    </Frame>
  );
}
