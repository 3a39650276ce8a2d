import { IconBriefcase } from "@tabler/icons-react";
import type { Page } from "~/app/pages";

export const pages: readonly Page[] = [
  {
    path: "/positions",
    load: async () => (await import("./Positions")).Positions,
    bar: { label: "Positions", icon: IconBriefcase, order: 40 },
  },
];
