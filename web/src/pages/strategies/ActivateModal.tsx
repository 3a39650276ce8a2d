import { Button, Group, List, Modal, Text } from "@mantine/core";
import type { Basket, Strategy } from "~/api/types";
import { useAccounts, useBaskets, useMembers } from "~/parts/trades/names";
import { count } from "~/words/money";
import { istDay, istMinute } from "~/words/time";
import { useDays } from "./asking";
import type { Draft } from "./draft";
import type { Fault } from "./faults";
import type { Home } from "./saving";

interface Asking {
  readonly draft: Draft;
  readonly strategy: Strategy | undefined;
  readonly home: Home;
  readonly busy?: boolean;
  readonly onCancel: () => void;
  readonly onConfirm: () => void;
}

/** What happens once it is active, before it is. */
export function ActivateModal({ draft, strategy, home, busy, onCancel, onConfirm }: Asking) {
  const days = useDays(draft).data;
  const basket = useBasketOf(home);
  const faults = days?.faults ?? [];
  if (faults.length > 0) return <NotYet name={draft.name} faults={faults} onCancel={onCancel} />;
  return (
    <Modal opened onClose={onCancel} title={`Activate ${draft.name}?`}>
      <Text size="sm">{firstEntry(days?.next_due)}</Text>
      <List size="sm" my="sm" spacing={4}>
        <List.Item>
          <Accounts home={home} basket={basket} />
        </List.Item>
        {home.kind === "new" && (
          <List.Item>
            The basket <b>{home.name}</b> is made and activated.
          </List.Item>
        )}
        {basket && basket.status !== "ACTIVE" && (
          <List.Item>
            <Others basket={basket} but={strategy} />
          </List.Item>
        )}
        <List.Item>
          Each entry is sent without asking again, until you deactivate it or the kill switch is
          pulled.
        </List.Item>
      </List>
      <Group justify="flex-end">
        <Button variant="default" onClick={onCancel}>
          Not now
        </Button>
        <Button loading={busy ?? false} onClick={onConfirm} data-autofocus>
          Activate
        </Button>
      </Group>
    </Modal>
  );
}

interface Wrong {
  readonly name: string;
  readonly faults: readonly Fault[];
  readonly onCancel: () => void;
}

/** What has to be mended first. */
function NotYet({ name, faults, onCancel }: Wrong) {
  return (
    <Modal opened onClose={onCancel} title={`${name} cannot be activated yet`}>
      <List size="sm" mb="md" spacing={4}>
        {faults.map((fault) => (
          <List.Item key={fault.field + fault.code}>{fault.message}</List.Item>
        ))}
      </List>
      <Group justify="flex-end">
        <Button onClick={onCancel}>Mend it</Button>
      </Group>
    </Modal>
  );
}

function firstEntry(due: string | null | undefined): string {
  if (due == null) return "It enters at its times, on the days of its schedule.";
  return `It enters for the first time on ${istDay(due)} at ${istMinute(due)} IST.`;
}

function useBasketOf(home: Home): Basket | undefined {
  const { data } = useBaskets();
  if (home.kind === "new") return undefined;
  return data?.items.find((each) => each.basket_id === home.basketId);
}

interface Where {
  readonly home: Home;
  readonly basket: Basket | undefined;
}

function Accounts({ home, basket }: Where) {
  const names = new Map(
    (useAccounts().data?.items ?? []).map((each) => [each.account_id, each.account_name]),
  );
  const targets =
    home.kind === "new"
      ? home.accounts.map((account_id) => ({ account_id, multiplier: 1 }))
      : (basket?.targets ?? []);
  if (targets.length === 0) return <>It trades on your only account.</>;
  const told = targets.map(
    ({ account_id, multiplier }) =>
      `${names.get(account_id) ?? account_id} ×${count(multiplier ?? 1)}`,
  );
  return (
    <>
      It trades on <b>{told.join(", ")}</b>.
    </>
  );
}

/** An inactive basket holds its other strategies back: with it they enter, too. */
function Others({ basket, but }: { readonly basket: Basket; readonly but: Strategy | undefined }) {
  const there = useMembers(basket.basket_id).data?.items ?? [];
  const others = there.filter(
    (each) => each.status === "ACTIVE" && each.strategy_id !== but?.strategy_id,
  );
  return (
    <>
      Its basket <b>{basket.name}</b> is activated with it
      {others.length > 0 && (
        <>
          , and so these enter at their times, too: <b>{others.map((o) => o.name).join(", ")}</b>
        </>
      )}
      .
    </>
  );
}
