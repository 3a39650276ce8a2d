import { Alert, Button, Stack } from "@mantine/core";
import { inWords, Problem } from "~/api/problem";
import { capital } from "~/words/definition";

/** What could not be read, and the way to try it again. */
export function Failed({
  what,
  failure,
  again,
}: {
  readonly what: string;
  readonly failure: unknown;
  readonly again: () => void;
}) {
  if (failure instanceof Problem && failure.status === 403) {
    return <Alert color="yellow">You may not see {what}. An administrator can change that.</Alert>;
  }
  return (
    <Alert color="red" title={`${capital(what)} cannot be shown`} role="alert">
      <Stack gap="sm" align="flex-start">
        {inWords(failure)}
        <Button size="xs" onClick={again}>
          Try again
        </Button>
      </Stack>
    </Alert>
  );
}
