import { Group, Paper, Text, Title } from "@mantine/core";
import type { ReactNode } from "react";
import icon from "~/icon.svg";
import classes from "./door.module.css";

/** What is seen before anything else may be. */
export function Door({
  title,
  children,
}: {
  readonly title: string;
  readonly children: ReactNode;
}) {
  return (
    <main className={classes.door}>
      <Group gap="sm" justify="center" mb="lg">
        <img src={icon} alt="" width={36} height={36} />
        <Text size="lg" fw={650}>
          Algo Trading Platform
        </Text>
      </Group>
      <Paper withBorder p="xl" radius="md" shadow="sm">
        <Title order={1} size="h3" mb="md">
          {title}
        </Title>
        {children}
      </Paper>
    </main>
  );
}
