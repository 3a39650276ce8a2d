import { Alert, Loader, NumberInput, Text } from "@mantine/core";
import type { ReactNode } from "react";
import { useMarketSession } from "~/api/market";
import { inWords } from "~/api/problem";
import type { Schemas } from "~/api/types";
import { useAccounts } from "~/parts/trades/names";
import { count, NOTHING, profit, rupees, tone, wholeRupees } from "~/words/money";
import { istDay, istMinute } from "~/words/time";
import { useMargin } from "./asking";
import classes from "./builder.module.css";
import type { Draft } from "./draft";
import { useLast } from "./useLast";

export function AskedAnew({ busy }: { readonly busy: boolean }) {
  return busy ? <Loader size={14} role="status" aria-label="Asking the market" /> : null;
}

/** Of when the prices are, where the market is closed. */
export function PricesOf({ told }: { readonly told: Schemas["PayoffShown"] | undefined }) {
  const session = useMarketSession().data;
  if (told === undefined || session === undefined || session.is_open) return null;
  return (
    <Text size="xs" c="dimmed" className="figures">
      Market closed: prices of {istDay(told.prices_at)}, {istMinute(told.prices_at)}
    </Text>
  );
}

interface Why {
  readonly failure: Error | null;
  readonly legs: number;
  readonly stale: boolean;
}

/** Why there is no picture, or why it is an old one. */
export function NotPriced({ failure, legs, stale }: Why) {
  if (legs === 0) {
    return (
      <Text c="dimmed" py="xl" ta="center">
        Pick legs on the option chain below, and their payoff is drawn here.
      </Text>
    );
  }
  if (failure === null) return null;
  return (
    <Alert color="yellow" p="xs" mb="xs" title="The market cannot price this now">
      {inWords(failure)}
      {stale && ". What you see is the picture before."}
    </Alert>
  );
}

interface Figures {
  readonly draft: Draft;
  readonly told: Schemas["PayoffShown"] | undefined;
  readonly multiplier: number;
  readonly onMultiplier: (multiplier: number) => void;
}

/** What the position takes, may make and may lose, and how it moves with the market. */
export function Numbers({ draft, told, multiplier, onMultiplier }: Figures) {
  const { delta, gamma, theta, vega } = told?.greeks ?? {};
  const credit = (told?.net_premium ?? 0) >= 0;
  return (
    <dl className={`${classes.figures} figures`} aria-label="What it takes and makes">
      <Figure name={credit ? "Net premium taken" : "Net premium paid"}>
        {rupees(told && Math.abs(told.net_premium))}
      </Figure>
      <Figure name="Most to make">
        {told && (told.max_profit === null ? "No limit" : <Made of={told.max_profit} />)}
      </Figure>
      <Figure name="Most to lose">
        {told &&
          (told.max_loss === null ? (
            <span className="loss">No limit</span>
          ) : (
            <Made of={-told.max_loss} />
          ))}
      </Figure>
      <Figure name="Breakevens">
        {told?.breakevens.map((each) => count(Math.round(each))).join(" · ") || NOTHING}
      </Figure>
      <MarginFigure draft={draft} multiplier={multiplier} />
      <Figure name="Delta · Gamma">
        {told ? `${signed(delta, 1)} · ${signed(gamma, 2)}` : NOTHING}
      </Figure>
      <Figure name="Theta a day · Vega">
        {told ? `${signed(theta, 0)} · ${signed(vega, 0)}` : NOTHING}
      </Figure>
      <Figure name="Shown at multiplier">
        <NumberInput
          aria-label="Multiplier"
          size="xs"
          w={70}
          min={1}
          max={100}
          allowDecimal={false}
          clampBehavior="strict"
          value={multiplier}
          onChange={(value) => onMultiplier(Number(value) || 1)}
        />
      </Figure>
    </dl>
  );
}

function Made({ of }: { readonly of: number }) {
  return <span className={tone(of)}>{profit(of)}</span>;
}

function signed(figure: number | undefined, digits: number): string {
  if (figure === undefined) return NOTHING;
  const shown = new Intl.NumberFormat("en-IN", {
    minimumFractionDigits: digits,
    maximumFractionDigits: digits,
    signDisplay: "exceptZero",
  }).format(figure);
  return shown.replace("-", "\u2212");
}

function MarginFigure({ draft, multiplier }: Pick<Figures, "draft" | "multiplier">) {
  const accounts = useAccounts().data?.items ?? [];
  const account = accounts.find((each) => each.status === "CONNECTED") ?? accounts[0];
  const asked = useMargin(draft, multiplier, account?.account_id ?? null);
  const margin = useLast(asked.data);
  const none = draft.legs.length === 0 || margin === undefined;
  return (
    <Figure name="Margin">
      {asked.error ? (
        <Text size="xs" className="loss" style={{ whiteSpace: "normal" }}>
          {inWords(asked.error)}
        </Text>
      ) : none ? (
        NOTHING
      ) : (
        <>
          <span className={margin.fits ? "" : "loss"}>{wholeRupees(margin.final)}</span>
          <small>
            {margin.fits ? "of" : "more than"} {wholeRupees(margin.available)}
          </small>
        </>
      )}
    </Figure>
  );
}

function Figure({ name, children }: { readonly name: string; readonly children: ReactNode }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children || NOTHING}</dd>
    </div>
  );
}
