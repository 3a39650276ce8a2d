import { Alert, Button, Group, PasswordInput, Stack, Text } from "@mantine/core";
import { type FormEvent, useState } from "react";
import { inWords, Problem } from "~/api/problem";
import { changePassword, signOut } from "~/api/session";
import { Door } from "./Door";

/** A password that was told by somebody else is changed before anything is shown. */
export function OneTimePassword() {
  const [current, setCurrent] = useState("");
  const [wanted, setWanted] = useState("");
  const [again, setAgain] = useState("");
  const [busy, setBusy] = useState(false);
  const [failure, setFailure] = useState<unknown>();
  const differs = again !== "" && again !== wanted;
  const refused = failure instanceof Problem ? failure : undefined;

  async function submit(event: FormEvent): Promise<void> {
    event.preventDefault();
    if (wanted !== again) return;
    setBusy(true);
    setFailure(undefined);
    try {
      await changePassword({ current_password: current, new_password: wanted });
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
          <PasswordInput
            label="One-time password"
            autoComplete="current-password"
            required
            value={current}
            error={refused?.of("current_password")}
            onChange={(event) => setCurrent(event.currentTarget.value)}
          />
          <PasswordInput
            label="New password"
            autoComplete="new-password"
            required
            value={wanted}
            error={refused?.of("new_password")}
            onChange={(event) => setWanted(event.currentTarget.value)}
          />
          <PasswordInput
            label="New password again"
            autoComplete="new-password"
            required
            value={again}
            error={differs && "The two are not the same."}
            onChange={(event) => setAgain(event.currentTarget.value)}
          />
          <Group grow>
            <Button variant="default" onClick={() => void signOut()}>
              Sign out
            </Button>
            <Button type="submit" loading={busy} disabled={differs}>
              Change it
            </Button>
          </Group>
        </Stack>
      </form>
    </Door>
  );
}
