import { Group, Paper, Text, Title } from "@mantine/core";
import { type ReactNode, useId } from "react";
import classes from "./panel.module.css";

interface Props {
  readonly title: string;
  /** One line under the title. */
  readonly told?: ReactNode;
  /** At the right of the title. */
  readonly side?: ReactNode;
  readonly children: ReactNode;
}

/** A part of a page that has a name. */
export function Panel({ title, told, side, children }: Props) {
  const id = useId();
  return (
    <Paper component="section" withBorder className={classes.panel ?? ""} aria-labelledby={id}>
      <Group justify="space-between" align="start" wrap="nowrap" mb="sm" gap="sm">
        <div>
          <Title order={2} size="h5" id={id}>
            {title}
          </Title>
          {told !== undefined && (
            <Text size="sm" c="dimmed">
              {told}
            </Text>
          )}
        </div>
        <div className={classes.side}>{side}</div>
      </Group>
      {children}
    </Paper>
  );
}
