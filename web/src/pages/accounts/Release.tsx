import { Button, Text, TextInput } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { useState } from "react";
import { useAction } from "~/api/action";
import { api, got } from "~/api/client";
import type { Account } from "~/api/types";
import { Confirm } from "~/parts/Confirm";
import { useAccountsChanged } from "./asking";

/** Let an account that was stopped trade again. */
export function Release({ account }: { readonly account: Account }) {
  const [open, { open: ask, close }] = useDisclosure(false);
  const [reason, setReason] = useState("");
  const changed = useAccountsChanged();
  const releasing = useAction(
    (why: string, key) =>
      got(
        api.POST("/accounts/{account_id}/release", {
          params: { path: { account_id: account.account_id }, header: { "idempotency-key": key } },
          body: { reason: why },
        }),
      ),
    () => {
      void changed();
      close();
    },
  );
  return (
    <>
      <Button
        size="xs"
        color="red"
        onClick={() => {
          releasing.reset();
          ask();
        }}
      >
        Let it trade again
      </Button>
      <Confirm
        open={open}
        title={`Let ${account.account_name} trade again?`}
        verb="Let it trade"
        busy={releasing.isPending}
        disabled={reason.trim() === ""}
        failure={releasing.error}
        onConfirm={() => releasing.mutate(reason)}
        onClose={close}
      >
        <Text size="sm">Strategies that are active enter again when they are next due.</Text>
        <TextInput
          label="Why"
          required
          value={reason}
          onChange={(event) => setReason(event.currentTarget.value)}
        />
      </Confirm>
    </>
  );
}
