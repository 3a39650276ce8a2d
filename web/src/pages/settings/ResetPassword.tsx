import { Button, Group, Modal, Text } from "@mantine/core";
import { useAction } from "~/api/action";
import { api, got } from "~/api/client";
import { Confirm } from "~/parts/Confirm";
import { type User, useUsersChanged } from "./asking";
import { OneTime } from "./OneTime";

interface Props {
  readonly user: User;
  readonly open: boolean;
  readonly onClose: () => void;
}

/** A new one-time password for somebody who lost theirs, or their authenticator. */
export function ResetPassword({ user, open, onClose }: Props) {
  const changed = useUsersChanged();
  const resetting = useAction(
    (_: undefined, key) =>
      got(
        api.POST("/users/{user_id}/reset-password", {
          params: { path: { user_id: user.user_id }, header: { "idempotency-key": key } },
        }),
      ),
    () => void changed(),
  );
  function close(): void {
    resetting.reset(); // the password is forgotten here, too
    onClose();
  }
  if (resetting.data !== undefined) {
    return (
      <Modal opened={open} onClose={close} title={`One-time password of ${user.email}`}>
        <OneTime password={resetting.data.one_time_password} />
        <Group justify="flex-end" mt="md">
          <Button onClick={close}>Done</Button>
        </Group>
      </Modal>
    );
  }
  return (
    <Confirm
      open={open}
      title={`Reset the password of ${user.email}?`}
      verb="Reset it"
      danger
      busy={resetting.isPending}
      failure={resetting.error}
      onConfirm={() => resetting.mutate(undefined)}
      onClose={close}
    >
      <Text size="sm">
        Their password and authenticator are good no more, and every session of theirs ends. Their
        strategies and runs go on.
      </Text>
    </Confirm>
  );
}
