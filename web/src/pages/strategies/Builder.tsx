import { useDebouncedValue } from "@mantine/hooks";
import { lazy, Suspense, useCallback, useMemo, useState } from "react";
import { useTrades } from "~/api/profile";
import type { Schemas, Strategy } from "~/api/types";
import { Waiting } from "~/app/Waiting";
import type { Limit } from "~/parts/payoff/picture";
import { useDays, useLadders, usePayoff } from "./asking";
import { BuilderHead } from "./BuilderHead";
import classes from "./builder.module.css";
import { ChainPanel } from "./ChainPanel";
import { type Draft, underlyingOf } from "./draft";
import { FaultsOfDraft, faultsIn } from "./faults";
import { LegsPanel } from "./LegsPanel";
import { AskedAnew, NotPriced, Numbers, PricesOf } from "./Numbers";
import { Panel } from "./Panel";
import { moved, placedLegs } from "./placing";
import { RiskPanel } from "./RiskPanel";
import { SchedulePanel } from "./SchedulePanel";
import { useEditing } from "./useEditing";
import { useLast } from "./useLast";

const PayoffChart = lazy(async () => ({
  default: (await import("~/parts/payoff/PayoffChart")).PayoffChart,
}));

/** Milliseconds of quiet before what was edited is asked about. */
const QUIET_MS = 150;

/** Change the draft: from what it is to what it shall be. */
export type Edit = (change: (draft: Draft) => Draft) => void;

interface Begun {
  readonly first: Draft;
  readonly strategy?: Strategy;
  readonly basket: string | null;
}

/** One strategy under the hand: legs, what they would make, when they trade, and what may be lost. */
export function Builder({ first, strategy, basket }: Begun) {
  const editing = useEditing(first, strategy);
  const { draft, edit } = editing;
  const [multiplier, setMultiplier] = useState(1);
  const [asked] = useDebouncedValue(draft, QUIET_MS, { leading: true });
  const payoff = usePayoff(asked, multiplier);
  const told = useLast(payoff.data);
  const days = useDays(asked);
  const faults = faultsIn(days.data?.faults, days.error);
  const underlying = underlyingOf(draft) ?? told?.legs[0]?.underlying ?? null;
  const ladders = useLadders(
    underlying,
    (told?.legs ?? []).map((leg) => leg.expiry),
  );
  const placed = useMemo(() => placedLegs(draft.legs, told, ladders), [draft.legs, told, ladders]);
  const move = useCallback(
    (leg: number, place: number) => edit((was) => moved(was, told, ladders, leg, place)),
    [edit, told, ladders],
  );
  const shown = draft.legs.length > 0 ? told : undefined;
  const limits = useMemo(() => limitLines(shown?.limits), [shown?.limits]);
  const readOnly = !useTrades();

  return (
    <FaultsOfDraft value={faults}>
      <BuilderHead editing={editing} basket={basket} underlying={underlying} />
      <fieldset className={classes.builder} disabled={readOnly}>
        <Panel
          title="Payoff"
          area={classes.payoff}
          side={
            <>
              <PricesOf told={shown} />
              <AskedAnew busy={payoff.isFetching && payoff.isPlaceholderData} />
            </>
          }
        >
          <NotPriced failure={payoff.error} legs={draft.legs.length} stale={shown !== undefined} />
          {shown && (
            <Suspense fallback={<Waiting for="the chart" />}>
              <PayoffChart
                points={shown.points}
                spot={shown.spot}
                breakevens={shown.breakevens}
                limits={limits}
                placed={placed}
                onMove={readOnly ? undefined : move}
              />
            </Suspense>
          )}
          <Numbers
            draft={asked}
            told={shown}
            multiplier={multiplier}
            onMultiplier={setMultiplier}
          />
        </Panel>
        <div className={classes.legs}>
          <LegsPanel
            draft={draft}
            edit={edit}
            underlying={underlying}
            told={shown}
            ladders={ladders}
            onMove={move}
          />
        </div>
        <div className={classes.chain}>
          <ChainPanel draft={draft} edit={edit} underlying={underlying} told={shown} />
        </div>
        <div className={classes.side}>
          <SchedulePanel draft={draft} edit={edit} days={days.data} />
          <RiskPanel draft={draft} edit={edit} />
        </div>
      </fieldset>
    </FaultsOfDraft>
  );
}

/** The limits that are set, by the platform's own reckoning. */
function limitLines(limits: Schemas["LimitsAt"] | undefined): readonly Limit[] {
  const named = [
    ["Max loss", limits?.max_loss],
    ["Stop loss", limits?.stop_loss],
    ["Target", limits?.target_profit],
  ] as const;
  return named.flatMap(([title, at]) => (at == null ? [] : [{ title, at }]));
}
