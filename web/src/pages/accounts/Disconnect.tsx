import { Text } from "@mantine/core";
import { useAction } from "~/api/action";
import { api, got } from "~/api/client";
import { Problem } from "~/api/problem";
import type { Account } from "~/api/types";
import { brokerName } from "~/parts/account";
import { Confirm } from "~/parts/Confirm";
import { useAccountsChanged } from "./asking";

interface Props {
  readonly account: Account;
  readonly open: boolean;
  readonly onClose: () => void;
}

/** End the session at the broker; asked twice where runs are open. */
export function Disconnect({ account, open, onClose }: Props) {
  const changed = useAccountsChanged();
  const leaving = useAction(
    (force: boolean, key) =>
      got(
        api.POST("/users/{user_id}/broker-accounts/{account_id}/disconnect", {
          params: {
            path: { user_id: account.user_id, account_id: account.account_id },
            header: { "idempotency-key": key },
          },
          body: { force },
        }),
      ),
    () => {
      void changed();
      onClose();
    },
  );
  const held = leaving.error instanceof Problem && leaving.error.code === "open-runs";
  return (
    <Confirm
      open={open}
      title={`Log out of ${account.account_name}?`}
      verb={held ? "Log out all the same" : "Log out"}
      danger
      busy={leaving.isPending}
      failure={leaving.error}
      onConfirm={() => leaving.mutate(held)}
      onClose={() => {
        leaving.reset();
        onClose();
      }}
    >
      <Text size="sm">
        The session ends here and at {brokerName(account.broker)}. Nothing is entered or left on
        this account until you log in again.
      </Text>
      {held && (
        <Text size="sm" fw={600}>
          Their stops and exits would not work meanwhile.
        </Text>
      )}
    </Confirm>
  );
}
