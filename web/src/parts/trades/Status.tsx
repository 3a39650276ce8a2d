import classes from "./trades.module.css";
import { statusTone, statusWord } from "./words";

/** What has become of an order, a leg or a slice. */
export function Status({ of }: { readonly of: string }) {
  return (
    <span className={classes.status} data-tone={statusTone(of)}>
      {statusWord(of)}
    </span>
  );
}
