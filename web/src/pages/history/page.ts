import { IconHistory } from "@tabler/icons-react";
import type { Page } from "~/app/pages";

export const pages: readonly Page[] = [
  {
    path: "/history",
    load: async () => (await import("./Find")).Find,
    bar: { label: "History", icon: IconHistory, order: 50 },
  },
  {
    path: "/history/:streamId",
    load: async () => (await import("./Machine")).Machine,
  },
];
