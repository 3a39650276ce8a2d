import { Button, Group, Modal } from "@mantine/core";
import { useState } from "react";
import type { Strategy } from "~/api/types";
import { Difference } from "~/parts/difference/Difference";
import classes from "./builder.module.css";
import type { Editing } from "./useEditing";
import type { Saving } from "./useSaving";

interface Two {
  readonly editing: Editing;
  readonly saving: Saving;
}

/** Somebody stored another definition meanwhile: it is told, and nothing of either is lost. */
export function ChangedElsewhere({ editing, saving }: Two) {
  const [open, setOpen] = useState(false);
  const theirs = saving.theirs ?? (editing.overtaken ? editing.strategy : undefined);
  if (theirs === undefined) return null;
  const close = () => {
    setOpen(false);
    saving.forget();
  };
  return (
    <>
      <div className={classes.troubles} role="alert">
        <b>Changed elsewhere while you edit it.</b>
        Version {theirs.definition_version} was stored meanwhile; yours is not saved yet.
        <Button size="compact-xs" variant="default" onClick={() => setOpen(true)}>
          Compare
        </Button>
      </div>
      {(open || saving.theirs !== undefined) && (
        <Comparison
          editing={editing}
          theirs={theirs}
          busy={saving.busy}
          onClose={close}
          onKeepMine={() => {
            setOpen(false);
            saving.overwrite(theirs);
          }}
        />
      )}
    </>
  );
}

interface Compared {
  readonly editing: Editing;
  readonly theirs: Strategy;
  readonly busy: boolean;
  readonly onClose: () => void;
  readonly onKeepMine: () => void;
}

function Comparison({ editing, theirs, busy, onClose, onKeepMine }: Compared) {
  return (
    <Modal opened onClose={onClose} size="lg" title="Yours beside what is stored">
      <Difference
        before={theirs}
        after={editing.draft}
        was={`Stored, version ${theirs.definition_version}`}
        is="Yours"
        nothing="Both are the same."
      />
      <Group justify="flex-end" mt="md">
        <Button variant="default" onClick={onClose}>
          Go on editing
        </Button>
        <Button
          variant="default"
          onClick={() => {
            editing.restart(theirs);
            onClose();
          }}
        >
          Take the stored one
        </Button>
        <Button loading={busy} onClick={onKeepMine}>
          Save mine over it
        </Button>
      </Group>
    </Modal>
  );
}
