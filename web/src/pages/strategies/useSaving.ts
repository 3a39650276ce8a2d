import { notifications } from "@mantine/notifications";
import { useQueryClient } from "@tanstack/react-query";
import { type RefObject, useRef, useState } from "react";
import { useLocation, useNavigate } from "react-router";
import { useAction } from "~/api/action";
import { Problem } from "~/api/problem";
import type { Strategy } from "~/api/types";
import { draftOf } from "./draft";
import { EditedMeanwhile, type Home, type Made, type Saved, save, type Wish } from "./saving";
import type { Editing } from "./useEditing";

export interface Saving {
  readonly send: (activate: boolean) => void;
  /** Put these words in the place of what somebody else stored meanwhile. */
  readonly overwrite: (theirs: Strategy) => void;
  readonly busy: boolean;
  readonly error: Error | null;
  /** Why it is saved but not active. */
  readonly told: Problem | undefined;
  readonly theirs: Strategy | undefined;
  readonly forget: () => void;
  /** This page is left on purpose: nothing is lost. */
  readonly leaving: RefObject<boolean>;
}

/** Saving, with what comes of it: the page of what was made, and words for what was refused. */
export function useSaving(editing: Editing, home: Home): Saving {
  const client = useQueryClient();
  const navigate = useNavigate();
  const made = useRef<Made>(new Map());
  const leaving = useRef(false);
  const [told, setTold] = useState<Problem | undefined>(useRefusedBefore());

  function done({ strategy, refused }: Saved, wish: Wish): void {
    client.setQueryData(["strategies", strategy.strategy_id], strategy);
    for (const view of ["strategies", "baskets", "schedule"]) {
      void client.invalidateQueries({ queryKey: [view] });
    }
    if (refused === undefined) announce(strategy.name, wish.activate);
    if (wish.base !== undefined) {
      editing.restart(strategy);
      setTold(refused);
      return;
    }
    leaving.current = true;
    const state = refused && { refused: { status: refused.status, detail: refused.message } };
    void navigate(`/strategies/${strategy.strategy_id}`, { replace: true, state });
  }

  const action = useAction((wish: Wish, key: string) => save(wish, key, made.current), done);
  const { draft, base } = editing;
  const overtaken = action.error instanceof EditedMeanwhile ? action.error : undefined;
  return {
    send: (activate) => action.mutate({ draft, activate, ...(base ? { base } : { home }) }),
    overwrite: (theirs) => {
      const over = { ...theirs, draft: draftOf(theirs) };
      action.mutate({ draft, activate: false, base: over });
    },
    busy: action.isPending,
    error: overtaken ? null : action.error,
    told,
    theirs: overtaken?.theirs,
    forget: action.reset,
    leaving,
  };
}

function announce(name: string, active: boolean): void {
  const title = active ? "Active" : "Saved";
  const message = active ? `${name} enters at its next time.` : name;
  notifications.show({ title, message, color: "green" });
}

/** What the page before this one was refused, as a strategy was made there. */
function useRefusedBefore(): Problem | undefined {
  const state: unknown = useLocation().state;
  if (typeof state !== "object" || state === null || !("refused" in state)) return undefined;
  const { status, detail } = state.refused as { status: number; detail: string };
  return new Problem(status, { detail });
}
