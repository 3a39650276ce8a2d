import { Alert } from "@mantine/core";
import { inWords, Problem } from "~/api/problem";

interface Refused {
  readonly title: string;
  readonly failure: Error | null | undefined;
}

/** What was refused, with each field it was refused for. */
export function Refusal({ title, failure }: Refused) {
  if (!failure) return null;
  const faults = failure instanceof Problem ? failure.faults : [];
  return (
    <Alert color="red" p="xs" mb="sm" title={title} role="alert">
      {faults.length === 0
        ? inWords(failure)
        : faults.map((fault) => (
            <div key={fault.field + fault.code}>
              {fault.field}: {fault.message}
            </div>
          ))}
    </Alert>
  );
}
