import type { Schemas } from "~/api/types";
import { type Known, NOTHING_KNOWN } from "./known";
import { RUN_TELLERS } from "./runs";
import type { Said } from "./said";
import { spelt } from "./said";
import { OTHER_TELLERS } from "./things";

export type Event = Schemas["EventShown"];

/** What sort of thing happened: what was decided, ordered, filled, what went wrong, and the rest. */
export type Kind = "decision" | "order" | "fill" | "alarm" | "note";

export interface Teller {
  readonly kind: Kind;
  /** One sentence, without a full stop. */
  readonly tell: (said: Said, known: Known) => string;
  /** What it lists. */
  readonly more?: (said: Said, known: Known) => readonly string[];
}

export const TELLERS: Readonly<Record<string, Teller>> = { ...RUN_TELLERS, ...OTHER_TELLERS };

/** Every kind of event there are words for, by name. */
export const TOPICS: readonly string[] = Object.keys(TELLERS).sort();

/** `Slice seen` for run.slice_seen: what an event is called where there is no room for all of it. */
export function topicName(topic: string): string {
  const name = spelt(topic.split(".").pop() ?? topic);
  return name.charAt(0).toUpperCase() + name.slice(1);
}

/** What happened, in the trader's words. */
export function sentence(topic: string, said: Said, known: Known = NOTHING_KNOWN): string {
  return TELLERS[topic]?.tell(said, known) ?? topicName(topic);
}

export function details(
  topic: string,
  said: Said,
  known: Known = NOTHING_KNOWN,
): readonly string[] {
  return TELLERS[topic]?.more?.(said, known) ?? [];
}

export function kindOf(topic: string): Kind {
  return TELLERS[topic]?.kind ?? "note";
}
