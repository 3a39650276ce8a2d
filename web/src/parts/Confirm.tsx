import { Button, Group, Modal, Stack } from "@mantine/core";
import type { ReactNode } from "react";
import { Trouble } from "./Trouble";

interface Props {
  readonly open: boolean;
  readonly title: string;
  /** What will happen. */
  readonly children: ReactNode;
  /** The word on the button. */
  readonly yes: string;
  readonly grave?: boolean;
  readonly busy: boolean;
  readonly failure?: unknown;
  readonly onYes: () => void;
  readonly onClose: () => void;
}

/** Says what will happen, and asks whether it shall. */
export function Confirm(props: Props) {
  return (
    <Modal
      opened={props.open}
      onClose={props.onClose}
      title={props.title}
      closeButtonProps={{ "aria-label": "Close" }}
    >
      <Stack gap="md">
        {props.children}
        <Trouble of={props.failure} />
        <Group justify="flex-end">
          <Button variant="default" onClick={props.onClose}>
            Leave it
          </Button>
          <Button
            color={props.grave ? "red.9" : "cyan"}
            loading={props.busy}
            onClick={props.onYes}
            data-autofocus
          >
            {props.yes}
          </Button>
        </Group>
      </Stack>
    </Modal>
  );
}
