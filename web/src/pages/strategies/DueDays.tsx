import type { Schemas } from "~/api/types";
import { istDay, istMinute } from "~/words/time";
import classes from "./builder.module.css";

/** Each of the next days: the minute of entry, or why there is none. */
export function DueDays({ days }: { readonly days: Schemas["UpcomingShown"] | undefined }) {
  return (
    <ol className={`${classes.days} figures`} aria-label="The next ten days">
      {days?.days.map(({ day, due_at, reason }) => (
        <li key={day} className={reason ? (classes.gap ?? "") : ""}>
          <span>{istDay(due_at)}</span>
          {reason ? <span>{reason.message}</span> : <b>enters {istMinute(due_at)}</b>}
        </li>
      ))}
    </ol>
  );
}
