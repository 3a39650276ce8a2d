import type { ReactNode, Ref } from "react";
import classes from "./trades.module.css";

/** A box whose content may be wider or longer than the screen; the page itself never is. */
export function Scrolled({
  label,
  tall = false,
  box,
  children,
}: {
  readonly label: string;
  /** As high as the screen allows, and scrolled within. */
  readonly tall?: boolean;
  readonly box?: Ref<HTMLElement>;
  readonly children: ReactNode;
}) {
  return (
    <section
      ref={box}
      aria-label={label}
      className={classes.scrolled}
      data-tall={tall || undefined}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reached by keys
      tabIndex={0}
    >
      {children}
    </section>
  );
}
