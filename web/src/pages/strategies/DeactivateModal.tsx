import { Text } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { useAction } from "~/api/action";
import type { Strategy } from "~/api/types";
import { Confirm } from "~/parts/Confirm";
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
    <Confirm
      title={`Deactivate ${strategy.name}?`}
      verb="Deactivate"
      danger
      busy={action.isPending}
      failure={action.error}
      onConfirm={() => action.mutate(strategy.strategy_id)}
      onClose={onDone}
    >
      <Text size="sm">It enters no more. What is open goes on to its exit.</Text>
    </Confirm>
  );
}
