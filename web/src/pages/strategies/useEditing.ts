import { useCallback, useMemo } from "react";
import type { Strategy } from "~/api/types";
import { Unsaved } from "~/api/unsaved";
import { useUnsaved } from "~/parts/unsaved";
import type { Edit } from "./Builder";
import { type Draft, draftOf, same } from "./draft";
import type { Base } from "./saving";

export interface Editing {
  readonly draft: Draft;
  readonly edit: Edit;
  /** What is stored now; undefined for a new strategy. */
  readonly strategy: Strategy | undefined;
  /** What was stored when this editing began. */
  readonly base: Base | undefined;
  readonly dirty: boolean;
  /** Somebody stored another definition while this one is edited. */
  readonly overtaken: boolean;
  /** Go on from what is stored, with these words in the fields. */
  readonly restart: (stored: Strategy, draft?: Draft) => void;
}

interface Edited {
  readonly draft: Draft;
  readonly base: Base | undefined;
}

const EDITED = new Unsaved<Edited>();

function baseOf(strategy: Strategy): Base {
  const { strategy_id, edition } = strategy;
  return { strategy_id, edition, draft: draftOf(strategy) };
}

/** A draft beside what is stored: nothing typed is lost when the other moves on. */
export function useEditing(first: Draft, strategy: Strategy | undefined): Editing {
  const [{ draft, base }, set] = useUnsaved(EDITED, () => ({
    draft: first,
    base: strategy && baseOf(strategy),
  }));
  const edit: Edit = useCallback(
    (change) => set((now) => ({ ...now, draft: change(now.draft) })),
    [set],
  );
  const stored = useMemo(() => strategy && draftOf(strategy), [strategy]);
  const dirty = base === undefined ? !same(draft, first) : !same(draft, base.draft);
  const other = base !== undefined && stored !== undefined && !same(stored, base.draft);
  const restart = useCallback(
    (now: Strategy, words?: Draft) => set({ draft: words ?? draftOf(now), base: baseOf(now) }),
    [set],
  );

  // What nobody touched here follows what is stored; so does what was stored just as it is here, as
  // by this page, which may hear of that before its own answer.
  const agreed = stored !== undefined && same(stored, draft);
  if (strategy !== undefined && other && (!dirty || agreed) && strategy.edition > base.edition) {
    restart(strategy);
  }
  return { draft, edit, strategy, base, dirty, overtaken: other && dirty && !agreed, restart };
}
