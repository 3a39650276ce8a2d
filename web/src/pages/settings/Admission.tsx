import { Text, TextInput } from "@mantine/core";
import { useState } from "react";
import { useAction } from "~/api/action";
import { api, got } from "~/api/client";
import { Confirm } from "~/parts/Confirm";
import { type User, useUsersChanged } from "./asking";

interface Props {
  readonly user: User;
  readonly open: boolean;
  readonly onClose: () => void;
}

/** Let a user sign in no more, or again. */
export function Admission({ user, open, onClose }: Props) {
  const [reason, setReason] = useState("");
  const active = user.status === "ACTIVE";
  const changed = useUsersChanged();
  const deciding = useAction(
    (why: string, key) => {
      const params = { path: { user_id: user.user_id }, header: { "idempotency-key": key } };
      return active
        ? got(api.POST("/users/{user_id}/disable", { params, body: { reason: why } }))
        : got(api.POST("/users/{user_id}/enable", { params }));
    },
    () => {
      void changed();
      onClose();
    },
  );
  return (
    <Confirm
      open={open}
      title={active ? `Disable ${user.email}?` : `Let ${user.email} in again?`}
      verb={active ? "Disable" : "Let them in"}
      danger={active}
      busy={deciding.isPending}
      failure={deciding.error}
      onConfirm={() => deciding.mutate(reason)}
      onClose={() => {
        deciding.reset();
        onClose();
      }}
    >
      <Text size="sm">
        {active
          ? "They are signed out at once and cannot sign in. Their runs go on to their exits."
          : "They sign in with the password they had."}
      </Text>
      {active && (
        <TextInput
          label="Why (optional)"
          value={reason}
          onChange={(event) => setReason(event.currentTarget.value)}
        />
      )}
    </Confirm>
  );
}
