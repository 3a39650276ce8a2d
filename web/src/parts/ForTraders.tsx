import { Alert } from "@mantine/core";
import type { ReactNode } from "react";
import { useProfile, useTrades } from "~/api/profile";
import { Waiting } from "~/app/Waiting";

interface Props {
  /** What is said to whoever may only look. */
  readonly told: string;
  readonly children: ReactNode;
}

/** What only traders are offered, even where somebody else comes to its address. */
export function ForTraders({ told, children }: Props) {
  const trades = useTrades();
  if (useProfile().data === undefined) return <Waiting for="your profile" />;
  return trades ? children : <Alert color="yellow">{told}</Alert>;
}
