import { Button, Text } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useNavigate } from "react-router";
import { useAction } from "~/api/action";
import { api, got } from "~/api/client";
import type { Basket } from "~/api/types";
import { Confirm } from "~/parts/Confirm";
import type { Edition } from "~/parts/draft";

/** Deletes a basket, once it was asked whether it shall; the platform refuses one that holds any. */
export function Delete({
  edition: { shown: basket, etag },
  onDeleting,
}: {
  readonly edition: Edition<Basket>;
  /** Told when it begins, and when it was refused. */
  readonly onDeleting: (deleting: boolean) => void;
}) {
  const [open, setOpen] = useState(false);
  const client = useQueryClient();
  const goTo = useNavigate();
  const action = useAction(
    (edition: string | null) => {
      const header = edition === null ? {} : { "if-match": edition };
      const params = { path: { basket_id: basket.basket_id }, header };
      return got(api.DELETE("/baskets/{basket_id}", { params }));
    },
    async () => {
      await goTo("/baskets", { replace: true });
      client.removeQueries({ queryKey: ["baskets", basket.basket_id] });
      void client.invalidateQueries({ queryKey: ["baskets", "list"] });
    },
  );
  return (
    <>
      <Button
        size="xs"
        variant="default"
        onClick={() => {
          action.reset();
          setOpen(true);
        }}
      >
        Delete
      </Button>
      <Confirm
        open={open}
        title={`Delete ${basket.name}?`}
        verb="Delete it"
        danger
        busy={action.isPending}
        failure={action.error}
        onConfirm={() => {
          onDeleting(true);
          action.mutate(etag, { onError: () => onDeleting(false) });
        }}
        onClose={() => setOpen(false)}
      >
        <Text size="sm">
          It is gone from your lists; its runs, orders and its own history stay and can be read. A
          basket that holds strategies is not deleted: delete them first.
        </Text>
      </Confirm>
    </>
  );
}
