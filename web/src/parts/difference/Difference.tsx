import { Text } from "@mantine/core";
import type { ReactNode } from "react";
import type { Defined } from "~/words/definition";
import { Changes } from "./Changes";
import { difference } from "./difference";

/** In what two definitions differ, field by field, in the words of the trade. */
export function Difference({
  before,
  after,
  was = "Before",
  is = "After",
  nothing = "They are the same.",
}: {
  readonly before: Defined;
  readonly after: Defined;
  /** What the sides are called. */
  readonly was?: string;
  readonly is?: string;
  readonly nothing?: ReactNode;
}) {
  const parts = difference(before, after);
  if (parts.length === 0) {
    return (
      <Text size="sm" c="dimmed">
        {nothing}
      </Text>
    );
  }
  return <Changes parts={parts} was={was} is={is} />;
}
