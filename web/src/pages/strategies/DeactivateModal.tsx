import { Alert, Button, Group, Modal, Text } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { useAction } from "~/api/action";
import { inWords } from "~/api/problem";
import type { Strategy } from "~/api/types";
import { deactivated } from "./saving";

interface Asking {
  readonly strategy: Strategy;
  readonly onDone: () => void;
}

/** What stops, and what does not. */
export function DeactivateModal({ strategy, onDone }: Asking) {
  const client = useQueryClient();
  const action = useAction(
    (strategyId: string, key: string) => deactivated(strategyId, key),
    (stored) => {
      client.setQueryData(["strategies", stored.strategy_id], stored);
      void client.invalidateQueries({ queryKey: ["strategies"] });
      onDone();
    },
  );
  return (
    <Modal opened onClose={onDone} title={`Deactivate ${strategy.name}?`}>
      <Text size="sm" mb="md">
        It enters no more. What is open goes on to its exit.
      </Text>
      {action.error && (
        <Alert color="red" mb="sm">
          {inWords(action.error)}
        </Alert>
      )}
      <Group justify="flex-end">
        <Button variant="default" onClick={onDone}>
          Leave it active
        </Button>
        <Button
          color="red"
          loading={action.isPending}
          onClick={() => action.mutate(strategy.strategy_id)}
        >
          Deactivate
        </Button>
      </Group>
    </Modal>
  );
}
