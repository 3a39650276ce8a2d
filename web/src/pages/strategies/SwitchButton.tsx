import { Button, Text } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useAction } from "~/api/action";
import { inWords } from "~/api/problem";
import type { Strategy } from "~/api/types";
import { ActivateModal } from "./ActivateModal";
import { DeactivateModal } from "./DeactivateModal";
import { draftOf } from "./draft";
import { activated } from "./saving";

/** Activate it, or deactivate it; each says first what happens. */
export function SwitchButton({ strategy }: { readonly strategy: Strategy }) {
  const client = useQueryClient();
  const [asked, setAsked] = useState(false);
  const close = () => setAsked(false);
  const action = useAction(
    (wished: Strategy, key: string) => activated(wished, key),
    () => {
      for (const view of ["strategies", "baskets", "schedule"]) {
        void client.invalidateQueries({ queryKey: [view] });
      }
    },
  );
  const active = strategy.status === "ACTIVE";
  return (
    <>
      <div>
        <Button
          size="compact-xs"
          variant="default"
          loading={action.isPending}
          aria-label={`${active ? "Deactivate" : "Activate"} ${strategy.name}`}
          onClick={() => setAsked(true)}
        >
          {active ? "Deactivate" : "Activate"}
        </Button>
        {action.error && (
          <Text size="xs" className="loss" role="alert">
            {inWords(action.error)}
          </Text>
        )}
      </div>
      {asked && active && <DeactivateModal strategy={strategy} onDone={close} />}
      {asked && !active && (
        <ActivateModal
          draft={draftOf(strategy)}
          strategy={strategy}
          home={{ kind: "there", basketId: strategy.basket_id }}
          onCancel={close}
          onConfirm={() => {
            close();
            action.mutate(strategy);
          }}
        />
      )}
    </>
  );
}
