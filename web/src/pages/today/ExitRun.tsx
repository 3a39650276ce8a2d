import { Button, List, Text, TextInput } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useAction } from "~/api/action";
import { api, got } from "~/api/client";
import type { Run } from "~/api/types";
import { Confirm } from "~/parts/Confirm";
import { useNames } from "~/parts/trades/names";
import { count } from "~/words/money";
import { Money } from "./Money";

/** Leave a run now, once it was said what that means. */
export function ExitRun({ run, gross }: { readonly run: Run; readonly gross: number | null }) {
  const [open, { open: ask, close }] = useDisclosure(false);
  const [detail, setDetail] = useState("");
  const client = useQueryClient();
  const names = useNames();
  const name = names.strategy(run.strategy_id);
  const leaving = useAction(
    (why: string, key) =>
      got(
        api.POST("/runs/{run_id}/exit", {
          params: { path: { run_id: run.run_id }, header: { "idempotency-key": key } },
          body: { detail: why },
        }),
      ),
    () => {
      void client.invalidateQueries({ queryKey: ["runs"] });
      close();
    },
  );
  const gone = run.stage === "EXITING";
  return (
    <>
      <Button
        size="compact-sm"
        variant="default"
        disabled={gone}
        onClick={() => {
          leaving.reset();
          ask();
        }}
        aria-label={`${gone ? "Leaving" : "Exit now"}: ${name} on ${names.account(run.account_id)}`}
      >
        {gone ? "Leaving" : "Exit now"}
      </Button>
      <Confirm
        open={open}
        title={`Exit ${name} now?`}
        verb="Exit now"
        danger
        busy={leaving.isPending}
        failure={leaving.error}
        onConfirm={() => leaving.mutate(detail)}
        onClose={close}
      >
        <Text size="sm">
          Its orders are cancelled; shorts are bought back first, then what covers them is sold, at
          the market's prices. It stands at <Money of={gross} /> before charges.
        </Text>
        {run.stage === "ENTERING" && (
          <Text size="sm">It is still entering: of these, what has filled by then is left.</Text>
        )}
        <List size="sm">
          {run.legs.map((leg) => (
            <List.Item key={leg.symbol}>
              {leg.action === "SELL" ? "Buy back" : "Sell"} {count(leg.qty)} {leg.symbol}
            </List.Item>
          ))}
        </List>
        <TextInput
          label="Why (optional, kept with the exit)"
          maxLength={500}
          value={detail}
          onChange={(event) => setDetail(event.currentTarget.value)}
        />
      </Confirm>
    </>
  );
}
