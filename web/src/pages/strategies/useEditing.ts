import { useCallback, useMemo, useState } from "react";
import type { Strategy } from "~/api/types";
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

function baseOf(strategy: Strategy): Base {
  const { strategy_id, edition } = strategy;
  return { strategy_id, edition, draft: draftOf(strategy) };
}

/** A draft beside what is stored: nothing typed is lost when the other moves on. */
export function useEditing(first: Draft, strategy: Strategy | undefined): Editing {
  const [draft, setDraft] = useState(first);
  const [base, setBase] = useState(() => strategy && baseOf(strategy));
  const edit: Edit = useCallback((change) => setDraft(change), []);
  const stored = useMemo(() => strategy && draftOf(strategy), [strategy]);
  const dirty = base === undefined ? !same(draft, first) : !same(draft, base.draft);
  const other = base !== undefined && stored !== undefined && !same(stored, base.draft);
  const restart = useCallback((now: Strategy, words?: Draft) => {
    setBase(baseOf(now));
    setDraft(words ?? draftOf(now));
  }, []);

  // What nobody touched here follows what is stored.
  if (strategy !== undefined && other && !dirty && strategy.edition > base.edition) {
    restart(strategy);
  }
  return { draft, edit, strategy, base, dirty, overtaken: other && dirty, restart };
}
