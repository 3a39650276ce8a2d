import { Alert, Button, Group, Stack, Text } from "@mantine/core";
import { IconArrowsDiff } from "@tabler/icons-react";
import { useState } from "react";
import { useTrades } from "~/api/profile";
import type { Account } from "~/api/types";
import { unexplained } from "~/parts/account";
import tones from "~/parts/trades/trades.module.css";
import { istMoment } from "~/words/time";
import { type Drift, driftKey, driftWords, type Way, waysOut } from "./drift";
import { Resolve } from "./Resolve";

/** What each way out is called on its button. */
const CALLED: Readonly<Record<Way, string>> = {
  adopt: "Count it in…",
  ignore: "It is mine…",
  flatten: "Trade it away…",
  explain: "Let it be…",
};

/** Where the broker and the platform differ on an account, and the ways out. */
export function AccountDrifts({ account }: { readonly account: Account }) {
  const open = unexplained(account) > 0;
  return (
    <Alert
      mb="sm"
      variant="default"
      className={open ? (tones.alarming ?? "") : ""}
      icon={<IconArrowsDiff />}
      title={open ? "The broker and the platform differ" : "Differences you explained"}
    >
      <Stack gap="sm">
        {open && (
          <Text size="sm">
            Runs that hold such a contract take no new risk; they are watched, and exits never trade
            more than the broker has. It was seen twice, so it is not an order on its way.
          </Text>
        )}
        {account.drifts.map((drift) => (
          <OneDrift key={driftKey(drift)} account={account} drift={drift} />
        ))}
      </Stack>
    </Alert>
  );
}

function OneDrift({ account, drift }: { readonly account: Account; readonly drift: Drift }) {
  const trades = useTrades();
  const [way, setWay] = useState<Way>();
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset is for what can be filled in
    <div role="group" aria-label={driftWords(drift)}>
      <Text size="sm" fw={600} className="figures">
        {driftWords(drift)}
      </Text>
      <Text size="xs">
        Since {istMoment(drift.since)}
        {drift.explained !== null && `. You said: ${drift.explained}`}
      </Text>
      {trades && (
        <Group gap="xs" mt={6}>
          {waysOut(drift).map((each) => (
            <Button key={each} size="compact-xs" variant="default" onClick={() => setWay(each)}>
              {CALLED[each]}
            </Button>
          ))}
        </Group>
      )}
      {way !== undefined && (
        <Resolve account={account} drift={drift} way={way} onClose={() => setWay(undefined)} />
      )}
    </div>
  );
}
