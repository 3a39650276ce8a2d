import { PasswordInput } from "@mantine/core";
import type { Problem } from "~/api/problem";

export interface Given {
  readonly current: string;
  readonly wanted: string;
  readonly again: string;
}

export const NONE_GIVEN: Given = { current: "", wanted: "", again: "" };

/** Whether the new password was typed twice alike. */
export function agrees({ wanted, again }: Given): boolean {
  return wanted === again;
}

interface Props {
  /** What the password is called that is good until now. */
  readonly called: string;
  readonly given: Given;
  readonly refused: Problem | undefined;
  readonly onChange: (given: Given) => void;
}

/** The password that is good until now, and a new one twice. */
export function NewPassword({ called, given, refused, onChange }: Props) {
  const differs = given.again !== "" && !agrees(given);
  const field = (name: keyof Given, label: string, fault: string | false | undefined) => (
    <PasswordInput
      label={label}
      autoComplete={name === "current" ? "current-password" : "new-password"}
      required
      value={given[name]}
      error={fault}
      onChange={(event) => onChange({ ...given, [name]: event.currentTarget.value })}
    />
  );
  return (
    <>
      {field("current", called, refused?.of("current_password"))}
      {field("wanted", "New password", refused?.of("new_password"))}
      {field("again", "New password again", differs && "The two are not the same.")}
    </>
  );
}
