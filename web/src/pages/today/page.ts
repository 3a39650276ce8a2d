import { IconSunHigh } from "@tabler/icons-react";
import type { Page } from "~/app/pages";

export const pages: readonly Page[] = [
  {
    path: "/",
    load: async () => (await import("./Today")).Today,
    bar: { label: "Today", icon: IconSunHigh, order: 0 },
  },
];
