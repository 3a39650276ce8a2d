import { ActionIcon, Alert, Loader, NumberInput, Text } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { IconPencil } from "@tabler/icons-react";
import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useAction } from "~/api/action";
import { api, gotEdition } from "~/api/client";
import { Problem } from "~/api/problem";
import type { Order } from "~/api/types";
import { Confirm } from "~/parts/Confirm";
import { price as priced } from "~/words/money";
import { useEdition } from "./reading";

type Leg = Order["legs"][number];
type Slice = Leg["slices"][number];

interface Moved {
  readonly order: Order;
  readonly leg: Leg;
  readonly slice: Slice;
}

/** A pencil beside the limit price of what is open at the broker. */
export function MovePrice(props: Moved) {
  const [asked, { open, close }] = useDisclosure(false);
  return (
    <>
      <ActionIcon
        variant="subtle"
        size="xs"
        ml={4}
        aria-label={`Change the limit of ${props.leg.symbol}`}
        onClick={open}
      >
        <IconPencil size={14} />
      </ActionIcon>
      {asked && <NewPrice {...props} onClose={close} />}
    </>
  );
}

function NewPrice({ order, leg, slice, onClose }: Moved & { readonly onClose: () => void }) {
  const client = useQueryClient();
  const begun = useEdition(order.order_id);
  const [wanted, setWanted] = useState<number | string>(slice.price);
  const move = useAction(
    ({ etag, price }: { etag: string | null; price: number }) =>
      gotEdition(
        api.PUT("/orders/{order_id}", {
          params: { path: { order_id: order.order_id }, header: { "if-match": etag } },
          body: { price, tag: slice.tag },
        }),
      ),
    ({ shown }) => {
      client.setQueryData(["orders", shown.order_id], shown);
      onClose();
    },
  );
  const refused = move.error instanceof Problem ? move.error : undefined;
  const stale = refused?.status === 412;
  const wrong = refused?.of("price");

  async function send(): Promise<void> {
    // After a refusal for staleness the trader has seen the newer order: this is about that one.
    const latest = stale ? (await begun.refetch()).data : begun.data;
    if (latest) move.mutate({ etag: latest.etag, price: Number(wanted) });
  }

  return (
    <Confirm
      title={`Change the limit of ${leg.symbol}`}
      verb={stale ? "Send mine all the same" : "Change it"}
      busy={move.isPending || begun.isFetching}
      disabled={wanted === "" || begun.data === undefined}
      failure={begun.error ?? (stale || wrong !== undefined ? null : move.error)}
      onConfirm={() => void send()}
      onClose={onClose}
    >
      {begun.isPending && <Loader size="xs" />}
      <Text size="sm">
        {leg.action === "BUY" ? "Buys" : "Sells"} {slice.qty - slice.filled_qty} units, now at{" "}
        {priced(slice.price)}. The order is moved at the broker; it keeps its place in your run.
      </Text>
      {stale && (
        <Alert color="yellow" role="alert" title="Somebody changed this order meanwhile">
          Its limit now is {priced(slice.price)}; yours is {priced(Number(wanted))}. Nothing was
          changed.
        </Alert>
      )}
      <NumberInput
        label="New limit price"
        description="₹ a unit, a multiple of the contract's tick"
        decimalScale={2}
        step={0.05}
        min={0.05}
        data-autofocus
        value={wanted}
        error={wrong}
        onChange={setWanted}
      />
    </Confirm>
  );
}
