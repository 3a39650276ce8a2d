import { Button, Group, Modal, Text } from "@mantine/core";
import { type RefObject, useCallback, useEffect } from "react";
import { type BlockerFunction, useBlocker } from "react-router";

interface Guard {
  readonly leaving: RefObject<boolean>;
}

function addressOf({ pathname, search }: { pathname: string; search: string }): string {
  return pathname + search;
}

/** Asks before what was not saved is lost: there only while something is not. */
export function LeaveGuard({ leaving }: Guard) {
  const blocks: BlockerFunction = useCallback(
    ({ currentLocation, nextLocation }) =>
      !leaving.current && addressOf(currentLocation) !== addressOf(nextLocation),
    [leaving],
  );
  const blocker = useBlocker(blocks);
  useEffect(() => {
    const ask = (event: BeforeUnloadEvent) => event.preventDefault();
    window.addEventListener("beforeunload", ask);
    return () => window.removeEventListener("beforeunload", ask);
  }, []);
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
