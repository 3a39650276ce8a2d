import { type SyntheticEvent, useState } from "react";
import classes from "./raw.module.css";
import type { Event } from "./telling";

/** The event as it is stored, for whoever has to know to the letter. */
export function RawEvent({ of }: { readonly of: Event }) {
  const [open, setOpen] = useState(false);
  function toggled(event: SyntheticEvent<HTMLDetailsElement>) {
    setOpen(event.currentTarget.open);
  }
  return (
    <details className={classes.raw} onToggle={toggled}>
      <summary>Raw event</summary>
      {open && (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reached by keys
        <pre tabIndex={0}>{JSON.stringify(of, null, 2)}</pre>
      )}
    </details>
  );
}
