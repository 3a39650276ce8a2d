const PLATFORM: Readonly<Record<string, string>> = {
  schedule: "The schedule",
  system: "The platform",
  platform: "The platform",
  "kill-switch": "The kill switch",
  reconciliation: "The comparison with the broker",
  listing: "The exchange's listing",
};

/** Who did it, as the one who looks would say. */
export function actorName(actor: string, me: string | undefined): string {
  if (actor === me) return "You";
  return PLATFORM[actor] ?? actor;
}
