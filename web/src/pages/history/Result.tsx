import { Anchor } from "@mantine/core";
import type { ReactNode } from "react";
import { Link } from "react-router";
import type { Run } from "~/api/types";
import { useRunWords } from "~/parts/runs/asking";
import { whyInFull } from "~/parts/runs/words";
import { useNames } from "~/parts/trades/names";
import { profit, rupees, tone } from "~/words/money";
import { istDay, istMinute } from "~/words/time";
import type { Stream } from "./asking";
import classes from "./machine.module.css";
import { runIn, whyLabel } from "./run";

/** A run in one line: whose, when, what came of it and why. */
export function Result({ head }: { readonly head: Stream }) {
  const run = runIn(head.views);
  const names = useNames();
  if (run === undefined) return null;
  return (
    <dl className={classes.facts} aria-label="The run as it is now">
      <Fact label="Strategy">
        {run.strategy_id.startsWith("STRAT-") ? (
          <Anchor component={Link} to={`/strategies/${run.strategy_id}`} inherit>
            {names.strategy(run.strategy_id)}
          </Anchor>
        ) : (
          names.strategy(run.strategy_id)
        )}
      </Fact>
      <Fact label="Account">
        <Anchor component={Link} to={`/accounts/${run.account_id}`} inherit>
          {names.account(run.account_id)}
        </Anchor>
      </Fact>
      <Fact label="Due">
        {istDay(run.due_at)}, {istMinute(run.due_at)}
      </Fact>
      <Fact label="Trades">
        {run.underlying} × {run.multiplier}, {run.product}
      </Fact>
      <Outcome run={run} />
    </dl>
  );
}

function Outcome({ run }: { readonly run: Run }) {
  const why = whyInFull(run, useRunWords());
  return (
    <>
      {run.realised !== null && (
        <Fact label="Result">
          <span className={tone(run.realised)}>{profit(run.realised)}</span>, charges{" "}
          {rupees(run.charges)}
        </Fact>
      )}
      {why !== undefined && <Fact label={whyLabel(run)}>{why}</Fact>}
    </>
  );
}

function Fact({ label, children }: { readonly label: string; readonly children: ReactNode }) {
  return (
    <div>
      <dt>{label}</dt>
      <dd className="figures">{children}</dd>
    </div>
  );
}
