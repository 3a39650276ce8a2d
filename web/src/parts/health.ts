import { useQuery } from "@tanstack/react-query";
import { api } from "~/api/client";
import { usePace } from "~/api/live";
import { Problem } from "~/api/problem";
import type { Schemas } from "~/api/types";
import { counted } from "~/words/money";

export type Health = Schemas["HealthShown"];

/** Milliseconds between two looks. */
const LOOK_MS = 5_000;

/** How the platform feels; one that fails says so, too. */
export function useHealth() {
  return useQuery({
    queryKey: ["health"],
    refetchInterval: usePace(LOOK_MS),
    queryFn: async (): Promise<Health> => {
      const { data, error, response } = await api.GET("/health");
      const told = data ?? error;
      if (told !== undefined && "troubles" in told) return told;
      throw new Problem(response.status, told ?? {});
    },
  });
}

/** Something that is not as it should be with the platform. */
export interface Ailment {
  readonly grave: boolean;
  readonly text: string;
}

/** What is wrong with it in words, the gravest first; nothing where it is well. */
export function ailments({ status, schedule, parked, troubles }: Health): readonly Ailment[] {
  const found: Ailment[] = [];
  if (status === "failing") {
    const late = schedule.late_s === null ? "" : ` for ${Math.round(schedule.late_s)} s`;
    const text = `The schedule stands still${late}: nothing is entered or left by itself.`;
    found.push({ grave: true, text });
  }
  if (parked > 0) {
    found.push({
      grave: false,
      text: `What is shown of ${counted(parked, "history", "histories")} stands still: it may be old.`,
    });
  }
  return [...found, ...troubles.map((text) => ({ grave: false, text }))];
}
