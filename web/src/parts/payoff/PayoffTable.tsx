import { count, NOTHING, profit, tone } from "~/words/money";
import classes from "./payoff.module.css";
import type { Point } from "./scale";

interface Told {
  readonly points: readonly Point[];
  /** Between which prices. */
  readonly low: number;
  readonly high: number;
}

/** The picture in figures, for who reads rather than looks. */
export function PayoffTable({ points, low, high }: Told) {
  const shown = points.filter(({ spot }) => spot >= low && spot <= high);
  return (
    <details className={classes.words}>
      <summary>As a table</summary>
      <table className="figures">
        <caption>Profit by the price of the underlying</caption>
        <thead>
          <tr>
            <th scope="col">Price</th>
            <th scope="col">At expiry</th>
            <th scope="col">Today</th>
          </tr>
        </thead>
        <tbody>
          {shown.map(({ spot, profit: made, today }) => (
            <tr key={spot}>
              <th scope="row">{count(spot)}</th>
              <td className={tone(made)}>{profit(made)}</td>
              <td className={tone(today)}>{today === null ? NOTHING : profit(today)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </details>
  );
}
