import { Anchor, List, Text } from "@mantine/core";
import { Link } from "react-router";
import type { Account } from "~/api/types";
import { Panel } from "~/parts/Panel";
import { count } from "~/words/money";
import { istMoment } from "~/words/time";

type Drift = Account["drifts"][number];

/** Where the broker and the platform differ. */
export function Drifts({ account }: { readonly account: Account }) {
  const { drifts } = account;
  const synced = account.last_sync;
  return (
    <Panel
      title="Differences from the broker's books"
      told={synced === null ? undefined : `Last read ${istMoment(synced)}.`}
    >
      {drifts.length === 0 ? (
        <Text size="sm" c="dimmed">
          None: the broker's books are ours.
        </Text>
      ) : (
        <>
          <List size="sm" mb="xs">
            {drifts.map((drift) => (
              <List.Item key={`${drift.kind} ${drift.key} ${drift.product} ${drift.order}`}>
                {inWords(drift)}
              </List.Item>
            ))}
          </List>
          <Anchor component={Link} to={`/positions?account=${account.account_id}`} size="sm">
            Resolve them among the positions
          </Anchor>
        </>
      )}
    </Panel>
  );
}

function inWords(drift: Drift): string {
  const told = `${drift.key}: the broker has ${count(drift.found)}, we expected ${count(drift.expected)}`;
  return drift.explained === null ? told : `${told} (${drift.explained})`;
}
