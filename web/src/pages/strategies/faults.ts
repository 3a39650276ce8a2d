import { createContext, useContext } from "react";
import { Problem } from "~/api/problem";

export interface Fault {
  readonly code: string;
  readonly field: string;
  readonly message: string;
}

/** What the platform has to say of a draft: its faults, or the fields it could not read. */
export function faultsIn(told: readonly Fault[] | undefined, failure: unknown): readonly Fault[] {
  return failure instanceof Problem ? failure.faults : (told ?? []);
}

const Faults = createContext<readonly Fault[]>([]);
export const FaultsOfDraft = Faults.Provider;

export function useFaults(): readonly Fault[] {
  return useContext(Faults);
}

/** What is wrong with one field, in the platform's words. */
export function useFault(field: string): string | undefined {
  return useFaults().find((fault) => fault.field === field)?.message;
}

/** What is wrong with a field or anything in it. */
export function useFaultsWithin(field: string): readonly Fault[] {
  const within = [`${field}.`, `${field}[`];
  return useFaults().filter(
    (fault) => fault.field === field || within.some((start) => fault.field.startsWith(start)),
  );
}
