import { Text } from "@mantine/core";
import type { Account } from "~/api/types";
import { Trouble } from "~/parts/Trouble";
import { useNames } from "~/parts/trades/names";
import { type Scope, useStanding } from "./asking";
import { effectsOf } from "./effect";
import classes from "./kill.module.css";

/** What will happen on one account. */
export function Effects({ account, scope }: { readonly account: Account; readonly scope: Scope }) {
  const { standing, failure } = useStanding(account.account_id);
  const names = useNames();
  if (standing === undefined) {
    return failure === null ? (
      <Text size="sm" c="dimmed" role="status">
        Looking at what is open there …
      </Text>
    ) : (
      <Trouble of={failure} />
    );
  }
  return (
    <ul className={classes.effects} aria-label={`What will happen on ${account.account_name}`}>
      {effectsOf(standing, scope, names.strategy).map((effect) => (
        <li key={effect}>{effect}</li>
      ))}
      {account.status !== "CONNECTED" && (
        <li>
          Nobody is logged in at its broker: what is open there cannot be left before a login.
        </li>
      )}
    </ul>
  );
}
