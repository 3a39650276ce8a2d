import { useState } from "react";

/** Something shown, with the edition that a change of it has to name. */
export interface Edition<T> {
  readonly shown: T;
  readonly etag: string | null;
}

export interface Drafted<T> {
  /** What the draft was begun from. */
  readonly base: Edition<T>;
  readonly draft: T;
}

function same(one: unknown, other: unknown): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}

/** Whether anything was changed by hand. */
export function touched<T>({ base, draft }: Drafted<T>): boolean {
  return !same(draft, base.shown);
}

/** The draft when another edition is there: untouched it follows, and so it does where only others' parts changed. */
export function following<T>(held: Drafted<T>, latest: Edition<T>): Drafted<T> {
  if (held.base.etag === latest.etag) return held;
  if (!touched(held) || same(held.draft, latest.shown)) {
    return { base: latest, draft: latest.shown };
  }
  return same(held.base.shown, latest.shown) ? { base: latest, draft: held.draft } : held;
}

/** The names of what is not the same in both. */
export function differing<T extends object>(mine: T, theirs: T): readonly (keyof T)[] {
  return (Object.keys(mine) as (keyof T)[]).filter((name) => !same(mine[name], theirs[name]));
}

/** A form over something that others may change meanwhile: nothing of either is lost. */
export function useDraft<T extends object>(latest: Edition<T>) {
  const [kept, setKept] = useState<Drafted<T>>({ base: latest, draft: latest.shown });
  const held = following(kept, latest);
  if (held !== kept) setKept(held);
  return {
    draft: held.draft,
    etag: held.base.etag,
    touched: touched(held),
    /** Somebody changed it, while it was being changed here. */
    stale: held.base.etag !== latest.etag,
    change: (changes: Partial<T>) => setKept({ ...held, draft: { ...held.draft, ...changes } }),
    /** The platform took it: what it then shows is followed. */
    saved: () => setKept({ base: { ...held.base, shown: held.draft }, draft: held.draft }),
    keepMine: () => setKept({ base: latest, draft: held.draft }),
    takeTheirs: () => setKept({ base: latest, draft: latest.shown }),
  };
}
