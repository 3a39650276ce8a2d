import { Alert, Anchor, Button, Group, Stack } from "@mantine/core";
import { IconAlertTriangle } from "@tabler/icons-react";
import { Link, useRouteError } from "react-router";
import { inWords } from "~/api/problem";

/** Where a page failed: what happened, and the ways on. */
export function NotThere() {
  const failure = useRouteError();
  return (
    <Alert color="red" icon={<IconAlertTriangle />} title="This page cannot be shown">
      <Stack gap="sm">
        {inWords(failure)}
        <Group>
          <Button size="xs" onClick={() => location.reload()}>
            Load it again
          </Button>
          <Anchor component={Link} to="/" size="sm">
            Go to today
          </Anchor>
        </Group>
      </Stack>
    </Alert>
  );
}
