import { Button, List, Select, Text } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { IconPlayerPlay } from "@tabler/icons-react";
import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useAction } from "~/api/action";
import { api, got } from "~/api/client";
import { Confirm } from "~/parts/Confirm";
import { useBaskets, useNames, useStrategies } from "~/parts/trades/names";

/** Enter a strategy now, beside its schedule, once it was said what that means. */
export function StartNow() {
  const [open, { open: ask, close }] = useDisclosure(false);
  const [chosen, setChosen] = useState<string | null>(null);
  const strategies = useStrategies().data?.items ?? [];
  const client = useQueryClient();
  const starting = useAction(
    (strategyId: string, key) =>
      got(
        api.POST("/strategies/{strategy_id}/runs", {
          params: { path: { strategy_id: strategyId }, header: { "idempotency-key": key } },
        }),
      ),
    () => {
      void client.invalidateQueries({ queryKey: ["runs"] });
      close();
    },
  );
  return (
    <>
      <Button
        size="xs"
        variant="default"
        leftSection={<IconPlayerPlay size={15} />}
        onClick={() => {
          starting.reset();
          ask();
        }}
        disabled={strategies.length === 0}
      >
        Start a strategy now
      </Button>
      <Confirm
        open={open}
        title="Start a strategy now"
        verb="Enter now"
        busy={starting.isPending}
        disabled={chosen === null}
        failure={starting.error}
        onConfirm={() => chosen !== null && starting.mutate(chosen)}
        onClose={close}
      >
        <Select
          label="Strategy"
          placeholder="Choose one"
          data={strategies.map((each) => ({ value: each.strategy_id, label: each.name }))}
          value={chosen}
          onChange={setChosen}
          searchable
        />
        {chosen !== null && <WhatHappens strategyId={chosen} />}
      </Confirm>
    </>
  );
}

function WhatHappens({ strategyId }: { readonly strategyId: string }) {
  const names = useNames();
  const strategy = useStrategies().data?.items.find((each) => each.strategy_id === strategyId);
  const basket = useBaskets().data?.items.find((each) => each.basket_id === strategy?.basket_id);
  if (strategy === undefined || basket === undefined) return null;
  const targets = basket.targets.filter((target) => target.multiplier !== 0);
  return (
    <>
      <Text size="sm">
        It enters at once, at the market's prices and within each account's limits, with its{" "}
        {strategy.legs.length} legs:
      </Text>
      <List size="sm">
        {targets.length === 0 && <List.Item>on your account</List.Item>}
        {targets.map((target) => (
          <List.Item key={target.account_id}>
            on {names.account(target.account_id)}, ×{target.multiplier ?? 1}
          </List.Item>
        ))}
      </List>
      <Text size="sm">
        It leaves as it always does: at {strategy.schedule.exit_time} IST, at its limits, or when
        you say so. What is scheduled is entered besides.
      </Text>
    </>
  );
}
