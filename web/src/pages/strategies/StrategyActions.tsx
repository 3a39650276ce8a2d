import { Button } from "@mantine/core";
import { useState } from "react";
import { ActivateModal } from "./ActivateModal";
import classes from "./builder.module.css";
import { DeactivateModal } from "./DeactivateModal";
import { MoreActions } from "./MoreActions";
import { SaveActiveModal } from "./SaveActiveModal";
import type { Editing } from "./useEditing";
import type { HomeShown } from "./useHome";
import type { Saving } from "./useSaving";

interface Acting {
  readonly editing: Editing;
  readonly saving: Saving;
  readonly home: HomeShown;
}

/** Save, activate, and the rest. */
export function StrategyActions({ editing, saving, home }: Acting) {
  const { strategy, dirty } = editing;
  const [asked, setAsked] = useState<"on" | "off" | "save">();
  const active = strategy?.status === "ACTIVE";
  const changed = strategy === undefined || dirty;
  return (
    <div className={classes.buttons}>
      {strategy && <MoreActions strategy={strategy} leaving={saving.leaving} />}
      {active && (
        <Button size="xs" variant="default" onClick={() => setAsked("off")}>
          Deactivate
        </Button>
      )}
      <Button
        size="xs"
        variant={active ? "filled" : "default"}
        disabled={!changed}
        loading={saving.busy}
        onClick={() => (active ? setAsked("save") : saving.send(false))}
      >
        Save
      </Button>
      {!active && (
        <Button size="xs" loading={saving.busy} onClick={() => setAsked("on")}>
          {changed ? "Save and activate" : "Activate"}
        </Button>
      )}
      {asked === "on" && (
        <ActivateModal
          draft={editing.draft}
          strategy={strategy}
          home={strategy ? { kind: "there", basketId: strategy.basket_id } : home.home}
          onCancel={() => setAsked(undefined)}
          onConfirm={() => {
            setAsked(undefined);
            saving.send(true);
          }}
        />
      )}
      {asked === "save" && (
        <SaveActiveModal
          name={editing.draft.name}
          onCancel={() => setAsked(undefined)}
          onConfirm={() => {
            setAsked(undefined);
            saving.send(false);
          }}
        />
      )}
      {asked === "off" && strategy && (
        <DeactivateModal strategy={strategy} onDone={() => setAsked(undefined)} />
      )}
    </div>
  );
}
