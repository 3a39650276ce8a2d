import { Button, Group, PasswordInput, Stack, Text } from "@mantine/core";
import { type FormEvent, useState } from "react";
import { useAction } from "~/api/action";
import { Problem } from "~/api/problem";
import { changePassword } from "~/api/session";
import { OneTimeCode } from "~/parts/Enrol";
import { Panel } from "~/parts/Panel";
import { Trouble } from "~/parts/Trouble";
import { faultOf, fieldFault } from "./saving";

const NONE = { current: "", wanted: "", again: "", otp: "" };

/** A new password; every other session ends. */
export function ChangePassword() {
  const [given, setGiven] = useState(NONE);
  const changing = useAction(changePassword, () => setGiven(NONE));
  const differs = given.again !== "" && given.again !== given.wanted;
  const coded = asksCode(changing.error);
  function submit(event: FormEvent): void {
    event.preventDefault();
    changing.mutate({
      current_password: given.current,
      new_password: given.wanted,
      otp: given.otp || null,
      in_cookie: true,
    });
  }
  const field = (name: keyof typeof NONE, label: string, fault: string | undefined | false) => (
    <PasswordInput
      label={label}
      autoComplete={name === "current" ? "current-password" : "new-password"}
      required
      value={given[name]}
      error={fault}
      onChange={(event) => setGiven({ ...given, [name]: event.currentTarget.value })}
    />
  );
  return (
    <Panel title="Password" told="Changing it ends every other session of yours.">
      <form onSubmit={submit}>
        <Stack gap="sm">
          <Trouble of={faultOf(changing.error, "current_password", "new_password")} />
          {field("current", "Present password", fieldFault(changing.error, "current_password"))}
          {field("wanted", "New password", fieldFault(changing.error, "new_password"))}
          {field("again", "New password again", differs && "The two are not the same.")}
          {(coded || given.otp !== "") && (
            <OneTimeCode
              value={given.otp}
              fault={undefined}
              onChange={(otp) => setGiven({ ...given, otp })}
            />
          )}
          <Group justify="flex-end">
            {changing.isSuccess && given.wanted === "" && (
              <Text size="sm" role="status">
                Changed.
              </Text>
            )}
            <Button
              type="submit"
              loading={changing.isPending}
              disabled={given.again !== given.wanted}
            >
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
