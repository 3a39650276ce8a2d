import { Alert, Button, Checkbox, Group, Stack, Text } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useNavigate } from "react-router";
import { useAction } from "~/api/action";
import { Waiting } from "~/app/Waiting";
import { Panel } from "~/parts/Panel";
import { Trouble } from "~/parts/Trouble";
import { useAccounts } from "~/parts/trades/names";
import { counted } from "~/words/money";
import classes from "./baskets.module.css";
import type { BasketFile, Verdict } from "./file";
import { importBasket, useVerdicts } from "./importing";

/** What a file holds and what is wrong with it, before anything is stored. */
export function Imported({ file }: { readonly file: BasketFile }) {
  const verdicts = useVerdicts(file);
  const failed = verdicts.find((each) => each.isError);
  if (failed !== undefined) return <Trouble of={failed.error} again={failed.refetch} />;
  const told = verdicts.flatMap((each) => each.data ?? []);
  if (told.length < verdicts.length) return <Waiting for="the platform's word on it" />;
  return (
    <Panel
      title={file.name}
      told={`${counted(file.strategies.length, "strategy", "strategies")}, × ${file.multiplier}`}
    >
      <Stack>
        {file.description !== "" && <Text size="sm">{file.description}</Text>}
        {file.strategies.map((strategy, place) => (
          <Judged
            // biome-ignore lint/suspicious/noArrayIndexKey: a strategy of a file is its place in it
            key={place}
            name={String(strategy.name ?? `Strategy ${place + 1}`)}
            verdict={told[place]}
          />
        ))}
        {told.some((each) => each.unreadable) ? (
          <Alert color="red" role="alert">
            It cannot be imported like this, and nothing was changed. Mend the file and choose it
            again.
          </Alert>
        ) : (
          <Take file={file} faulty={told.some((each) => each.faults.length > 0)} />
        )}
      </Stack>
    </Panel>
  );
}

function Judged({
  name,
  verdict,
}: {
  readonly name: string;
  readonly verdict: Verdict | undefined;
}) {
  const faults = verdict?.faults ?? [];
  return (
    <div>
      <Text size="sm" fw={600}>
        {name}
      </Text>
      {faults.length === 0 ? (
        <Text size="sm" c="dimmed">
          Nothing is wrong with it.
        </Text>
      ) : (
        <ul className={classes.faults} aria-label={`Faults of ${name}`}>
          {faults.map((fault) => (
            <li key={`${fault.field} ${fault.code}`}>
              <b>{fault.field}</b>: {fault.message}
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}

/** Where it is to trade, and the button that stores it. */
function Take({ file, faulty }: { readonly file: BasketFile; readonly faulty: boolean }) {
  const linked = useAccounts().data?.items ?? [];
  const [chosen, setChosen] = useState<readonly string[]>([]);
  const goTo = useNavigate();
  const client = useQueryClient();
  const action = useAction(importBasket, ({ basket_id }) => {
    for (const view of ["baskets", "strategies"]) {
      void client.invalidateQueries({ queryKey: [view] });
    }
    void goTo(`/baskets/${basket_id}`);
  });
  const only = linked.length === 1 ? linked.map((each) => each.account_id) : chosen;
  return (
    <>
      {linked.length > 1 && (
        <Checkbox.Group label="Trades on" value={[...chosen]} onChange={setChosen}>
          <Group mt={4}>
            {linked.map(({ account_id, account_name }) => (
              <Checkbox key={account_id} value={account_id} label={account_name} />
            ))}
          </Group>
        </Checkbox.Group>
      )}
      <Text size="sm" c="dimmed">
        It comes in as a draft and trades nothing until it is activated.
        {faulty && " What is wrong with it stays with it, and has to be mended before that."}
      </Text>
      <Trouble of={action.error} />
      <Group justify="flex-end">
        <Button loading={action.isPending} onClick={() => action.mutate({ file, accounts: only })}>
          {faulty ? "Import as it is" : "Import it"}
        </Button>
      </Group>
    </>
  );
}
