import type { Schemas } from "~/api/types";
import { spelt } from "~/parts/events/said";
import { counted } from "~/words/money";

/** What recomputing a chain found, for whoever never heard of hashes. */
export function chainInWords(chain: Schemas["SoundnessShown"]): string {
  const { flaw, events } = chain;
  if (flaw !== null) {
    return `Not as it was recorded. Event ${flaw.version}: ${spelt(flaw.kind)}, ${flaw.detail}.`;
  }
  const [fault] = chain.seal_faults;
  if (fault !== undefined)
    return `Its events fit together, but a seal cannot be trusted: ${fault}.`;
  return `Nothing was altered: ${counted(events, "event")}, each linked to the one before${sealed(chain)}.`;
}

function sealed({ sealed, events, unaudited }: Schemas["SoundnessShown"]): string {
  const waiting = unaudited === 0 ? "" : `; ${counted(unaudited, "event")} not yet in the audit`;
  if (sealed === null) return `${waiting}; seals are kept and looked at apart`;
  if (sealed === 0) return `, not under a seal yet${waiting}`;
  if (sealed === events) return ", all of them under a seal";
  return `, the first ${sealed} under a seal${waiting}`;
}
