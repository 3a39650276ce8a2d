import { Button, Group, Modal, Table, Text } from "@mantine/core";
import { useState } from "react";
import type { Strategy } from "~/api/types";
import classes from "./builder.module.css";
import { differences } from "./differences";
import { draftOf } from "./draft";
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
  const found = differences(editing.draft, draftOf(theirs));
  return (
    <Modal opened onClose={onClose} size="lg" title="Yours beside what is stored">
      <section className={classes.table} aria-label="Differences">
        <Table>
          <Table.Thead>
            <Table.Tr>
              <Table.Th>Field</Table.Th>
              <Table.Th>Yours</Table.Th>
              <Table.Th>Stored, version {theirs.definition_version}</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {found.map(({ field, yours, theirs: other }) => (
              <Table.Tr key={field}>
                <Table.Th>{field}</Table.Th>
                <Table.Td>{yours}</Table.Td>
                <Table.Td>{other}</Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </section>
      {found.length === 0 && <Text size="sm">Both are the same.</Text>}
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
