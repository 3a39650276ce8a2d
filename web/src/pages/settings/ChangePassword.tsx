import { Button, Group, Stack, Text } from "@mantine/core";
import { type FormEvent, useState } from "react";
import { useAction } from "~/api/action";
import { Problem } from "~/api/problem";
import { changePassword } from "~/api/session";
import { agrees, NewPassword, NONE_GIVEN } from "~/parts/NewPassword";
import { OneTimeCode } from "~/parts/OneTimeCode";
import { Panel } from "~/parts/Panel";
import { Trouble } from "~/parts/Trouble";
import { faultOf } from "./saving";

/** A new password; every other session ends. */
export function ChangePassword() {
  const [given, setGiven] = useState(NONE_GIVEN);
  const [otp, setOtp] = useState("");
  const changing = useAction(changePassword, () => {
    setGiven(NONE_GIVEN);
    setOtp("");
  });
  const coded = asksCode(changing.error);
  function submit(event: FormEvent): void {
    event.preventDefault();
    changing.mutate({
      current_password: given.current,
      new_password: given.wanted,
      otp: otp || null,
      in_cookie: true,
    });
  }
  return (
    <Panel title="Password" told="Changing it ends every other session of yours.">
      <form onSubmit={submit}>
        <Stack gap="sm">
          <Trouble of={faultOf(changing.error, "current_password", "new_password")} />
          <NewPassword
            called="Present password"
            given={given}
            refused={changing.error instanceof Problem ? changing.error : undefined}
            onChange={setGiven}
          />
          {(coded || otp !== "") && <OneTimeCode value={otp} onChange={setOtp} />}
          <Group justify="flex-end">
            {changing.isSuccess && given.wanted === "" && (
              <Text size="sm" role="status">
                Changed.
              </Text>
            )}
            <Button type="submit" loading={changing.isPending} disabled={!agrees(given)}>
              Change password
            </Button>
          </Group>
        </Stack>
      </form>
    </Panel>
  );
}

function asksCode(failure: unknown): boolean {
  return failure instanceof Problem && failure.code === "otp-required";
}
