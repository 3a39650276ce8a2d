import { profit, tone } from "~/words/money";
import classes from "./today.module.css";

/** What was made or lost, with its sign and colour; a dash where nobody knows. */
export function Money({
  of,
  className = "",
}: {
  readonly of: number | null | undefined;
  readonly className?: string | undefined;
}) {
  return <span className={`figures ${classes.money} ${tone(of)} ${className}`}>{profit(of)}</span>;
}
