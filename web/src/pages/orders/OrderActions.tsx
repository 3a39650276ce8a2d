import { Button, Text } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { useQueryClient } from "@tanstack/react-query";
import { useAction } from "~/api/action";
import { api, got } from "~/api/client";
import type { Order, Run } from "~/api/types";
import { Confirm } from "~/parts/Confirm";
import { useNames } from "~/parts/trades/names";
import { useRun } from "./reading";
import { isEntry, isWorking } from "./selection";

/** What can be asked of an order and of its run now. */
export function OrderActions({ order }: { readonly order: Order }) {
  const { data: run } = useRun(order.run_id);
  if (run === undefined || run.stage === "CLOSED" || run.stage === "SKIPPED") return null;
  const cancels = isEntry(order) && isWorking(order.status) && run.stage === "ENTERING";
  return (
    <>
      {cancels && <CancelEntry order={order} />}
      {run.stage === "OPEN" && <LeaveRun run={run} />}
    </>
  );
}

function CancelEntry({ order }: { readonly order: Order }) {
  const [asked, { open, close }] = useDisclosure(false);
  const client = useQueryClient();
  const cancel = useAction(
    (orderId: string, key: string) =>
      got(
        api.POST("/orders/{order_id}/cancel", {
          params: { path: { order_id: orderId }, header: { "idempotency-key": key } },
        }),
      ),
    (after) => {
      client.setQueryData(["orders", after.order_id], after);
      close();
    },
  );
  return (
    <>
      <Button size="compact-sm" color="red" variant="outline" onClick={open}>
        Cancel the entry…
      </Button>
      {asked && (
        <Confirm
          title="Cancel this entry?"
          verb="Cancel the entry"
          danger
          busy={cancel.isPending}
          failure={cancel.error}
          onConfirm={() => cancel.mutate(order.order_id)}
          onClose={close}
        >
          <Text size="sm">
            What is still open at the broker is cancelled. What has filled is undone: shorts are
            bought back first, then the hedges are sold. The strategy does not enter again for this
            time.
          </Text>
        </Confirm>
      )}
    </>
  );
}

function LeaveRun({ run }: { readonly run: Run }) {
  const [asked, { open, close }] = useDisclosure(false);
  const names = useNames();
  const leave = useAction(
    (runId: string, key: string) =>
      got(
        api.POST("/runs/{run_id}/exit", {
          params: { path: { run_id: runId }, header: { "idempotency-key": key } },
          body: { detail: "" },
        }),
      ),
    close,
  );
  return (
    <>
      <Button size="compact-sm" color="red" variant="outline" onClick={open}>
        Exit the run…
      </Button>
      {asked && (
        <Confirm
          title="Exit this run?"
          verb="Exit now"
          danger
          busy={leave.isPending}
          failure={leave.error}
          onConfirm={() => leave.mutate(run.run_id)}
          onClose={close}
        >
          <Text size="sm">
            All {run.legs.length} legs of {names.strategy(run.strategy_id)} on{" "}
            {names.account(run.account_id)} are left now, at market prices: shorts are bought back
            first, then the hedges are sold.
          </Text>
        </Confirm>
      )}
    </>
  );
}
