import { Button, Group, Modal, Text } from "@mantine/core";
import { type RefObject, useCallback, useEffect } from "react";
import { type BlockerFunction, useBlocker } from "react-router";

interface Guard {
  readonly dirty: boolean;
  readonly leaving: RefObject<boolean>;
}

function addressOf({ pathname, search }: { pathname: string; search: string }): string {
  return pathname + search;
}

/** Asks before what was not saved is lost. */
export function LeaveGuard({ dirty, leaving }: Guard) {
  const blocks: BlockerFunction = useCallback(
    ({ currentLocation, nextLocation }) =>
      dirty && !leaving.current && addressOf(currentLocation) !== addressOf(nextLocation),
    [dirty, leaving],
  );
  const blocker = useBlocker(blocks);
  useEffect(() => {
    if (!dirty) return;
    const ask = (event: BeforeUnloadEvent) => event.preventDefault();
    window.addEventListener("beforeunload", ask);
    return () => window.removeEventListener("beforeunload", ask);
  }, [dirty]);
  if (blocker.state !== "blocked") return null;
  return (
    <Modal opened onClose={() => blocker.reset()} title="Leave without saving?">
      <Text size="sm" mb="md">
        What you changed here is not saved.
      </Text>
      <Group justify="flex-end">
        <Button variant="default" onClick={() => blocker.proceed()}>
          Leave
        </Button>
        <Button onClick={() => blocker.reset()}>Stay</Button>
      </Group>
    </Modal>
  );
}
