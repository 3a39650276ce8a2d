import { NumberInput, Select, TextInput } from "@mantine/core";
import type { Edit } from "./Builder";
import type { Draft } from "./draft";
import { useFault } from "./faults";

export interface OfDraft {
  readonly draft: Draft;
  readonly edit: Edit;
}

/** A field of the draft: what it says, and what the platform says of it. */
interface Field<T> {
  readonly label: string;
  /** As the platform names it in its faults. */
  readonly field: string;
  readonly value: T;
  readonly onChange: (value: T) => void;
}

export function Clock({ label, field, value, onChange }: Field<string>) {
  return (
    <TextInput
      label={label}
      size="xs"
      inputMode="numeric"
      placeholder="09:20"
      value={value}
      error={useFault(field)}
      onChange={(event) => onChange(event.currentTarget.value)}
    />
  );
}

/** A whole number, or none. */
export function Whole({ label, field, value, onChange }: Field<number | null>) {
  return (
    <NumberInput
      label={label}
      size="xs"
      allowDecimal={false}
      allowNegative={false}
      placeholder="any"
      value={value ?? ""}
      error={useFault(field)}
      onChange={(told) => onChange(told === "" ? null : Number(told))}
    />
  );
}

/** ₹ or %; without a number it is off. */
export function Amount({ label, field, value, onChange }: Field<number | string | null>) {
  return (
    <NumberInput
      label={label}
      size="xs"
      mt={4}
      allowNegative={false}
      placeholder="off"
      thousandSeparator=","
      thousandsGroupStyle="lakh"
      value={value ?? ""}
      error={useFault(field)}
      onChange={(told) => onChange(told === "" ? null : told)}
    />
  );
}

interface Choosing<T extends string> extends Field<T | null> {
  readonly options: Readonly<Record<T, string>>;
  /** What it is called when none is chosen; one has to be unless given. */
  readonly none?: string;
}

/** One of a few, or none where that has a name. */
export function Choice<T extends string>(choice: Choosing<T>) {
  const { label, field, value, options, none, onChange } = choice;
  const data = Object.entries<string>(options).map(([each, words]) => ({
    value: each,
    label: words,
  }));
  return (
    <Select
      label={label}
      size="xs"
      clearable={none !== undefined}
      allowDeselect={none !== undefined}
      placeholder={none ?? ""}
      data={data}
      value={value}
      error={useFault(field)}
      onChange={(told) => onChange(told as T | null)}
    />
  );
}
