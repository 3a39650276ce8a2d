import { Alert, Button, Group, Stack, Text } from "@mantine/core";
import { type FormEvent, useState } from "react";
import { inWords, Problem } from "~/api/problem";
import { changePassword, signOut } from "~/api/session";
import { agrees, NewPassword, NONE_GIVEN } from "~/parts/NewPassword";
import { Door } from "./Door";

/** A password that was told by somebody else is changed before anything is shown. */
export function OneTimePassword() {
  const [given, setGiven] = useState(NONE_GIVEN);
  const [busy, setBusy] = useState(false);
  const [failure, setFailure] = useState<unknown>();
  const refused = failure instanceof Problem ? failure : undefined;

  async function submit(event: FormEvent): Promise<void> {
    event.preventDefault();
    if (!agrees(given)) return;
    setBusy(true);
    setFailure(undefined);
    try {
      await changePassword({ current_password: given.current, new_password: given.wanted });
    } catch (problem) {
      setFailure(problem);
      setBusy(false);
    }
  }

  return (
    <Door title="Choose your password">
      <form onSubmit={(event) => void submit(event)}>
        <Stack>
          <Text size="sm" c="dimmed">
            The one you signed in with works once. Choose your own; it is never shown.
          </Text>
          {failure !== undefined && refused?.faults.length !== 1 && (
            <Alert color="red" role="alert">
              {inWords(failure)}
            </Alert>
          )}
          <NewPassword
            called="One-time password"
            given={given}
            refused={refused}
            onChange={setGiven}
          />
          <Group grow>
            <Button variant="default" onClick={() => void signOut()}>
              Sign out
            </Button>
            <Button type="submit" loading={busy} disabled={!agrees(given)}>
              Change it
            </Button>
          </Group>
        </Stack>
      </form>
    </Door>
  );
}
