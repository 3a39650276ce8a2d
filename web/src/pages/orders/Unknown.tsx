import { Alert, Button, Group, NumberInput, Stack, Text, Textarea } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { IconHelpCircle } from "@tabler/icons-react";
import { useState } from "react";
import { useAction } from "~/api/action";
import { api, got } from "~/api/client";
import { Problem } from "~/api/problem";
import { useTrades } from "~/api/profile";
import type { Order } from "~/api/types";
import { Confirm } from "~/parts/Confirm";
import tones from "~/parts/trades/trades.module.css";
import { isEntry } from "./selection";

type Leg = Order["legs"][number];
type Slice = Leg["slices"][number];

interface Doubtful {
  readonly order: Order;
  readonly leg: Leg;
  readonly slice: Slice;
}

/** Orders of which nobody knows whether the broker has them, and the trader's word on each. */
export function Unknown({ order }: { readonly order: Order }) {
  const trades = useTrades();
  const doubtful = order.legs.flatMap((leg) =>
    leg.slices.flatMap((slice) => (slice.status === "UNKNOWN" ? [{ order, leg, slice }] : [])),
  );
  return (
    <Alert
      variant="default"
      className={tones.doubtful ?? ""}
      icon={<IconHelpCircle />}
      title="Nobody knows whether the broker has it"
    >
      <Stack gap="xs">
        <Text size="sm">
          The broker did not answer when this was sent. It is looked for in the broker's book by its
          tag, and is never sent again. Until that is settled the run takes no new risk; it is
          watched, and still exits. If it is not found, look at the broker's own terminal and say
          what you see.
        </Text>
        {trades && doubtful.map((each) => <Declaring key={each.slice.tag} {...each} />)}
      </Stack>
    </Alert>
  );
}

function Declaring(props: Doubtful) {
  const [absent, absence] = useDisclosure(false);
  const [filled, filling] = useDisclosure(false);
  return (
    <Group gap="xs">
      <Text size="sm" fw={600}>
        {props.leg.symbol}, {props.slice.qty} units
      </Text>
      <Button size="compact-sm" variant="default" onClick={absence.open}>
        The broker never had it…
      </Button>
      <Button size="compact-sm" variant="default" onClick={filling.open}>
        It has filled…
      </Button>
      {absent && <Absent {...props} onClose={absence.close} />}
      {filled && <Filled {...props} onClose={filling.close} />}
    </Group>
  );
}

type Asked = Doubtful & { readonly onClose: () => void };

function Absent({ order, slice, leg, onClose }: Asked) {
  const [why, setWhy] = useState("");
  const declare = useAction(
    (body: { tag: string; why: string }, key: string) =>
      got(
        api.POST("/orders/{order_id}/absent", {
          params: { path: { order_id: order.order_id }, header: { "idempotency-key": key } },
          body,
        }),
      ),
    onClose,
  );
  return (
    <Confirm
      title="The broker never had this order"
      verb="Say so"
      danger
      busy={declare.isPending}
      disabled={why.trim() === ""}
      failure={declare.error}
      onConfirm={() => declare.mutate({ tag: slice.tag, why })}
      onClose={onClose}
    >
      <Text size="sm">
        You have looked in the broker's order book for {leg.symbol} with the tag {slice.tag}, and it
        is not there. The run then counts it as never sent:{" "}
        {isEntry(order)
          ? "it gives the entry up and undoes what has filled. If it was there after all, its fills are undone as they are seen."
          : "what is missing is sent again. If it was there after all, you trade it twice."}
      </Text>
      <Why value={why} onChange={setWhy} />
    </Confirm>
  );
}

function Filled({ order, slice, leg, onClose }: Asked) {
  const [why, setWhy] = useState("");
  const [quantity, setQuantity] = useState<number | string>(slice.qty);
  const [average, setAverage] = useState<number | string>(slice.price);
  const declare = useAction(
    (body: { tag: string; why: string; quantity: number; average_price: number }, key: string) =>
      got(
        api.POST("/orders/{order_id}/filled", {
          params: { path: { order_id: order.order_id }, header: { "idempotency-key": key } },
          body,
        }),
      ),
    onClose,
  );
  const refused = declare.error instanceof Problem ? declare.error : undefined;
  const said = { tag: slice.tag, why, quantity: Number(quantity), average_price: Number(average) };
  return (
    <Confirm
      title="This order has filled"
      verb="Say so"
      danger
      busy={declare.isPending}
      disabled={why.trim() === "" || quantity === "" || average === ""}
      failure={refused?.faults.length ? null : declare.error}
      onConfirm={() => declare.mutate(said)}
      onClose={onClose}
    >
      <Text size="sm">
        You have seen {leg.symbol} with the tag {slice.tag} at the broker. So many units count as
        filled at that price, and no more of it will fill. The run goes on with them.
      </Text>
      <NumberInput
        label="Units that filled"
        min={1}
        max={slice.qty}
        allowDecimal={false}
        value={quantity}
        error={refused?.of("quantity")}
        onChange={setQuantity}
      />
      <NumberInput
        label="Average price, ₹"
        min={0.01}
        decimalScale={4}
        value={average}
        error={refused?.of("average_price")}
        onChange={setAverage}
      />
      <Why value={why} onChange={setWhy} />
    </Confirm>
  );
}

function Why({
  value,
  onChange,
}: {
  readonly value: string;
  readonly onChange: (value: string) => void;
}) {
  return (
    <Textarea
      label="What you have seen, and where"
      description="It is kept with the order for ever."
      maxLength={500}
      autosize
      minRows={2}
      value={value}
      onChange={(event) => onChange(event.currentTarget.value)}
    />
  );
}
