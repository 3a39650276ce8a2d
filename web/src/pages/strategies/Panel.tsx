import { Title } from "@mantine/core";
import type { ReactNode } from "react";
import classes from "./builder.module.css";

interface Titled {
  readonly title: string;
  readonly area?: string | undefined;
  readonly side?: ReactNode;
  readonly children: ReactNode;
}

/** A part of the builder, with its name and what belongs beside it. */
export function Panel({ title, area, side, children }: Titled) {
  return (
    <section className={`${classes.panel} ${area ?? ""}`} aria-label={title}>
      <header className={classes.panelHead}>
        <Title order={2} size="h5">
          {title}
        </Title>
        {side}
      </header>
      {children}
    </section>
  );
}
