import type { Known } from "~/parts/events/known";
import { text } from "~/parts/events/said";
import type { Event } from "~/parts/events/telling";
import type { Part } from "./streams";

export function isPart(asked: string | null): Part {
  return asked === "entry" || asked === "exit" ? asked : "all";
}

/** The events of a run's entry or exit: their releases, and what became of what was released. */
export function ofPart(events: readonly Event[], part: Part, known: Known): readonly Event[] {
  if (part === "all") return events;
  const wanted = part.toUpperCase();
  return events.filter(({ event }) => {
    const phase = text(event, "phase") || known.orders.get(text(event, "tag"))?.phase;
    return phase?.startsWith(wanted) ?? false;
  });
}
