import { profit, tone } from "~/words/money";

/** What was made or lost, with its sign and colour; a dash where nobody knows. */
export function Money({
  of,
  className = "",
}: {
  readonly of: number | null | undefined;
  readonly className?: string | undefined;
}) {
  return <span className={`figures ${tone(of)} ${className}`}>{profit(of)}</span>;
}
