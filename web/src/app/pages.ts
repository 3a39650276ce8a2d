import type { ComponentType } from "react";
import type { Role } from "~/api/types";

/** A page of the desk: `pages/<name>/page.ts` exports those of its folder as `pages`. */
export interface Page {
  /** After the `#`, as react-router writes it. */
  readonly path: string;
  readonly load: () => Promise<ComponentType>;
  /** Its place in the bar at the side; a page without one is reached from others. */
  readonly bar?: {
    readonly label: string;
    readonly icon: ComponentType<{ size?: number; stroke?: number }>;
    readonly order: number;
    /** Who sees it; everybody unless given. */
    readonly roles?: readonly Role[];
  };
}

const found = import.meta.glob<{ pages: readonly Page[] }>("../pages/*/page.ts", { eager: true });

export const pages: readonly Page[] = Object.values(found).flatMap((each) => each.pages);
