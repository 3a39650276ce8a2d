import { wholeRupees } from "~/words/money";
import type { Triggers } from "./asking";
import { gaugeOf, nearerLoss } from "./day";
import classes from "./today.module.css";

/** Between the loss and the profit at which the run leaves: where it stands now. */
export function Gauge({
  limits,
  gross,
}: {
  readonly limits: Triggers;
  readonly gross: number | null;
}) {
  const loss = nearerLoss(limits.max_loss, limits.stop_loss);
  const target = limits.target_profit;
  if (loss === null && target === null) return null;
  const zero = gaugeOf(0, loss, target);
  const at = gross === null ? undefined : gaugeOf(gross, loss, target);
  return (
    <div className={classes.limits}>
      <div className={classes.gauge} aria-hidden>
        {at !== undefined && (
          <span
            className={classes.filled}
            data-tone={at < zero ? "loss" : "gain"}
            style={{ left: `${Math.min(at, zero)}%`, width: `${Math.abs(at - zero)}%` }}
          />
        )}
        <span className={classes.zero} style={{ left: `${zero}%` }} />
      </div>
      <div className={`${classes.ends} figures`}>
        <span>{loss === null ? "no stop" : `stop ${wholeRupees(loss)}`}</span>
        <span>{target === null ? "no target" : `target ${wholeRupees(target)}`}</span>
      </div>
    </div>
  );
}
