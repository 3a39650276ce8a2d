import { TextInput } from "@mantine/core";

interface CodeProps {
  readonly value: string;
  readonly fault?: string | undefined;
  /** Where it is what is asked for next. */
  readonly first?: boolean;
  readonly onChange: (code: string) => void;
}

/** The six digits that an authenticator shows. */
export function OneTimeCode({ value, fault, first = false, onChange }: CodeProps) {
  return (
    <TextInput
      label="Code of your authenticator"
      inputMode="numeric"
      autoComplete="one-time-code"
      pattern="\d{6}"
      maxLength={6}
      required
      autoFocus={first}
      value={value}
      error={fault}
      onChange={(event) => onChange(event.currentTarget.value)}
    />
  );
}
