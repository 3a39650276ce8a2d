import { Badge, Tooltip } from "@mantine/core";
import { type Link, useLink } from "~/api/live";

const SHOWN: Readonly<Record<Link, readonly [label: string, color: string, meaning: string]>> = {
  connecting: ["Connecting", "gray", "Connecting to the platform."],
  live: ["Live", "teal", "Changes are shown as they happen."],
  asking: ["Polling", "blue", "The platform is asked for changes every few seconds."],
  lost: [
    "No connection",
    "red",
    "What you see may be old. The platform goes on without this page.",
  ],
};

/** Whether the screen keeps up with the platform. */
export function LinkState() {
  const link = useLink();
  const [label, color, meaning] = SHOWN[link];
  return (
    <Tooltip label={meaning}>
      <Badge
        variant={link === "lost" ? "filled" : "dot"}
        color={color}
        role="status"
        aria-label={`Connection: ${label}`}
        tabIndex={0}
      >
        {label}
      </Badge>
    </Tooltip>
  );
}
