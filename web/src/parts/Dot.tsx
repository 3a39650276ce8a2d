import type { ReactNode } from "react";
import classes from "./dot.module.css";

export type DotTone = "good" | "working" | "waiting" | "quiet" | "bad" | "doubt";

/** A status: a word with a dot of its colour, readable without the colour. */
export function Dot({ tone, children }: { readonly tone: DotTone; readonly children: ReactNode }) {
  return (
    <span className={classes.dot} data-tone={tone}>
      {children}
    </span>
  );
}
