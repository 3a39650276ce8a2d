import { Button, Group, Modal, Text } from "@mantine/core";
import { useFaults } from "./faults";

interface Asking {
  readonly name: string;
  readonly onCancel: () => void;
  readonly onConfirm: () => void;
}

/** An active strategy trades what is saved, without asking again. */
export function SaveActiveModal({ name, onCancel, onConfirm }: Asking) {
  const faults = useFaults().length;
  return (
    <Modal opened onClose={onCancel} title={`Save ${name} while it is active?`}>
      <Text size="sm" mb="md">
        {faults > 0
          ? "It has faults: once saved it is inactive, and enters no more until they are mended."
          : "Its next entry trades what you save."}{" "}
        What is open goes on as it was entered.
      </Text>
      <Group justify="flex-end">
        <Button variant="default" onClick={onCancel}>
          Go on editing
        </Button>
        <Button onClick={onConfirm} data-autofocus>
          Save it
        </Button>
      </Group>
    </Modal>
  );
}
