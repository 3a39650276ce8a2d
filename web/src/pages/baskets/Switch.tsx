import { Button, Text } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useAction } from "~/api/action";
import { api, got } from "~/api/client";
import { Problem } from "~/api/problem";
import type { Basket } from "~/api/types";
import { Confirm } from "~/parts/Confirm";
import { useAccounts } from "~/parts/trades/names";
import classes from "./baskets.module.css";
import { targetsWord } from "./draft";

function ask(basket: Basket, on: boolean, key: string): Promise<Basket> {
  const params = { path: { basket_id: basket.basket_id }, header: { "idempotency-key": key } };
  return got(
    on
      ? api.POST("/baskets/{basket_id}/activate", { params })
      : api.POST("/baskets/{basket_id}/deactivate", { params }),
  );
}

/** Lets a basket trade, or stops its entries; says first what that means. */
export function Switch({ basket }: { readonly basket: Basket }) {
  const [open, setOpen] = useState(false);
  const client = useQueryClient();
  const on = basket.status !== "ACTIVE";
  const action = useAction(
    (activate: boolean, key) => ask(basket, activate, key),
    () => {
      setOpen(false);
      void client.invalidateQueries({ queryKey: ["baskets"] });
    },
  );
  return (
    <>
      <Button
        size="xs"
        variant={on ? "filled" : "default"}
        onClick={() => {
          action.reset();
          setOpen(true);
        }}
      >
        {on ? "Activate" : "Deactivate"}
      </Button>
      <Confirm
        open={open}
        title={`${on ? "Activate" : "Deactivate"} ${basket.name}?`}
        verb={on ? "Activate it" : "Deactivate it"}
        busy={action.isPending}
        failure={action.error}
        onConfirm={() => action.mutate(on)}
        onClose={() => setOpen(false)}
      >
        {on ? <Starts basket={basket} /> : <Stops />}
        <Faults of={action.error} />
      </Confirm>
    </>
  );
}

function Starts({ basket }: { readonly basket: Basket }) {
  const accounts = useAccounts().data?.items ?? [];
  return (
    <Text size="sm">
      From now on each active strategy of this basket enters by itself at its times, on{" "}
      {targetsWord(basket.targets, accounts)}. Strategies that are drafts or inactive stay still.
    </Text>
  );
}

function Stops() {
  return (
    <Text size="sm">
      No strategy of this basket enters any more. What is open stays open, is watched as before and
      leaves at its own time; to leave at once, exit its runs or use the kill switch.
    </Text>
  );
}

function Faults({ of }: { readonly of: unknown }) {
  if (!(of instanceof Problem) || of.faults.length === 0) return null;
  return (
    <ul className={classes.faults}>
      {of.faults.map((fault) => (
        <li key={`${fault.field} ${fault.code}`}>{fault.message}</li>
      ))}
    </ul>
  );
}
