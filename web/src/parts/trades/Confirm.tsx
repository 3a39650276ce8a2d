import { Alert, Button, Group, Modal, Stack } from "@mantine/core";
import type { ReactNode } from "react";
import { inWords } from "~/api/problem";

interface Confirmed {
  readonly title: string;
  /** What the button says that does it. */
  readonly verb: string;
  readonly danger?: boolean;
  readonly busy: boolean;
  readonly disabled?: boolean;
  readonly failure: unknown;
  readonly onConfirm: () => void;
  readonly onClose: () => void;
  readonly children: ReactNode;
}

/** Asks before something trades or stops trading, and says what will happen. */
export function Confirm(props: Confirmed) {
  return (
    <Modal
      opened
      onClose={props.onClose}
      title={props.title}
      closeButtonProps={{ "aria-label": "Close" }}
    >
      <form
        onSubmit={(event) => {
          event.preventDefault();
          props.onConfirm();
        }}
      >
        <Stack gap="sm">
          {props.children}
          {props.failure != null && (
            <Alert color="red" role="alert">
              {inWords(props.failure)}
            </Alert>
          )}
          <Group justify="flex-end" gap="xs">
            <Button variant="default" onClick={props.onClose}>
              Back
            </Button>
            <Button
              type="submit"
              color={props.danger ? "red" : "cyan"}
              loading={props.busy}
              disabled={props.disabled ?? false}
            >
              {props.verb}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
