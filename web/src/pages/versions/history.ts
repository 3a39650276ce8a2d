import type { Schemas } from "~/api/types";
import { countOf, difference } from "~/parts/difference/difference";
import { counted } from "~/words/money";

export type Version = Schemas["VersionShown"];

/** Two versions beside each other. */
export interface Pair {
  readonly before: Version;
  readonly after: Version;
}

/** What the address asks to compare; the newest with the one before it unless it says otherwise. */
export function pairOf(versions: readonly Version[], asked: URLSearchParams): Pair | undefined {
  const numbered = (name: string) =>
    versions.find((each) => each.version === Number(asked.get(name)));
  const after = numbered("to") ?? versions.at(-1);
  const before = numbered("from") ?? versions.at(-2);
  return before === undefined || after === undefined ? undefined : { before, after };
}

/** What a version changed, in a few words. */
export function summary(version: Version, before: Version | undefined): string {
  if (before === undefined) return "The first draft";
  const parts = difference(before, version);
  if (parts.length === 0) return "Says the same in other words";
  const number = countOf(parts);
  const where = parts.map((part) => part.title).join(", ");
  return `${where}: ${counted(number, "change")}`;
}
