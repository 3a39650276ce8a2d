import { IconListCheck } from "@tabler/icons-react";
import type { Page } from "~/app/pages";

export const pages: readonly Page[] = [
  {
    path: "/start",
    load: async () => (await import("./Start")).Start,
    bar: { label: "Get started", icon: IconListCheck, order: 1, roles: ["trader", "admin"] },
  },
];
