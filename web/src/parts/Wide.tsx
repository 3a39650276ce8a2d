import type { ReactNode } from "react";
import classes from "./wide.module.css";

/** A box that scrolls by itself where what it holds is wider than the screen. */
export function Wide({ of, children }: { readonly of: string; readonly children: ReactNode }) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: who has no mouse scrolls it by the arrow keys
    <section className={classes.wide} aria-label={of} tabIndex={0}>
      {children}
    </section>
  );
}
