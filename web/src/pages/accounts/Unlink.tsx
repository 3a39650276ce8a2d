import { Text } from "@mantine/core";
import { useNavigate } from "react-router";
import { useAction } from "~/api/action";
import { api, got } from "~/api/client";
import type { Account } from "~/api/types";
import { Confirm } from "~/parts/Confirm";
import { useAccountsChanged } from "./asking";

interface Props {
  readonly account: Account;
  readonly etag: string | null;
  readonly open: boolean;
  readonly onClose: () => void;
}

/** Trade here no more, and forget the secrets. */
export function Unlink({ account, etag, open, onClose }: Props) {
  const changed = useAccountsChanged();
  const go = useNavigate();
  const unlinking = useAction(
    () =>
      got(
        api.DELETE("/users/{user_id}/broker-accounts/{account_id}", {
          params: {
            path: { user_id: account.user_id, account_id: account.account_id },
            header: { "if-match": etag },
          },
        }),
      ),
    () => {
      void go("/accounts");
      void changed();
    },
  );
  return (
    <Confirm
      open={open}
      title={`Unlink ${account.account_name}?`}
      verb="Unlink it"
      danger
      busy={unlinking.isPending}
      failure={unlinking.error}
      onConfirm={() => unlinking.mutate(undefined)}
      onClose={() => {
        unlinking.reset();
        onClose();
      }}
    >
      <Text size="sm">
        Its session ends and its keys are forgotten; baskets that name it trade there no more. What
        happened on it stays in the audit. It is refused while runs are open.
      </Text>
    </Confirm>
  );
}
