import { Button, Text } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { useAction } from "~/api/action";
import { api, got } from "~/api/client";
import { inWords } from "~/api/problem";
import { useTrades } from "~/api/profile";
import type { Account, Schemas } from "~/api/types";
import { unexplained } from "~/parts/account";
import { Dot, type DotTone } from "~/parts/Dot";
import { counted } from "~/words/money";
import { istMoment } from "~/words/time";
import type { Drift } from "./drift";
import classes from "./positions.module.css";

const OUTCOMES: Readonly<Record<Schemas["Outcome"], string>> = {
  AGREES: "Compared just now: both agree.",
  DIFFERS: "Compared just now: they differ.",
  AGAIN: "Orders filled while it was read. Compare again.",
  SILENT: "The broker cannot be read now.",
};

/** Whether the broker has what we know of, since when, and a look at it now. */
export function Comparing({ account }: { readonly account: Account }) {
  const trades = useTrades();
  const client = useQueryClient();
  const compare = useAction(
    (accountId: string, key: string) =>
      got(
        api.POST("/accounts/{account_id}/reconcile", {
          params: { path: { account_id: accountId }, header: { "idempotency-key": key } },
        }),
      ),
    () => void client.invalidateQueries({ queryKey: ["broker_accounts"] }),
  );
  // What was found then is not told any more once something of it was settled.
  const found = compare.data && same(compare.data.items, account.drifts) ? compare.data : undefined;
  const told = found && [OUTCOMES[found.outcome], found.trouble];
  return (
    <div className={classes.comparing}>
      <div role="status">
        <Text size="sm">
          <Dot tone={toneOf(account)}>{stateWords(account)}</Dot>
        </Text>
        <Text size="xs" c="dimmed">
          {compare.error
            ? inWords(compare.error)
            : (told?.filter(Boolean).join(" ") ?? recorded(account))}
        </Text>
      </div>
      {trades && (
        <Button
          size="compact-xs"
          variant="default"
          loading={compare.isPending}
          onClick={() => compare.mutate(account.account_id)}
        >
          Compare now
        </Button>
      )}
    </div>
  );
}

function same(found: readonly Drift[], now: readonly Drift[]): boolean {
  return JSON.stringify(found) === JSON.stringify(now);
}

function toneOf(account: Account): DotTone {
  if (unexplained(account) > 0) return "bad";
  return account.last_sync === null || account.drifts.length > 0 ? "doubt" : "good";
}

function stateWords(account: Account): string {
  const open = unexplained(account);
  if (open > 0) return `${counted(open, "difference")} from the broker`;
  if (account.drifts.length > 0) return "Differs, as you explained";
  return account.last_sync === null ? "Not compared yet" : "Agrees with the broker";
}

function recorded(account: Account): string {
  return account.last_sync === null
    ? "It is compared once a minute while something is held."
    : `Recorded ${istMoment(account.last_sync)}`;
}
