import { profit, summed, tone } from "~/words/money";
import classes from "./positions.module.css";

/** What is made so far: still open, and for good. */
export function Sums({
  of: { realised, unrealised },
  label,
}: {
  readonly of: { readonly realised: number; readonly unrealised: number | null };
  readonly label: string;
}) {
  const whole = unrealised === null ? null : summed([realised, unrealised]);
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset is for what can be filled in
    <div role="group" aria-label={label} className={classes.sums}>
      <Sum name="Unrealised" amount={unrealised} />
      <Sum name="Realised" amount={realised} />
      <Sum name="Together" amount={whole} />
    </div>
  );
}

function Sum({ name, amount }: { readonly name: string; readonly amount: number | null }) {
  return (
    <span>
      <span className={classes.sumName}>{name}</span>{" "}
      <span className={`${tone(amount)} figures`}>{profit(amount)}</span>
    </span>
  );
}
