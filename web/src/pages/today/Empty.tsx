import { Button, Group, Stack, Text, Title } from "@mantine/core";
import { IconSeeding } from "@tabler/icons-react";
import { Link } from "react-router";
import { useTrades } from "~/api/profile";
import classes from "./today.module.css";

/** A day on which nothing is planned, because nothing was ever built. */
export function Empty() {
  const trades = useTrades();
  return (
    <section className={classes.empty} aria-labelledby="nothing-yet">
      <IconSeeding size={40} stroke={1.3} aria-hidden />
      <Stack gap="xs" align="center">
        <Title order={2} size="h4" id="nothing-yet">
          Nothing is planned yet
        </Title>
        <Text c="dimmed" ta="center" maw="30rem">
          {trades
            ? "Build a strategy, say when it enters and leaves, and this page shows its day: what " +
              "is due, what runs, and what it makes."
            : "Once there are strategies, this page shows their day."}
        </Text>
      </Stack>
      {trades && (
        <Group justify="center">
          <Button component={Link} to="/start">
            Show me the first steps
          </Button>
          <Button component={Link} to="/strategies/new" variant="default">
            Build a strategy
          </Button>
        </Group>
      )}
    </section>
  );
}
