import { Button, Group, Modal, Stack } from "@mantine/core";
import type { ReactNode } from "react";
import { Trouble } from "./Trouble";

interface Props {
  /** Left out where it is only there while it is open. */
  readonly open?: boolean;
  readonly title: string;
  /** What will happen. */
  readonly children: ReactNode;
  /** What the button says that does it. */
  readonly verb: string;
  readonly danger?: boolean;
  readonly busy: boolean;
  /** While what it needs is not told yet. */
  readonly disabled?: boolean;
  readonly failure?: unknown;
  readonly onConfirm: () => void;
  readonly onClose: () => void;
}

/** Says what will happen, and asks whether it shall. */
export function Confirm({ open = true, danger = false, disabled = false, ...props }: Props) {
  return (
    <Modal opened={open} onClose={props.onClose} title={props.title}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          props.onConfirm();
        }}
      >
        <Stack gap="md">
          {props.children}
          <Trouble of={props.failure} />
          <Group justify="flex-end" gap="xs">
            <Button variant="default" onClick={props.onClose}>
              Back
            </Button>
            <Button
              type="submit"
              color={danger ? "red" : "cyan"}
              loading={props.busy}
              disabled={disabled}
              // What does harm is not one key away from the button that asked for it.
              data-autofocus={danger || disabled ? undefined : true}
            >
              {props.verb}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
