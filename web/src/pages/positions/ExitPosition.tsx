import { Button, List, Text } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { useQueryClient } from "@tanstack/react-query";
import { useAction } from "~/api/action";
import { api, got } from "~/api/client";
import type { Position, Schemas } from "~/api/types";
import { Confirm } from "~/parts/Confirm";
import { useNames } from "~/parts/trades/names";
import { contractWord, productOf } from "~/parts/trades/words";
import { count, counted } from "~/words/money";
import { alsoLeft, holders } from "./grouping";

interface Leaving {
  readonly position: Position;
  /** All of the account. */
  readonly positions: readonly Position[];
}

/** Leaves one position, once the trader has seen what leaves with it. */
export function ExitPosition({ position, positions }: Leaving) {
  const [asked, { open, close }] = useDisclosure(false);
  const client = useQueryClient();
  const word = contractWord(position.key, position.contract);
  const leave = useAction(
    (body: Schemas["PositionExit"], key: string) =>
      got(api.POST("/positions/exit", { params: { header: { "idempotency-key": key } }, body })),
    () => {
      void client.invalidateQueries({ queryKey: ["positions"] });
      close();
    },
  );
  return (
    <>
      <Button
        size="compact-xs"
        variant="default"
        aria-label={`Exit ${word}`}
        onClick={open}
        loading={leave.isPending}
      >
        Exit…
      </Button>
      {asked && (
        <Confirm
          title={`Exit ${word}?`}
          verb="Exit now"
          danger
          busy={leave.isPending}
          failure={leave.error}
          onConfirm={() => leave.mutate(sent(position))}
          onClose={close}
        >
          <WhatLeaves position={position} positions={positions} />
        </Confirm>
      )}
    </>
  );
}

function sent({ account_id, key, product }: Position): Schemas["PositionExit"] {
  return { account_id, key, product: productOf(product), detail: "" };
}

function WhatLeaves({ position, positions }: Leaving) {
  const names = useNames();
  const runs = holders(position);
  const others = alsoLeft(positions, position);
  if (runs.length === 0) {
    return (
      <Text size="sm">
        No run holds these {count(Math.abs(position.quantity))} units. A run is opened for them that
        trades them away now, at market prices.
      </Text>
    );
  }
  const who = runs.map((part) => names.strategy(part.strategy_id ?? "")).join(", ");
  return (
    <>
      <Text size="sm">
        {counted(runs.length, "run")} of {who} {runs.length === 1 ? "holds" : "hold"} it and{" "}
        {runs.length === 1 ? "leaves" : "leave"} whole, now, at market prices: shorts are bought
        back first, then the hedges are sold.
      </Text>
      {others.length > 0 && (
        <>
          <Text size="sm">With it go:</Text>
          <List size="sm">
            {others.map((each) => (
              <List.Item key={`${each.key} ${each.product}`}>
                {contractWord(each.key, each.contract)}, {count(each.quantity)} units
              </List.Item>
            ))}
          </List>
        </>
      )}
    </>
  );
}
